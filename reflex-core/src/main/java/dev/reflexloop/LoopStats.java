package dev.reflexloop;

import java.time.Duration;
import java.util.Map;

/**
 * The counters of a loop since its start, taken at one moment. Immutable.
 *
 * @param decisions decisions served; the sum of {@code served}
 * @param served decisions by how they came about
 * @param because decisions by why they were not simply the model's
 * @param late decisions served after their deadline
 * @param escalated situations handed to the strategist
 * @param stale intents whose lease had passed before the motor layer took them
 * @param superseded perceptions that a newer one replaced before they were looked at
 * @param preempted model calls cut short by an urgent perception
 * @param queueDrops perceptions, actions, experiences, escalations and fates of guidance that did not fit into their mailbox
 * @param lateAnswers answers that arrived when nobody waited any more
 * @param callbackFailures errors of users' code: schema, fallback, shield, pilot, source, sink, listeners
 * @param escalationsRejected situations that the sink did not take, by its receipt or by throwing
 * @param escalationsOverBudget situations that were not handed over because too many were within a minute; what was measured in an answer
 *     counts with each answer
 * @param guidances guidance by what became of it
 * @param closure what became of the steps
 * @param latency how long decisions took
 */
public record LoopStats(
        long decisions,
        Map<Served, Long> served,
        Map<Cause, Long> because,
        long late,
        long escalated,
        long stale,
        long superseded,
        long preempted,
        long queueDrops,
        long lateAnswers,
        long callbackFailures,
        long escalationsRejected,
        long escalationsOverBudget,
        Map<Guidance.Fate, Long> guidances,
        Closure closure,
        Latency latency) {

    /**
     * What became of the steps of a loop; {@code opened} is the sum of the others but {@code unknown}.
     *
     * @param opened steps that wait or waited for an outcome
     * @param byGame closed because the game reported
     * @param byTimeout closed because nothing was reported in time
     * @param byShutdown closed with the loop
     * @param open still waiting
     * @param unknown outcomes reported for a step that was not open
     */
    public record Closure(long opened, long byGame, long byTimeout, long byShutdown, long open, long unknown) {}

    /**
     * The distribution of latencies, from the entry of the tick to the decision, within 1 % of each value.
     *
     * @param p50 half of all decisions were at most this slow
     * @param p99 99 of 100
     * @param p999 999 of 1,000
     * @param max the slowest
     */
    public record Latency(Duration p50, Duration p99, Duration p999, Duration max) {}

    /** Copies. */
    public LoopStats {
        served = Map.copyOf(served);
        because = Map.copyOf(because);
        guidances = Map.copyOf(guidances);
    }

    /**
     * How many decisions came about in one way.
     *
     * @param how the way
     * @return the count, 0 if none
     */
    public long served(Served how) {
        return served.getOrDefault(how, 0L);
    }

    /**
     * How many decisions were not simply the model's for one reason.
     *
     * @param why the reason
     * @return the count, 0 if none
     */
    public long because(Cause why) {
        return because.getOrDefault(why, 0L);
    }

    /**
     * How many guidances met one fate.
     *
     * @param fate the fate
     * @return the count, 0 if none
     */
    public long guidances(Guidance.Fate fate) {
        return guidances.getOrDefault(fate, 0L);
    }

    /**
     * The decisions that were served in time.
     *
     * @return decisions less the late ones
     */
    public long onTime() {
        return decisions - late;
    }

    /**
     * The decisions in which the shield replaced the chosen action.
     *
     * @return the interventions of the shield
     */
    public long overridden() {
        return served(Served.SHIELD);
    }
}
