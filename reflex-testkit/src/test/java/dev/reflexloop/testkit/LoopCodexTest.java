package dev.reflexloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Alert;
import dev.reflexloop.AlertSink;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.EscalationPolicy;
import dev.reflexloop.EscalationSink;
import dev.reflexloop.Goal;
import dev.reflexloop.Ledger;
import dev.reflexloop.LoopGuard;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.Shield;
import dev.reflexloop.SideQuestion;
import dev.reflexloop.Situation;
import dev.reflexloop.codex.Change;
import dev.reflexloop.codex.Change.Kind;
import dev.reflexloop.codex.Codex;
import dev.reflexloop.codex.CodexEntry;
import dev.reflexloop.codex.CodexException;
import dev.reflexloop.codex.CodexKey;
import dev.reflexloop.codex.CodexReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What decides in a loop stands in its codex once, and once more for each change. */
class LoopCodexTest {
    @TempDir
    Path folder;

    private Path file;
    private CodexKey key;

    @BeforeEach
    void makeKey() {
        file = folder.resolve("codex.jsonl");
        key = CodexKey.loadOrCreate(folder.resolve("key.pem"));
    }

    private static ActionSchema.Builder town() {
        return ActionSchema.builder("town")
                .action(Action.of("wait"))
                .action(Action.of("talk", "to whom is near").withCooldown(Duration.ofSeconds(2)))
                .action(Action.of("unsure"))
                .abstain("unsure")
                .idle("wait");
    }

    private static EscalationPolicy.Builder policy() {
        return EscalationPolicy.builder()
                .when(Situation.Kind.QUEST, seen -> false, "A quest.")
                .askModel(SideQuestion.yesNo("help", "Is help needed?"), 0.75)
                .marginBelow(0.1);
    }

    private static EscalationSink somebody() {
        return escalation -> EscalationSink.Receipt.ACCEPTED;
    }

    private static ReflexLoop.Builder loop(ReflexModel model) {
        return ReflexLoop.builder(town().build(), model);
    }

    /** Builds the loop, as a start of the bot does, and returns what that added. */
    private List<Change> start(ReflexLoop.Builder loop) {
        int before = entries().size();
        try (Codex codex = Codex.open(file, key);
                ReflexLoop built = loop.codex(codex).build()) {
            assertThat(built.session()).isNotEmpty();
        }
        return entries().stream().skip(before).map(CodexEntry::change).toList();
    }

    private List<CodexEntry> entries() {
        if (!file.toFile().exists()) {
            return List.of();
        }
        CodexReport report = Codex.verify(file);
        assertThat(report.sound()).as(report.reason()).isTrue();
        return report.entries();
    }

    private static ReflexLoop.Builder full(UnaryOperator<EscalationPolicy.Builder> policy) {
        return loop(ScriptedModel.answering("wait"))
                .escalateTo(somebody())
                .escalateWhen(policy.apply(policy()).build())
                .guard(LoopGuard.builder(AlertSink.disabled()).maxRounds(7).build())
                .session("s1");
    }

    @Test
    void start_withTheGuardOfAnotherLoop_recordsNothing() {
        LoopGuard guard = LoopGuard.builder(AlertSink.disabled()).build();
        List<String> recorded = new ArrayList<>();
        try (ReflexLoop first =
                loop(ScriptedModel.answering("wait")).guard(guard).build()) {
            ReflexLoop.Builder second = loop(ScriptedModel.answering("wait"))
                    .guard(guard)
                    .codex((session, settings) -> recorded.add(session));
            assertThatThrownBy(second::build).as(first.session()).hasMessageContaining("guards another loop already");
        }
        assertThat(recorded).isEmpty();
    }

