package dev.reflexloop.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs every benchmark for a moment, so that none rots. Asserts what they count and which figures they write; how fast this machine is
 * just now is no concern of a test.
 */
class BenchmarksIT {
    @TempDir
    private Path folder;

    @Test
    void loop_shortForm_writesItsFigures() throws Exception {
        assertThat(run("loop", "--warm-up=2000", "--decisions=2000")).isZero();

        JsonNode figures = figures("loop");
        assertThat(figures.path("decisions").asInt()).isEqualTo(2_000);
        assertThat(figures.path("loggedLostRecords").asInt(-1)).isZero();
        assertPositive(
                figures,
                "overheadP50Micros",
                "overheadP99Micros",
                "allocatedBytesPerDecision",
                "loggedP50Micros",
                "isolatedP50Micros",
                "guardedP50Micros",
                "guardedBytesPerDecision",
                "pacedP50Micros");
    }

    @Test
    void jmh_shortForm_writesItsFigures() throws Exception {
        assertThat(run("jmh")).isZero();

        assertPositive(figures("loop"), "jmhP50Micros", "jmhP99Micros", "jmhBytesPerTick", "jmhIsolatedP50Micros");
    }

    @Test
    void hung_shortForm_servesEveryTickAndLeaksNoThread() throws Exception {
        assertThat(run("hung", "--ticks=400")).isZero();

        JsonNode figures = figures("hung");
        assertThat(figures.path("ticks").asInt()).isEqualTo(400);
        assertThat(figures.path("servedByFallback").asInt()).isEqualTo(400);
        assertThat(figures.path("threadsAfter").asInt())
                .isLessThanOrEqualTo(figures.path("threadsBefore").asInt() + 3);
        assertPositive(figures, "onTimeShare", "controlP999Millis", "deafOnTimeShare", "stuckOnTimeShare");
        assertThat(figures.has("p999OverBudgetMillis")).isTrue();
    }

    @Test
    void loops_shortForm_countsEveryLoop() throws Exception {
        assertThat(run("loops", "--loops=50", "--warm-up=1", "--seconds=2")).isZero();

        JsonNode figures = figures("loops");
        assertThat(figures.path("loops").asInt()).isEqualTo(50);
        assertThat(figures.path("threads").asInt()).isBetween(1, 8);
        assertThat(figures.path("lostRecords").asInt(-1)).isZero();
        assertThat(figures.has("lateTicks")).isTrue();
        assertPositive(figures, "cores", "coresLogOff", "decisions", "perceivedToMovedP99Millis");
    }

    @Test
    void tick_withinTheLimit_exitsWithZero() throws Exception {
        assertThat(run("tick", "--seconds=1", "--limit=60000")).isZero();

        JsonNode figures = figures("tick");
        assertThat(figures.path("ticks").asInt()).isEqualTo(30);
        assertPositive(figures, "p50Millis", "p99Millis", "p999Millis", "maxMillis");
        assertThat(figures.has("budgetMisses")).isTrue();
    }

    @Test
    void tick_everyTickAboveTheLimit_exitsWithOne() throws Exception {
        assertThat(run("tick", "--seconds=1", "--rate=4", "--model=silent", "--budget=300"))
                .isEqualTo(1);

        assertThat(figures("tick").path("servedByModel").asInt(-1)).isZero();
    }

    @Test
    void nano_shortFormOnAGeneratedModel_writesItsFigures() throws Exception {
        assertThat(run("nano", "--model=random", "--largest=1M")).isZero();

        JsonNode figures = figures("nano-random");
        assertThat(figures.path("modelServedShare").asDouble(-1)).isPositive();
        assertPositive(figures, "parameters", "p50Millis", "p99Millis", "pacedP50Millis", "evaluatedTokens");
        assertPositive(figures, "plain.1M.4.millis", "plain.1M.32.picosPerParameterToken");
    }

    @Test
    void telemetry_shortForm_writesItsFigures() throws Exception {
        assertThat(run("telemetry")).isZero();

        assertPositive(figures("telemetry"), "offNanos", "ringNanos", "offTickNanos", "ringTickNanos", "ringTickBytes");
        assertThat(figures("telemetry").path("ringBytes").asDouble())
                .isGreaterThan(figures("telemetry").path("offBytes").asDouble());
    }

    @Test
    void watched_shortForm_accountsForEveryEvent() throws Exception {
        assertThat(run("watched")).isZero();

        JsonNode figures = figures("telemetry");
        assertPositive(figures, "offP99Micros", "watchedP99Micros", "publishedEvents", "liveReadersGot");
        assertThat(figures.path("lostEventsInFile").asLong(-1)).isZero();
        assertThat(figures.path("unaccountedEvents").asLong(-1)).isZero();
    }

    @Test
    void nanoJmh_shortForm_writesItsFigures() throws Exception {
        assertThat(run("nano-jmh")).isZero();

        assertPositive(figures("nano"), "jmhPlain.4.p50Micros", "jmhPlain.4.p99Micros", "jmhPlain.4.bytes");
    }

    @Test
    void wire_shortFormOfThePeers_writesItsFigures() throws Exception {
        GeneratedModelIT.assumeServer();
        assertThat(run("wire", "--only=peers", "--warm-up=20", "--ticks=2")).isZero();

        JsonNode figures = figures("wire");
        assertPositive(
                figures,
                "timesFasterThanAiServices",
                "timesFasterThanPlainPrompt",
                "rawCompletionP50Millis",
                "systemOneEvaluatedTokens",
                "aiServicesWrittenTokens",
                "plainPromptWrittenTokens");
        assertThat(figures.path("evaluatedTokens").asDouble()).isGreaterThanOrEqualTo(16);
        assertThat(figures.path("rawCompletionEvaluatedTokens").asDouble())
                .isEqualTo(figures.path("evaluatedTokens").asDouble());
    }

    @Test
    void nano_missingModel_exitsWithTwo() throws Exception {
        assertThat(run("nano", "--model=" + folder.resolve("none.gguf"))).isEqualTo(2);
    }

    @Test
    void arguments_unknown_exitWithTwo() throws Exception {
        assertThat(Benchmarks.run(List.of())).isEqualTo(2);
        assertThat(Benchmarks.run(List.of("nothing"))).isEqualTo(2);
        assertThat(run("loop", "--faster")).isEqualTo(2);
        assertThat(run("tick", "--model=other")).isEqualTo(2);
        assertThat(run("wire", "--only=others")).isEqualTo(2);
    }

    private int run(String name, String... options) throws InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(name, "--short", "--results=" + folder));
        arguments.addAll(List.of(options));
        return Benchmarks.run(arguments);
    }

    private JsonNode figures(String topic) throws IOException {
        return new JsonMapper()
                .readTree(Files.readAllBytes(folder.resolve(topic + ".json")))
                .path("figures");
    }

    private static void assertPositive(JsonNode figures, String... names) {
        assertThat(names)
                .allSatisfy(name ->
                        assertThat(figures.path(name).asDouble(-1)).as(name).isPositive());
    }
}
