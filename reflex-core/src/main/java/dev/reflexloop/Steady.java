package dev.reflexloop;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A choice that is kept. */
record Steady(Action action, Optional<Target> target) {

    /**
     * Hysteresis: among near equals, the choice that the model preferred last. Counting from when it was last really preferred bounds how long
     * it is kept, and forgets it when the model has not been heard for a while. Confined to the loop's turn.
     */
    static final class Keeper {
        private final double margin;
        private final long holdNanos;
        private @Nullable Decision last;
        private long preferredNanos;

        Keeper(double margin, Duration atMost) {
            this.margin = margin;
            this.holdNanos = Check.nanos(atMost);
        }

        @Nullable
        Steady keep(Tick tick, Answer answer, Action chosen, Optional<Target> target) {
            Decision kept = last;
            if (kept == null
                    || tick.enteredNanos - preferredNanos >= holdNanos
                    || tick.perception.urgency() == Urgency.URGENT
                    || !kept.goal().equals(tick.goal)
                    || (kept.action().equals(chosen) && kept.target().equals(target))
                    || !tick.legal.contains(kept.action())) {
                return null;
            }
            Optional<Target> aim = stillOffered(tick, kept);
            if (aim.isPresent() != kept.target().isPresent()) {
                return null;
            }
            boolean sameAction = kept.action().equals(chosen);
            double lead = sameAction
                    ? lead(answer.targets().getOrDefault(chosen.name(), Map.of()), idOf(target), idOf(kept.target()))
                    : lead(answer.probabilities(), chosen.name(), kept.action().name());
            return lead < margin ? new Steady(kept.action(), aim) : null;
        }

        private static Optional<Target> stillOffered(Tick tick, Decision kept) {
            Question question = tick.question;
            List<Target> offered = question == null
                    ? List.of()
                    : question.targets().getOrDefault(kept.action().name(), List.of());
            return kept.target()
                    .flatMap(target -> offered.stream()
                            .filter(each -> each.id().equals(target.id()))
                            .findFirst());
        }

        private static String idOf(Optional<Target> target) {
            return target.map(Target::id).orElse("");
        }

        /** How far one leads; infinite where the answer says nothing about one of the two. */
        private static double lead(Map<String, Double> probabilities, String first, String second) {
            Double ahead = probabilities.get(first);
            Double behind = probabilities.get(second);
            return ahead == null || behind == null ? Double.POSITIVE_INFINITY : ahead - behind;
        }

        void served(Decision decision, long nowNanos) {
            boolean chosen = decision.served() == Served.MODEL || decision.served() == Served.CACHE;
            if (chosen && decision.because().isEmpty()) {
                last = decision;
                preferredNanos = nowNanos;
            }
        }
    }
}
