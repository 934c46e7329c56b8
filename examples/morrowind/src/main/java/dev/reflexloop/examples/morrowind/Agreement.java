package dev.reflexloop.examples.morrowind;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Decision;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * Prints how often a model does what the rule would do, in sessions of {@link DrawnWorld} that no training has seen, beside what chance and
 * the best single action come to there.
 *
 * <p>System properties: {@code reflex.agreement.model}, a file; the example's own model where it is left out.
 */
public final class Agreement {
    /** Far from the seeds of {@link RecordWorld}. */
    private static final long FIRST_SEED = 1_000_000;

    private static final int SESSIONS = 20;
    private static final int STEPS = 250;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private Agreement() {}

    /**
     * Prints a line for each policy.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) {
        String named = System.getProperty("reflex.agreement.model", "");
        ActionSchema schema = Tactic.schema(1);
        String best = Tactic.WAIT.label();
        double most = 0;
        for (Tactic tactic : Tactic.values()) {
            double share = share(InstantModel.always(schema, tactic.label()), SESSIONS);
            if (share > most) {
                most = share;
                best = tactic.label();
            }
        }
        try (Models models = new Models(schema, "")) {
            System.out.printf(
                    "agreement with the rule in %,d situations that no training has seen%n", SESSIONS * STEPS);
            print("nano", share(models.open(named.isBlank() ? "nano" : "nano:" + Path.of(named)), SESSIONS));
            print("always " + best, most);
            print("random", share(InstantModel.random(1), SESSIONS));
        }
    }

    private static void print(String name, double share) {
        System.out.printf(Locale.ROOT, "  %-16s %6.2f %%%n", name, 100 * share);
    }

    /** The share of the situations of some sessions in which a model does what the rule would. */
    static double share(ReflexModel model, int sessions) {
        int same = 0;
        for (int session = 0; session < sessions; session++) {
            ActionSchema schema = Tactic.schema(1);
            Rule rule = new Rule(schema);
            DrawnWorld world = new DrawnWorld(FIRST_SEED + session);
            try (ReflexLoop loop = ReflexLoop.builder(schema, model)
                    .budget(PATIENCE)
                    .fallback(rule)
                    .build()) {
                for (int step = 0; step < STEPS; step++) {
                    Decision decision = loop.decide(world.next());
                    Action right = rule.choose(decision.perception(), decision.legal(), Optional.empty());
                    same += decision.action().equals(right) ? 1 : 0;
                }
            }
        }
        return same / (double) (sessions * STEPS);
    }
}
