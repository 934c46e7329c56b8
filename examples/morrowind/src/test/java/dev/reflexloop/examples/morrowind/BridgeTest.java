package dev.reflexloop.examples.morrowind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Alert;
import dev.reflexloop.Decision;
import dev.reflexloop.Goal;
import dev.reflexloop.Guidance;
import dev.reflexloop.LoopGuard;
import dev.reflexloop.Mission;
import dev.reflexloop.Outcome;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.testkit.ManualClock;
import dev.reflexloop.testkit.RecordingLogger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BridgeTest {
    @TempDir
    Path path;

    private final ManualClock clock = new ManualClock();
    private final RecordingLogger log = new RecordingLogger();
    private final Troubles troubles = new Troubles();
    private final List<Decision> written = new ArrayList<>();
    private final List<Alert> alerts = new ArrayList<>();
    private final LoopGuard guard = LoopGuard.builder(alerts::add).build();
    private Folder folder;
    private ReflexLoop loop;
    private Bridge bridge;
    private int over;

    @BeforeEach
    void build() {
        folder = new Folder(path);
        ActionSchema schema = Tactic.schema(1);
        loop = ReflexLoop.builder(schema, new Rule(schema).asModel())
                .clock(clock)
                .session("s")
                .logger(log)
                .guard(guard)
                .build();
        Options options = Options.parse("--folder", path.toString());
        bridge = new Bridge(loop, options, clock, troubles, written::add, new Missions(guard), () -> over++);
    }

    @AfterEach
    void close() {
        loop.close();
    }

    private void see(String json) throws IOException {
        Files.writeString(folder.perception(), json);
        Files.setLastModifiedTime(folder.perception(), FileTime.from(clock.instant()));
    }

    private void see(int tick, boolean urgent) throws IOException {
        see("{\"entity\":\"e\",\"tick\":" + tick + ",\"urgent\":" + urgent + "}");
    }

    private void report(String... lines) throws IOException {
        for (String line : lines) {
            Files.writeString(folder.events(), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
    }

    private Optional<Long> tickAfter(int millis) {
        clock.advance(Duration.ofMillis(millis));
        return bridge.perceive().map(Perception::tick);
    }

    private Decision decide() {
        Decision decision = loop.decide(bridge.perceive().orElseThrow());
        bridge.apply(loop.latest());
        return decision;
    }

    @Test
    void perception_thatChanges_isDecidedAboutAtMostFourTimesASecond() throws IOException {
        assertThat(tickAfter(0)).isEmpty();
        see(1, false);
        assertThat(tickAfter(0)).contains(1L);
        see(2, false);
        assertThat(tickAfter(200)).isEmpty();
        assertThat(tickAfter(50)).contains(2L);
    }

    @Test
    void perception_thatStays_isDecidedAboutAgainAndAgainUntilThePilotSleeps() throws IOException {
        see(1, false);
        assertThat(tickAfter(0)).contains(1L);
        assertThat(tickAfter(1_499)).isEmpty();
        assertThat(tickAfter(1)).contains(1L);
        assertThat(tickAfter(8_499)).contains(1L);
        assertThat(tickAfter(5_000)).isEmpty();
        see(2, false);
        assertThat(tickAfter(0)).contains(2L);
    }

    @Test
    void perception_thatIsUrgent_waitsForNothing() throws IOException {
        see(1, false);
        assertThat(tickAfter(0)).contains(1L);
        see(2, true);
        assertThat(tickAfter(1)).contains(2L);
    }

    @Test
    void goal_thatChanges_isDecidedWith() throws IOException {
        see(1, false);
        assertThat(bridge.perceive().orElseThrow().text("aim", "")).isEqualTo("explore");
        Files.writeString(folder.goal(), " Talk to Fargoth \n");
        assertThat(tickAfter(249)).isEmpty();
        clock.advance(Duration.ofMillis(1));
        Decision decision = decide();
        assertThat(decision.goal().text()).isEqualTo("Talk to Fargoth");
        assertThat(decision.perception().text("aim", "")).isEqualTo("meet");
    }

    @Test
    void decisions_reportedOn_areClosedAsThePilotSays() throws IOException {
        see(1, false);
        Decision first = decide();
        clock.advance(Duration.ofMillis(300));
        see(2, false);
        Decision second = decide();
        assertThat(written).containsExactly(first, second);
        report(
                "{\"type\":\"applied\",\"decision\":\"s-2\",\"tick\":2}",
                "{\"type\":\"outcome\",\"decision\":\"s-2\",\"reward\":0.5,\"reasons\":[\"found_npc\"]}",
                "{\"type\":\"outcome\",\"decision\":\"s-2\",\"reward\":0.5}");
        bridge.perceive();
        assertThat(log.outcomes())
                .extracting(Outcome::step, Outcome::reward, Outcome::reasons)
                .containsExactly(tuple("s-1", 0.0, List.of("never_taken")), tuple("s-2", 0.5, List.of("found_npc")));
        assertThat(troubles.count(Troubles.Kind.UNKNOWN_DECISION)).isEqualTo(1);
    }

    @Test
    void decision_takenBefore_isNotPassedOver() throws IOException {
        see(1, false);
        decide();
        report("{\"type\":\"applied\",\"decision\":\"s-1\",\"tick\":1}");
        clock.advance(Duration.ofMillis(300));
        see(2, false);
        decide();
        report(
                "{\"type\":\"applied\",\"decision\":\"s-2\",\"tick\":2}",
                "{\"type\":\"outcome\",\"decision\":\"s-1\",\"reward\":-1,\"reasons\":[\"died\"]}");
        bridge.perceive();
        assertThat(log.outcomes()).extracting(Outcome::reasons).containsExactly(List.of("died"));
    }

    @Test
    void end_ofTheGame_closesWhatIsOpen() throws IOException {
        see(1, false);
        decide();
        report("{\"type\":\"end\"}");
        bridge.perceive();
        assertThat(log.outcomes()).extracting(Outcome::step).containsExactly("s-1");
        assertThat(over).isEqualTo(1);
        assertThat(tickAfter(1_500)).as("nothing is left to decide about").isEmpty();
        see(2, false);
        assertThat(tickAfter(0)).as("the next game").contains(2L);
    }

    @Test
    void mission_thatThePilotEnds_endsOnlyWhereTheGoalIsAboutIt() throws IOException {
        report("{\"type\":\"mission\",\"mission\":\"ring\",\"state\":\"begun\",\"text\":\"Talk to Fargoth\"}");
        Files.writeString(folder.goal(), "2. Once more: Talk to Fargoth");
        bridge.perceive();
        report("{\"type\":\"mission\",\"mission\":\"inn\",\"state\":\"complete\"}");
        bridge.perceive();
        assertThat(guard.mission().ending()).isEmpty();
        report("{\"type\":\"mission\",\"mission\":\"ring\",\"state\":\"complete\"}");
        bridge.perceive();
        assertThat(guard.mission().ending()).contains(Mission.Ending.COMPLETE);
    }

    @Test
    void goal_inAnAnswer_countsAsIfItStoodInTheFile() throws IOException {
        see(1, false);
        bridge.perceive();
        bridge.guided(new Guidance(
                "g",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(Goal.of("Clear the cave")),
                Duration.ofSeconds(1)));
        clock.advance(Duration.ofMillis(250));
        Decision decision = decide();
        assertThat(decision.goal().text()).isEqualTo("Clear the cave");
        assertThat(decision.perception().text("aim", "")).isEqualTo("fight");
    }

    @Test
    void action_thatCannotBeWritten_isCountedAndClosed() throws IOException {
        Files.createDirectories(folder.action().resolve("in-the-way"));
        see(1, false);
        loop.decide(bridge.perceive().orElseThrow());
        assertThatExceptionOfType(ActionFile.NotWritten.class).isThrownBy(() -> bridge.apply(loop.latest()));
        assertThat(troubles.count(Troubles.Kind.UNWRITTEN_ACTION)).isEqualTo(1);
        assertThat(log.outcomes()).extracting(Outcome::reasons).containsExactly(List.of("not_written"));
        assertThat(written).isEmpty();
    }
}
