package dev.reflexloop;

import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Says on the bus what happens in one loop. Every method is called where it happened, costs a look at a field when nobody keeps events, and
 * makes one event of some hundred bytes otherwise. Thread-safe, but for {@link #served}, which belongs to the loop's turn.
 */
final class LoopTelemetry {
    private static final String SESSION = "session";

    private final TelemetryBus bus;
    private final String session;
    private final ReflexClock clock;
    private @Nullable String adapter;
    private boolean answered;

    LoopTelemetry(TelemetryBus bus, String session, ReflexClock clock) {
        this.bus = bus;
        this.session = session;
        this.clock = clock;
    }

    void served(Decision decision) {
        if (!bus.isOn()) {
            return;
        }
        Answer answer = decision.answer().orElse(null);
        if (answer != null) {
            watchAdapter(decision, answer);
        }
        if (decision.vetoed().isPresent()) {
            tell(TelemetryEvent.Level.INFO, "shield", "veto", decision, vetoFields(decision));
        }
        tell(
                decision.late() ? TelemetryEvent.Level.WARN : TelemetryEvent.Level.INFO,
                "loop",
                "decision",
                decision,
                decisionFields(decision, answer));
    }

    private TelemetryFields vetoFields(Decision decision) {
        return TelemetryFields.taking(
                "id",
                decision.id(),
                "vetoed",
                decision.vetoed().map(Action::name).orElse(null),
                "action",
                decision.action().name(),
                SESSION,
                session);
    }

    private TelemetryFields decisionFields(Decision decision, @Nullable Answer answer) {
        OptionalDouble mass = answer == null ? OptionalDouble.empty() : answer.legalMass();
        return TelemetryFields.taking(
                "id",
                decision.id(),
                "action",
                decision.action().name(),
                "target",
                decision.target().map(Target::id).orElse(null),
                "served",
                decision.served().name(),
                "because",
                decision.because().map(Enum::name).orElse(null),
                "latencyMicros",
                decision.latency().toNanos() / 1_000,
                "late",
                decision.late() ? Boolean.TRUE : null,
                "model",
                answer == null ? null : answer.model(),
                "adapter",
                answer == null ? null : answer.adapter().orElse(null),
                "probabilities",
                answer == null ? null : answer.probabilities(),
                "legalMass",
                mass.isPresent() ? mass.getAsDouble() : null,
                "evaluatedTokens",
                answer == null ? null : counted(answer.timings().evaluatedTokens()),
                "cachedTokens",
                answer == null ? null : counted(answer.timings().cachedTokens()),
                "escalated",
                decision.escalated() ? Boolean.TRUE : null,
                "guidance",
                decision.guidance().orElse(null),
                "situation",
                decision.situation().map(it -> it.kind().name()).orElse(null),
                SESSION,
                session);
    }

    /** Zero means that the model did not say. */
    private static @Nullable Long counted(int tokens) {
        return tokens == 0 ? null : (long) tokens;
    }

    /** Another adapter answers than the last time: it was promoted, rolled back, or is a canary. */
    private void watchAdapter(Decision decision, Answer answer) {
        String now = answer.adapter().orElse(null);
        String before = adapter;
        boolean same = now == null ? before == null : now.equals(before);
        if (answered && !same) {
            TelemetryFields fields =
                    TelemetryFields.taking("model", answer.model(), "adapter", now, "before", before, SESSION, session);
            tell(TelemetryEvent.Level.INFO, "model", "adapter", decision, fields);
        }
        answered = true;
        adapter = now;
    }

    void modelLost(String model, Cause cause) {
        if (bus.isOn()) {
            tell(
                    TelemetryEvent.Level.WARN,
                    "model",
                    "lost",
                    TelemetryFields.taking("model", model, "because", cause.name(), SESSION, session));
        }
    }

    void modelBack(String model) {
        if (bus.isOn()) {
            tell(TelemetryEvent.Level.INFO, "model", "back", TelemetryFields.taking("model", model, SESSION, session));
        }
    }

    void handedOver(Escalation escalation) {
        escalation("handed_over", TelemetryEvent.Level.INFO, escalation);
    }

    /** The sink did not take it, or there was no room on the way to it. */
    void refused(Escalation escalation) {
        escalation("refused", TelemetryEvent.Level.WARN, escalation);
    }

    private void escalation(String event, TelemetryEvent.Level level, Escalation escalation) {
        if (bus.isOn()) {
            Perception perception = escalation.perception();
            bus.publish(new TelemetryEvent(
                    clock.instant(),
                    level,
                    "escalation",
                    event,
                    perception.entity(),
                    perception.tick(),
                    TelemetryFields.taking(
                            "id",
                            escalation.id(),
                            "decision",
                            escalation.decision(),
                            "kind",
                            escalation.situation().kind().name(),
                            "situation",
                            escalation.situation().words(),
                            SESSION,
                            session)));
        }
    }

    void ended(Guidance guidance, Guidance.Fate fate) {
        if (bus.isOn()) {
            tell(
                    fate == Guidance.Fate.APPLIED ? TelemetryEvent.Level.INFO : TelemetryEvent.Level.WARN,
                    "guidance",
                    "ended",
                    TelemetryFields.taking(
                            "id",
                            guidance.id(),
                            "fate",
                            fate.name(),
                            "action",
                            guidance.action().orElse(null),
                            "escalation",
                            guidance.escalation().orElse(null),
                            SESSION,
                            session));
        }
    }

    void missionEnded(Mission mission, Mission.Ending ending, String detail) {
        if (bus.isOn()) {
            tell(
                    ending.level() == Alert.Level.INFO ? TelemetryEvent.Level.INFO : TelemetryEvent.Level.WARN,
                    "guard",
                    "mission_ended",
                    TelemetryFields.taking(
                            "mission",
                            mission.id(),
                            "goal",
                            mission.goal().text(),
                            "ending",
                            ending.name(),
                            "detail",
                            detail.isEmpty() ? null : detail,
                            "rounds",
                            (long) mission.rounds(),
                            SESSION,
                            session));
        }
    }

    void closed(Experience experience) {
        if (bus.isOn()) {
            Outcome outcome = experience.outcome();
            Perception perception = experience.decision().perception();
            bus.publish(new TelemetryEvent(
                    outcome.at(),
                    TelemetryEvent.Level.INFO,
                    "loop",
                    "outcome",
                    perception.entity(),
                    perception.tick(),
                    TelemetryFields.taking(
                            "id",
                            outcome.step(),
                            "reward",
                            outcome.reward(),
                            "label",
                            outcome.label().orElse(null),
                            "reasons",
                            outcome.reasons().isEmpty() ? null : String.join(", ", outcome.reasons()),
                            "closedBy",
                            outcome.closedBy().name(),
                            SESSION,
                            session)));
        }
    }

    /** Something did not fit into its mailbox. */
    void dropped(String what, long count) {
        if (bus.isOn()) {
            tell(
                    TelemetryEvent.Level.WARN,
                    "loop",
                    "dropped",
                    TelemetryFields.taking("what", what, "count", count, SESSION, session));
        }
    }

    private void tell(TelemetryEvent.Level level, String source, String event, Decision about, TelemetryFields fields) {
        Perception perception = about.perception();
        bus.publish(
                new TelemetryEvent(about.at(), level, source, event, perception.entity(), perception.tick(), fields));
    }

    private void tell(TelemetryEvent.Level level, String source, String event, TelemetryFields fields) {
        bus.publish(new TelemetryEvent(clock.instant(), level, source, event, "", -1, fields));
    }
}
