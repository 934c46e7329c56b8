package dev.reflexloop.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the README says was measured is what the results say. */
class PagesTest {
    private static final Path ROOT = Path.of("..");
    private static final JsonMapper JSON = new JsonMapper();

    @ParameterizedTest
    @CsvSource({
        "what a decision costs beside its model, loop, overheadP50Micros, 2",
        "what a decision costs beside its model, loop, overheadP99Micros, 1",
        "what it costs to tell a telemetry bus, telemetry, ringNanos, 0",
        "what it costs to tell a telemetry bus, telemetry, offNanos, 1",
        "'a tick at 10,000 events a second', telemetry, offP99Micros, 1",
        "'a tick at 10,000 events a second', telemetry, watchedP99Micros, 1",
        "'a tick at 10,000 events a second', telemetry, loopP99ShiftPercent, 0",
        "the model of the Robocode example, nano, p50Millis, 2",
        "the model of the Robocode example, nano, p99Millis, 1",
        "the same with the Vector API, nano, vectorP50Millis, 2",
        "the same with the Vector API, nano, vectorP99Millis, 1",
        "'1,000 bots that decide', loops, cores, 2",
        "a 1B model, wire, oneBP50Millis, 0",
        "a 1B model, wire, oneBEvaluatedTokens, 1",
        "the same with the facts in the order given, wire, oneBNaiveOrderP50Millis, 0",
        "what our client adds, wire, clientOverheadP50Millis, 2",
        "what our client adds, wire, clientOverheadP99Millis, 2",
        "the same over a Unix socket, wire, udsOverheadP50Millis, 2",
        "the same over a Unix socket, wire, udsOverheadP99Millis, 2",
        "'duel, nine opponents', robocode, duel.reflex.share, 3",
        "'duel, nine opponents', robocode, duel.rule.share, 3",
        "melee against five, robocode, melee.reflex.share, 3",
        "melee against five, robocode, melee.bestFixed.share, 3",
        "alone against a team of five, robocode, team.reflex.share, 3",
        "alone against a team of five, robocode, team.random.share, 3"
    })
    void table_row_quotesTheFigure(String row, String topic, String figure, int decimals) throws IOException {
        List<String> rows =
                readme().lines().filter(line -> line.startsWith("| " + row)).toList();
        assertThat(rows).hasSize(1);
        assertThat(rows.get(0)).containsPattern("(?<![0-9.])" + quoted(topic, figure, decimals) + "(?![0-9])");
    }

    @ParameterizedTest
    @CsvSource({
        "handover, aloneScore, '%s of the score by itself', 3",
        "handover, keptAt34Percent, '%s when the', 3",
        "handover, randomKeptAt34Percent, '%s when as many are drawn', 3",
        "handover, strategistScore, '%s when all are', 3",
        "faults, ticks, 'none of %s ticks', 0"
    })
    void sentence_quotesTheFigure(String topic, String figure, String words, int decimals) throws IOException {
        String quoted = quoted(topic, figure, decimals);
        String shown = decimals > 0 ? quoted : quoted.replaceFirst("(\\d)(\\d{3})$", "$1,$2");
        assertThat(readme().replaceAll("\\s+", " ")).contains(words.replace("%s", shown));
    }

    private static String readme() throws IOException {
        return Files.readString(ROOT.resolve("README.md")).replace("\r\n", "\n");
    }

    private static String quoted(String topic, String figure, int decimals) throws IOException {
        JsonNode results = JSON.readTree(Files.readAllBytes(ROOT.resolve("benchmarks/results/" + topic + ".json")));
        JsonNode value = results.path("figures").path(figure);
        assertThat(value.isNumber()).as("%s of %s", figure, topic).isTrue();
        return value.decimalValue().setScale(decimals, RoundingMode.HALF_UP).toPlainString();
    }
}
