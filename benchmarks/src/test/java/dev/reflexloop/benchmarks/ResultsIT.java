package dev.reflexloop.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Writes results into a folder, and asks git which commit they belong to. */
class ResultsIT {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private Path folder;

    @Test
    void write_newTopic_hasTheDesignsFields() throws IOException {
        JsonNode written = write(new Results("loop", "a command")
                .figure("overheadP50Micros", 4.12345)
                .count("ticks", 7));

        assertThat(written.properties())
                .extracting(field -> field.getKey())
                .containsExactly("topic", "date", "commit", "machine", "jvm", "command", "figures");
        assertThat(written.path("topic").asText()).isEqualTo("loop");
        assertThat(Instant.parse(written.path("date").asText())).isBefore(Instant.now());
        assertThat(written.path("commit").asText()).matches("[0-9a-f]{12}(-dirty)?|unknown");
        assertThat(written.path("machine").asText()).matches("\\d+ x .+");
        assertThat(written.path("command").asText()).isEqualTo("a command");
        assertThat(written.path("figures").toString()).isEqualTo("{\"overheadP50Micros\":4.123,\"ticks\":7}");
    }

    @Test
    void write_sameRunInPieces_mergesWithoutAWord() throws IOException {
        write(new Results("nano", "a command").count("parameters", 5).figure("p50Millis", 1.5));
        JsonNode written = write(new Results("nano", "a command").figure("p50Millis", 2.5));

        assertThat(written.path("figures").toString()).isEqualTo("{\"parameters\":5,\"p50Millis\":2.5}");
        assertThat(written.has("earlier")).isFalse();
    }

    @Test
    void write_piecesOfOtherCommands_keepTheirOriginBesideThem() throws IOException {
        write(new Results("nano", "first").count("a", 1).count("b", 1));
        write(new Results("nano", "second").count("c", 2));
        JsonNode written = write(new Results("nano", "third").count("b", 3));

        assertThat(written.path("figures").toString()).isEqualTo("{\"a\":1,\"c\":2,\"b\":3}");
        assertThat(written.path("earlier")).hasSize(2);
        assertThat(written.path("earlier").path(0).path("command").asText()).isEqualTo("first");
        assertThat(written.path("earlier").path(0).path("names").toString()).isEqualTo("[\"a\"]");
        assertThat(written.path("earlier").path(1).path("command").asText()).isEqualTo("second");
        assertThat(written.path("earlier").path(1).path("names").toString()).isEqualTo("[\"c\"]");
    }

    @Test
    void figure_notFinite_isRefused() {
        assertThatThrownBy(() -> new Results("loop", "a command").figure("p50", Double.NaN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'p50' of topic 'loop'");
    }

    private JsonNode write(Results results) throws IOException {
        return JSON.readTree(Files.readAllBytes(results.write(folder)));
    }
}
