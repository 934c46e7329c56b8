package dev.reflexloop.examples.robocode;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Decision;
import dev.reflexloop.FallbackPolicy;
import dev.reflexloop.LoopStats;
import dev.reflexloop.Outcome;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.TrajectoryLogger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The reflex as the robot uses it: a loop around a model, whose every decision is closed by the game at the end of the round at the latest.
 * As a {@link Policy} it blocks until the decision is there; {@link LiveCockpit} uses the loop without ever blocking. Thread-safe.
 */
final class Reflex implements Policy, AutoCloseable {
    private static final Duration BUDGET = Duration.ofMillis(200);
    private static final Duration LEASE = Duration.ofSeconds(2);
    private static final Duration OUTCOME_TIMEOUT = Duration.ofMinutes(10);

    private final ActionSchema schema = Tactic.schema();
    private final ReflexLoop loop;

    /**
     * Makes a loop.
     *
     * @param model who decides; stays open when this is closed
     * @param log where decisions are recorded, beside what the rule would have done; stays open when this is closed
     * @param session the name of the run in the log
     */
    Reflex(ReflexModel model, TrajectoryLogger log, String session) {
        this(model, log, session, builder -> builder);
    }

    /** The same with settings of its own, made after those of this class. */
    Reflex(ReflexModel model, TrajectoryLogger log, String session, UnaryOperator<ReflexLoop.Builder> settings) {
        FallbackPolicy rule = (perception, legal, last) ->
                schema.actions().get(Rule.choose(Situation.of(perception)).ordinal());
        ReflexLoop.Builder builder = ReflexLoop.builder(schema, model)
                .budget(BUDGET)
                .lease(LEASE)
                .throttle(Duration.ZERO)
                .outcomeTimeout(OUTCOME_TIMEOUT)
                .fallback(FallbackPolicy.fixed(schema, Cockpit.FALLBACK.label()))
                .teacher(rule)
                .logger(log)
                .session(session);
        loop = settings.apply(builder).build();
    }

    ReflexLoop loop() {
        return loop;
    }

    LoopStats stats() {
        return loop.stats();
    }

    @Override
    public Choice choose(Situation situation) {
        Decision decision = loop.decide(situation.perception());
        return new Choice(Tactic.of(decision.action()), decision.latency().toNanos(), Optional.of(decision));
    }

    @Override
    public void landed(Deed deed, long turn) {
        deed.decision().ifPresent(decision -> loop.applied(decision, turn));
    }

    @Override
    public void roundEnded(List<Deed> deeds, double result) {
        for (Deed deed : deeds) {
            deed.decision().ifPresent(decision -> loop.outcome(outcome(decision, deed, result)));
        }
        Deed never = new Deed(Cockpit.FALLBACK, Optional.empty());
        for (Decision left : loop.openDecisions()) {
            loop.outcome(Outcome.of(left, never.reward(result), "never_landed"));
        }
    }

    private static Outcome outcome(Decision decision, Deed deed, double result) {
        List<String> reasons = new ArrayList<>(deed.reasons());
        reasons.add(result >= 1 ? "won_round" : "died");
        return Outcome.of(decision, deed.reward(result), reasons.toArray(String[]::new));
    }

    @Override
    public void close() {
        loop.close();
    }
}
