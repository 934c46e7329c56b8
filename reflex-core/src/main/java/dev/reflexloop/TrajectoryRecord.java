package dev.reflexloop;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** One line of a trajectory log, as {@link TrajectoryReader} gives it. Immutable. */
public sealed interface TrajectoryRecord {

    /**
     * The beginning of a run.
     *
     * @param version the version of the format
     * @param session the run
     * @param library what wrote it
     * @param schema the schema's name
     * @param actions the schema's actions, without cooldowns
     * @param startedAt the wall-clock time
     */
    record Header(int version, String session, String library, String schema, List<Action> actions, Instant startedAt)
            implements TrajectoryRecord {
        /** Copies. */
        public Header {
            actions = List.copyOf(actions);
        }
    }

    /**
     * A decision.
     *
     * @param id the id of the decision
     * @param session the run
     * @param at the wall-clock time at which it was served
     * @param perception what it was made from, entity and tick included
     * @param goal the goal at that time
     * @param legal the names of the legal actions, in the schema's order
     * @param prompt the prompt as the model saw it
     * @param model the id of the model that answered
     * @param adapter the adapter in use
     * @param probabilities by action name; numbers that were not finite are left out
     * @param legalMass the share of the model's distribution on the legal labels
     * @param action the name of the action that was served
     * @param target the id of its target
     * @param served how it came about
     * @param because why it was not simply the model's
     * @param latencyMicros from the entry of the tick until it was served, in microseconds
     * @param escalated whether the situation was handed over
     * @param guidance the id of the guidance that was followed
     * @param teacher the name of the action that a teacher would have taken
     * @param situation what kind of situation was going on that the reflex should not judge alone
     */
    record Decided(
            String id,
            String session,
            Instant at,
            Perception perception,
            Goal goal,
            List<String> legal,
            Optional<String> prompt,
            Optional<String> model,
            Optional<String> adapter,
            Map<String, Double> probabilities,
            OptionalDouble legalMass,
            String action,
            Optional<String> target,
            Served served,
            Optional<Cause> because,
            long latencyMicros,
            boolean escalated,
            Optional<String> guidance,
            Optional<String> teacher,
            Optional<Situation.Kind> situation)
            implements TrajectoryRecord {
        /** Copies. */
        public Decided {
            legal = List.copyOf(legal);
        }
    }

    /**
     * The motor layer began to carry a decision out.
     *
     * @param step the id of the decision
     * @param tick the game's tick in which it landed
     * @param at the wall-clock time
     */
    record Applied(String step, long tick, Instant at) implements TrajectoryRecord {}

    /**
     * What came of a decision.
     *
     * @param outcome the outcome
     */
    record Closed(Outcome outcome) implements TrajectoryRecord {}
}