    @Test
    void start_thatCannotBeRecorded_leavesTheGuardToTheNext() {
        RecordingAlerts alerts = new RecordingAlerts();
        LoopGuard guard = LoopGuard.builder(alerts).build();
        ReflexLoop.Builder failing = loop(ScriptedModel.answering("wait"))
                .guard(guard)
                .goal(Goal.of("one"))
                .session("s")
                .codex((session, settings) -> {
                    throw new CodexException("codex", "full", null);
                });
        assertThatThrownBy(failing::build).isInstanceOf(CodexException.class);
        assertThat(guard.mission().goal()).isEqualTo(Goal.none());
        failing.goal(Goal.of("two")).codex(Ledger.disabled()).build().close();
        assertThat(alerts.alerts()).extracting(Alert::id, Alert::mission).containsExactly(tuple("s-m1", "two"));
    }

    @Test
    void start_ofABot_recordsEverythingThatDecides() {
        assertThat(start(full(same -> same)))
                .extracting(Change::kind, Change::subject, Change::before, Change::after)
                .containsExactly(
                        tuple(
                                Kind.SCHEMA,
                                "town",
                                "",
                                "wait (idle); talk (cooldown=PT2S): to whom is near; unsure (abstain)"),
                        tuple(
                                Kind.MODEL,
                                "town",
                                "",
                                ScriptedModel.answering("wait").id()),
                        tuple(
                                Kind.POLICY,
                                "town",
                                "",
                                "when=[QUEST], marginBelow=0.1, entropyAbove=never, legalMassBelow=0.0, probabilityBelow=0.0,"
                                        + " askModel=Is help needed? from 0.75, waiting={DIALOGUE=IDLE, QUEST=IDLE,"
                                        + " DILEMMA=IDLE, UNKNOWN=FALLBACK, DOUBT=MODEL, NOVELTY=LAST_GOOD, ASKED=MODEL}"),
                        tuple(
                                Kind.POLICY,
                                "town: asking",
                                "",
                                "escalationsPerMinute=12, patience=PT5S, askAgainAfter=PT1M, waitAtMost=PT10M"),
                        tuple(
                                Kind.GUARD,
                                "town",
                                "",
                                LoopGuard.builder(AlertSink.disabled())
                                        .maxRounds(7)
                                        .build()
                                        .toString()),
                        tuple(
                                Kind.OTHER,
                                "town",
                                "",
                                "budget=PT0.2S, cacheFor=never, fallback=dev.reflexloop.FallbackPolicy,"
                                        + " shield=dev.reflexloop.Shield, ask=["
                                        + SideQuestion.yesNo("help", "Is help needed?") + "]"));
        assertThat(entries()).allSatisfy(entry -> {
            assertThat(entry.change().who()).isEqualTo("session s1");
            assertThat(entry.change().why()).isEqualTo("found when the loop was built");
        });
        assertThat(Codex.verify(file).toMarkdown())
                .contains("## 4. policy: ` town: asking `", "- after: ` escalationsPerMinute=12, patience=PT5S");
    }

    @Test
    void start_withTheSameSettings_recordsNothing() {
        assertThat(start(full(same -> same))).hasSize(6);
        assertThat(start(full(same -> same).session("s2"))).isEmpty();
        assertThat(start(full(same -> same).session("s3"))).isEmpty();
    }

    private void assertRecorded(Kind kind, String before, String after, Consumer<ReflexLoop.Builder> change) {
        start(full(same -> same));
        ReflexLoop.Builder other = full(same -> same);
        change.accept(other);
        assertThat(start(other)).singleElement().satisfies(entry -> {
            assertThat(entry.kind()).isEqualTo(kind);
            assertThat(entry.before()).contains(before).doesNotContain(after);
            assertThat(entry.after()).contains(after).doesNotContain(before);
        });
        assertThat(start(full(same -> same))).as("back again").singleElement().satisfies(entry -> {
            assertThat(entry.before()).contains(after);
            assertThat(entry.after()).contains(before);
        });
    }

    @Test
    void threshold_thatChanges_isRecorded() {
        EscalationPolicy other = policy().marginBelow(0.25).build();
        assertRecorded(Kind.POLICY, "marginBelow=0.1,", "marginBelow=0.25,", loop -> loop.escalateWhen(other));
    }

    @Test
    void novelty_thatIsTurnedOn_isRecorded() {
        start(full(same -> same));
        assertThat(start(full(policy -> policy.noveltyAfter(50).noveltyOverAll())))
                .singleElement()
                .extracting(Change::after)
                .asString()
                .contains("noveltyAfter=50, noveltyOverAll=true, numbersBeyond=0.5");
    }

