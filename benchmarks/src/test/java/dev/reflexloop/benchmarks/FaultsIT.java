package dev.reflexloop.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every kind of model over the wire keeps its promises while what comes over the wire is spoilt. */
class FaultsIT {
    private static final double GRACE_MILLIS = 2;

    @Test
    @Timeout(180)
    void adapters_behindAServerThatFails_stayOnTimeAndLeaveNothingBehind(@TempDir Path folder) throws Exception {
        assumeTrue(
                isServerInstalled(),
                "no llama-server is installed: set REFLEX_LLAMA_SERVER to one to spoil what it sends");

        assertThat(Benchmarks.run(List.of("faults", "--short", "--faults=500", "--results=" + folder)))
                .isZero();

        JsonNode figures = new JsonMapper()
                .readTree(Files.readAllBytes(folder.resolve("faults.json")))
                .path("figures");
        assertThat(figures.path("faults").asInt()).isGreaterThanOrEqualTo(500);
        assertThat(figures.path("ticks").asInt()).isPositive();
        assertThat(figures.path("uncountedTicks").asInt(-1)).isZero();
        assertThat(figures.path("leakedThreads").asInt(-1)).isZero();
        assertThat(figures.path("leakedConnections").asInt(-1)).isZero();
        assertThat(figures.path("keptConnections").asInt(-1))
                .as("kept open for the next call by four models of at most twelve calls each")
                .isBetween(0, 4 * 12);
        assertThat(figures.path("recoveryMillis").asDouble(-1)).isBetween(0.0, 1_000.0);
        // on a machine that is busy with other things, no later than a thread that only sleeps
        assertThat(figures.path("maxOverBudgetMillis").asDouble(-1))
                .isBetween(
                        0.0, GRACE_MILLIS + 2 * figures.path("controlMaxMillis").asDouble());
        for (String adapter : List.of("systemone", "llama", "ollama", "openai")) {
            assertThat(figures.path(adapter + ".faults").asInt())
                    .as(adapter + ".faults")
                    .isGreaterThanOrEqualTo(125);
            assertThat(figures.path(adapter + ".servedByFallback").asInt())
                    .as(adapter + ".servedByFallback")
                    .isPositive();
            assertThat(figures.path(adapter + ".servedByModel").asInt())
                    .as(adapter + ".servedByModel")
                    .isPositive();
            assertThat(figures.path(adapter + ".callThreads").asInt())
                    .as(
                            adapter
                                    + ".callThreads, of two loops with three calls in flight each and what the model asks for itself")
                    .isBetween(1, 12);
        }
    }

    private static boolean isServerInstalled() {
        String named = System.getenv("REFLEX_LLAMA_SERVER");
        return Files.isExecutable(
                named != null && !named.isBlank()
                        ? Path.of(named)
                        : Path.of(System.getProperty("user.home"), ".cache", "reflex", "llama", "bin", "llama-server"));
    }
}
