package dev.reflexloop;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the reflex decided in one tick, how it came about, and what it was made from. Immutable.
 *
 * @param id identifies the decision in the trajectory log; pass it to {@link ReflexLoop#outcome(Outcome)}
 * @param at the wall-clock time at which it was served, for records
 * @param perception what it was made from
 * @param goal the goal at that time
 * @param legal what was legal, in the schema's order
 * @param action the action, one of the legal ones
 * @param target what it is aimed at, where the action has targets
 * @param served how it came about
 * @param because why it is not simply the model's; empty when nothing stood in the way
 * @param answer the model's answer, where one arrived in time
 * @param latency from the entry of the tick until it was served
 * @param late true if it was served after its deadline; this should never be
 * @param vetoed the action that the shield replaced, if it did
 * @param escalated whether the situation was handed to the strategist in this tick
 * @param guidance the id of the guidance that was followed, if any
 * @param situation what was going on that the reflex should not judge alone, whether it was handed over in this tick, before, or not at all
 */
public record Decision(
        String id,
        Instant at,
        Perception perception,
        Goal goal,
        List<Action> legal,
        Action action,
        Optional<Target> target,
        Served served,
        Optional<Cause> because,
        Optional<Answer> answer,
        Duration latency,
        boolean late,
        Optional<Action> vetoed,
        boolean escalated,
        Optional<String> guidance,
        Optional<Situation> situation) {}