    @Test
    void budgetOfEscalations_thatChanges_isRecorded() {
        assertRecorded(
                Kind.POLICY,
                "escalationsPerMinute=12,",
                "escalationsPerMinute=3,",
                loop -> loop.escalationsPerMinute(3));
    }

    @Test
    void patience_thatChanges_isRecorded() {
        assertRecorded(Kind.POLICY, "patience=PT5S,", "patience=PT9S,", loop -> loop.patience(Duration.ofSeconds(9)));
    }

    @Test
    void guard_thatIsTakenAway_isRecorded() {
        assertRecorded(Kind.GUARD, "maxRounds=7", "none", loop -> loop.guard(LoopGuard.disabled()));
    }

    @Test
    void shield_thatIsGiven_isRecordedByItsClass() {
        Shield careful = (perception, chosen, legal) -> Optional.empty();
        assertRecorded(
                Kind.OTHER,
                "shield=dev.reflexloop.Shield,",
                "shield=dev.reflexloop.testkit.LoopCodexTest,",
                loop -> loop.shield(careful));
    }

    /** A model that tells two versions of itself apart. */
    private record Weights(String settings) implements ReflexModel {
        @Override
        public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
            return ScriptedModel.answering("wait").ask(question, deadline);
        }
    }

    @Test
    void model_ofOtherWeights_isRecordedAlsoBehindAGate() {
        assertThat(start(loop(new Weights("sha256:aa")))).hasSize(6);
        assertThat(start(loop(ReflexModel.limited(new Weights("sha256:aa"), 2))))
                .isEmpty();
        assertThat(start(loop(ReflexModel.limited(new Weights("sha256:bb"), 2))))
                .containsExactly(new Change(
                        Kind.MODEL,
                        "town",
                        "Weights, sha256:aa",
                        "Weights, sha256:bb",
                        entries().get(6).change().who(),
                        "found when the loop was built"));
    }

    @Test
    void action_thatIsAdded_isRecorded() {
        start(loop(ScriptedModel.answering("wait")));
        ActionSchema more = town().action(Action.of("fight")).build();
        assertThat(start(ReflexLoop.builder(more, ScriptedModel.answering("wait"))))
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.kind()).isEqualTo(Kind.SCHEMA);
                    assertThat(entry.after()).isEqualTo(entry.before() + "; fight");
                });
    }

    @Test
    void settings_thatAreTooLongForAnEntry_areRecordedByTheirHash() {
        ActionSchema wordy =
                town().action(Action.of("read", "x".repeat(20_000))).build();
        assertThat(start(ReflexLoop.builder(wordy, ScriptedModel.answering("wait")))
                        .get(0)
                        .after())
                .matches("sha256:[0-9a-f]{64}");
        assertThat(start(ReflexLoop.builder(wordy, ScriptedModel.answering("wait"))))
                .isEmpty();
    }

    @Test
    void policies_withoutSettingsOfTheirOwn_areRecordedByTheirClass() {
        assertThat(start(loop(ScriptedModel.answering("wait"))
                                .escalateTo(somebody())
                                .escalateWhen(question -> Optional.empty()))
                        .get(2)
                        .after())
                .isEqualTo(LoopCodexTest.class.getName());
        assertThat(start(loop(ScriptedModel.answering("wait"))).get(0).after()).isEqualTo("nobody is asked");
        assertThat(start(loop(ScriptedModel.answering("wait")).escalateTo(somebody()))
                        .get(0)
                        .after())
                .isEqualTo("only what the model abstains from");
    }

    @Test
    void codex_thatIsClosedAlready_isRefusedAndTheGuardStaysFree() {
        Codex closed = Codex.open(file, key);
        closed.close();
        ReflexLoop.Builder loop = full(same -> same);
        assertThatThrownBy(loop.codex(closed)::build)
                .isInstanceOf(CodexException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("it is closed");
        assertThat(start(loop)).hasSize(6);
    }
}
