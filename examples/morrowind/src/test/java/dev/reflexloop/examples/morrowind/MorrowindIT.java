package dev.reflexloop.examples.morrowind;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Half an hour of the scripted game, fifty times as fast as the wall's clock; pilot, reflex and strategist are processes of their own and
 * meet in a folder only.
 */
class MorrowindIT {
    private static final String SPEED = "50";
    private static final String[] BRIDGE = {"--once", "--speed", SPEED, "--poll", "10", "--lease", "500"};
    private static final String[] PILOT = {"--speed", SPEED};
    private static final String[] STRATEGIST = {"--think", "0.2", "--late", "5"};
    /** One that thinks for longer than it lives would never answer. */
    private static final String[] KILLED_STRATEGIST = {"--think", "0.2", "--late", "1"};

    private static final Duration LONGEST = Duration.ofMinutes(3);
    private static final int KILLS = 10;
    private static final int TRIES = 3;
    private static final int BUDGET_MICROS = 200_000;

    @TempDir
    Path folder;

    @Test
    void halfAnHour_withAStrategist_isPlayedOnTimeAndEveryAnswerIsAccountedFor() throws Exception {
        play(session -> {
            Process bridge = session.bridge(BRIDGE);
            session.script("strategist", STRATEGIST);
            Process pilot = session.script("pilot", PILOT);
            session.await("pilot", pilot, LONGEST);
            session.await("bridge", bridge, LONGEST);
            List<String> seen = session.lines("strategist.jsonl", "seen").stream()
                    .map(line -> line.path("situation").asText())
                    .toList();
            assertThat(seen).doesNotHaveDuplicates().hasSize(situations(session).size());
            assertThat(judged(session))
                    .as("every answer was taken or refused")
                    .hasSize(session.lines("strategist.jsonl", "answering").size());
        });
    }

    @Test
    void halfAnHour_withAStrategistThatIsKilledTenTimes_isPlayedAsWell() throws Exception {
        play(session -> {
            Process bridge = session.bridge(BRIDGE);
            Process strategist = session.script("strategist", KILLED_STRATEGIST);
            Process pilot = session.script("pilot", PILOT);
            for (int kill = 0; kill < KILLS; kill++) {
                assertThat(pilot.waitFor(3, TimeUnit.SECONDS))
                        .as("the game goes on")
                        .isFalse();
                assertThat(strategist.isAlive())
                        .as(() -> session.said("strategist"))
                        .isTrue();
                strategist.destroyForcibly().waitFor();
                strategist = session.script("strategist", KILLED_STRATEGIST);
            }
            session.await("pilot", pilot, LONGEST);
            session.await("bridge", bridge, LONGEST);
            int answers = session.lines("strategist.jsonl", "answering").size();
            assertThat(judged(session))
                    .as("what it was killed over was never written")
                    .hasSizeBetween(answers - KILLS, answers);
        });
    }

    private interface Game {
        void play(Session session) throws Exception;
    }

    /**
     * Plays, and again where a tick was late. The loop cannot serve while the operating system gives it no processor: a game in which that
     * took a fifth of a second within a decision is played anew, twice at most. Everything else has to hold in each of them.
     */
    private void play(Game game) throws Exception {
        List<JsonNode> late = new ArrayList<>();
        do {
            try (Session session = new Session(folder.resolve("game-" + late.size()))) {
                game.play(session);
                filesAreWhole(session);
                nothingStaleWasBegun(session);
                everySituationWasShownOnce(session);
                everyDecisionIsClosed(session);
                everyMissionEndedInOneAlert(session);
                if (isAllOnTime(session)) {
                    return;
                }
                late.add(session.stats());
            }
        } while (late.size() < TRIES);
        assertThat(late).as("games with late ticks").isEmpty();
    }

    /** By the loop's own counters: each decision has the 200 ms of the wall's clock, however fast the game runs. */
    private static boolean isAllOnTime(Session session) throws Exception {
        JsonNode stats = session.stats();
        assertThat(stats.path("model").asText()).isEqualTo("nano");
        assertThat(stats.path("decisions").asLong())
                .isGreaterThan(300)
                .isEqualTo(stats.path("onTime").asLong() + stats.path("late").asLong());
        assertThat(session.lines("trajectory.jsonl", "step").stream()
                        .filter(step -> step.path("latencyMicros").asLong() > BUDGET_MICROS)
                        .count())
                .as("of %s", stats)
                .isEqualTo(stats.path("late").asLong());
        return stats.path("late").asLong() == 0;
    }

    private static void filesAreWhole(Session session) throws Exception {
        JsonNode troubles = session.stats().path("troubles");
        for (String trouble : List.of("torn_perception", "refused_perception", "refused_event", "unwritten_action")) {
            assertThat(troubles.path(trouble).asLong()).as(trouble).isZero();
        }
    }

    private static List<JsonNode> situations(Session session) throws Exception {
        return session.lines("events.jsonl", "situation").stream()
                .filter(event -> event.path("state").asText().equals("open"))
                .toList();
    }

    private static void everySituationWasShownOnce(Session session) throws Exception {
        List<JsonNode> situations = situations(session);
        assertThat(situations)
                .extracting(event -> event.path("kind").asText())
                .contains("dialogue", "quest", "dilemma", "unknown")
                .hasSize(9);
        List<JsonNode> submitted = session.lines("escalation-inbox.jsonl", "submitted");
        assertThat(submitted)
                .extracting(line -> line.path("words").asText())
                .doesNotHaveDuplicates()
                .hasSize(situations.size());
        assertThat(session.lines("escalation-inbox.jsonl", "shown"))
                .extracting(line -> line.path("entry").asText())
                .containsExactlyInAnyOrderElementsOf(
                        submitted.stream().map(line -> line.path("id").asText()).toList());
    }

    /** The answers that were taken, each with what became of it, and those that were refused, each with the reason. */
    private static List<JsonNode> judged(Session session) throws Exception {
        List<JsonNode> taken = session.lines("escalation-inbox.jsonl", "answered");
        assertThat(taken).isNotEmpty();
        Map<String, String> fates = new HashMap<>();
        for (JsonNode ended : session.lines("escalation-inbox.jsonl", "ended")) {
            fates.put(ended.path("guidance").asText(), ended.path("fate").asText());
        }
        assertThat(taken)
                .allSatisfy(answer ->
                        assertThat(fates).containsKey(answer.path("guidance").asText()));
        assertThat(fates.values()).contains("applied");
        List<JsonNode> refused = session.lines("escalation-inbox.jsonl", "refused");
        assertThat(refused)
                .isNotEmpty()
                .allSatisfy(answer -> assertThat(answer.path("reason").asText()).isNotBlank());
        List<JsonNode> judged = new ArrayList<>(taken);
        judged.addAll(refused);
        return judged;
    }

    private static void everyMissionEndedInOneAlert(Session session) throws Exception {
        JsonNode stats = session.stats();
        List<String> alerts = new ArrayList<>();
        stats.path("alerts").forEach(alert -> alerts.add(alert.path("id").asText()));
        List<String> missions = new ArrayList<>();
        stats.path("missions").fieldNames().forEachRemaining(missions::add);
        assertThat(missions).hasSizeGreaterThanOrEqualTo(6);
        assertThat(alerts).doesNotHaveDuplicates().containsAll(missions);
        try (Stream<Path> messages = Files.list(session.folder().resolve("alerts"))) {
            assertThat(messages.filter(file -> file.toString().endsWith(".msg")))
                    .hasSize(alerts.size());
        }
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
