package dev.reflexloop.examples.morrowind;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Half an hour of the scripted game, forty times as fast as the wall's clock; pilot and reflex are processes of their own. */
class MorrowindIT {
    private static final String SPEED = "40";
    private static final String[] BRIDGE = {
        "--once", "--speed", SPEED, "--poll", "10", "--lease", "500", "--model", "rule"
    };

    @TempDir
    Path folder;

    @Test
    void halfAnHour_withTheScriptedPilot_isPlayedOnTime() throws Exception {
        try (Session session = new Session(folder)) {
            Process bridge = session.bridge(BRIDGE);
            Process pilot = session.script("pilot", "--speed", SPEED);
            session.await("pilot", pilot, Duration.ofSeconds(120));
            session.await("bridge", bridge, Duration.ofSeconds(20));
            everyTickWasOnTime(session);
            nothingStaleWasBegun(session);
            everyDecisionIsClosed(session);
        }
    }

    /** Late is only what fell into a time at which the whole process got no processor. */
    private static void everyTickWasOnTime(Session session) throws Exception {
        JsonNode stats = session.stats();
        assertThat(stats.path("decisions").asLong()).isGreaterThan(300);
        long late = session.lines("trajectory.jsonl", "step").stream()
                .filter(step -> step.path("latencyMicros").asLong() > 200_000)
                .filter(step -> !isDuringAStall(step, stats.path("stallsMillis")))
                .count();
        assertThat(late).as("of %s", stats).isZero();
        for (String trouble : List.of("torn_perception", "refused_perception", "refused_event", "unwritten_action")) {
            assertThat(stats.path("troubles").path(trouble).asLong())
                    .as(trouble)
                    .isZero();
        }
    }

    private static boolean isDuringAStall(JsonNode step, JsonNode stalls) {
        long end = java.time.Instant.parse(step.path("at").asText()).toEpochMilli();
        long begin = end - step.path("latencyMicros").asLong() / 1_000;
        for (JsonNode stall : stalls) {
            if (stall.get(0).asLong() <= end && stall.get(1).asLong() >= begin) {
                return true;
            }
        }
        return false;
    }

    /** What the pilot began, it began within its lease, once, and never an older decision after a newer one. */
    private static void nothingStaleWasBegun(Session session) throws Exception {
        List<JsonNode> applied = session.lines("events.jsonl", "applied");
        assertThat(applied).hasSizeGreaterThan(100);
        Set<String> begun = new HashSet<>();
        long newest = -1;
        for (JsonNode each : applied) {
            assertThat(each.path("atMillis").asLong())
                    .as("%s", each)
                    .isLessThanOrEqualTo(each.path("validUntilMillis").asLong());
            assertThat(begun.add(each.path("decision").asText())).as("%s", each).isTrue();
            assertThat(each.path("madeAt").asLong()).as("%s", each).isGreaterThanOrEqualTo(newest);
            newest = each.path("madeAt").asLong();
        }
        JsonNode end = session.lines("events.jsonl", "end").get(0);
        assertThat(end.path("staleRefused").asLong())
                .as("actions that were read too slowly on purpose")
                .isGreaterThanOrEqualTo(1);
    }

    private static void everyDecisionIsClosed(Session session) throws Exception {
        JsonNode closure = session.stats().path("closure");
        assertThat(closure.path("open").asLong()).isZero();
        assertThat(closure.path("byGame").asLong())
                .as("%s", closure)
                .isGreaterThanOrEqualTo(closure.path("opened").asLong() * 9 / 10);
        assertThat(session.lines("trajectory.jsonl", "outcome"))
                .hasSize((int) closure.path("opened").asLong());
    }
}
