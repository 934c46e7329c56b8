package dev.reflexloop.examples.robocode;

import dev.reflexloop.Answer;
import dev.reflexloop.Decision;
import dev.reflexloop.EscalationPolicy;
import dev.reflexloop.LoopStats;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.Served;
import dev.reflexloop.TrajectoryLogger;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** The reflex with a {@link Strategist} beside it: what the loop hands over comes back as guidance. One thread at a time. */
final class Advised implements Policy, AutoCloseable {
    private static final int NO_BUDGET = 200_000;
    private static final Duration BUDGET = Duration.ofSeconds(2);

    /** Which decision the strategist's answer becomes. */
    enum Landing {
        /** The very decision that was handed over: the game stands still until the strategist has spoken. */
        AT_ONCE,
        /** The next decision, whatever it is about; this one is the model's in spite of its doubt. */
        NEXT
    }

    private final Strategist strategist = new Strategist();
    private final Reflex reflex;
    private final Landing landing;
    private long kept;
    private long handed;
    private long agreed;

    /**
     * Makes a loop.
     *
     * @param model who decides; stays open when this is closed
     * @param when which of its answers are handed over
     * @param landing where the strategist's answers land
     * @param log where decisions are recorded; stays open when this is closed
     * @param session the name of the run in the log
     */
    Advised(ReflexModel model, EscalationPolicy when, Landing landing, TrajectoryLogger log, String session) {
        this.landing = landing;
        reflex = new Reflex(
                model,
                log,
                session,
                builder -> builder.budget(BUDGET)
                        .escalateTo(strategist)
                        .escalateWhen(when)
                        .escalationsPerMinute(NO_BUDGET));
        strategist.advises(reflex.loop());
    }

    /** Hands over decisions that are drawn at random. */
    static EscalationPolicy atRandom(double share, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return new EscalationPolicy() {
            @Override
            public Optional<dev.reflexloop.Situation> recognize(Question question) {
                return Optional.empty();
            }

            @Override
            public Optional<dev.reflexloop.Situation> doubt(Question question, Answer answer) {
                return random.nextDouble() < share
                        ? Optional.of(new dev.reflexloop.Situation(
                                dev.reflexloop.Situation.Kind.DOUBT,
                                "Drawn at random",
                                dev.reflexloop.Situation.Option.legalActions(question),
                                dev.reflexloop.Situation.Waiting.MODEL))
                        : Optional.empty();
            }
        };
    }

    @Override
    public Choice choose(Situation situation) {
        Choice choice = reflex.choose(situation);
        if (choice.decision().filter(Decision::escalated).isPresent()) {
            strategist.await();
            if (landing == Landing.AT_ONCE) {
                Choice answer = reflex.choose(situation);
                choice = new Choice(answer.tactic(), choice.latencyNanos() + answer.latencyNanos(), answer.decision());
            }
        }
        if (choice.decision().filter(each -> each.served() == Served.GUIDANCE).isPresent()) {
            handed++;
        } else {
            kept++;
            agreed += choice.tactic() == Rule.choose(situation) ? 1 : 0;
        }
        return choice;
    }

    /** Decisions that were the strategist's. */
    long handed() {
        return handed;
    }

    /** Decisions that were not. */
    long kept() {
        return kept;
    }

    /** Decisions that were kept, and that the strategist would have made too. */
    long agreed() {
        return agreed;
    }

    LoopStats stats() {
        return reflex.stats();
    }

    @Override
    public void landed(Deed deed, long turn) {
        reflex.landed(deed, turn);
    }

    @Override
    public void roundEnded(List<Deed> deeds, double result) {
        reflex.roundEnded(deeds, result);
    }

    @Override
    public void close() {
        reflex.close();
    }
}
