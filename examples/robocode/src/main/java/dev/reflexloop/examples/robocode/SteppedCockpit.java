package dev.reflexloop.examples.robocode;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The cockpit for full speed: the game stands still while the policy decides, on the battle's thread between two turns, and the tactic
 * lands the turns later that the measured latency costs at 30 turns a second - at the earliest in the next turn.
 */
final class SteppedCockpit extends Cockpit {
    private static final long TURN_NANOS = 1_000_000_000L / 30;

    private record Pending(long turn, Deed deed) {}

    private final Policy policy;
    private final Deque<Pending> pending = new ArrayDeque<>();
    private @Nullable Situation situation;

    SteppedCockpit(Policy policy, long seed) {
        super(seed);
        this.policy = policy;
    }

    @Override
    synchronized Tactic tactic(long turn) {
        while (!pending.isEmpty() && pending.getFirst().turn() <= turn) {
            Deed deed = pending.removeFirst().deed();
            inForce(deed);
            policy.landed(deed, turn);
        }
        return deed().tactic();
    }

    @Override
    synchronized void perceived(Situation newest) {
        situation = newest;
    }

    @Override
    synchronized void roundStarted(long turn, int others) {
        pending.clear();
        situation = null;
        super.roundStarted(turn, others);
    }

    /** Decides about the newest situation, if there is one. */
    @Override
    synchronized void turnEnded() {
        Situation newest = situation;
        if (newest != null) {
            situation = null;
            Policy.Choice choice = policy.choose(newest);
            long delay = Math.max(1, (choice.latencyNanos() + TURN_NANOS - 1) / TURN_NANOS);
            pending.addLast(new Pending(newest.turn() + delay, new Deed(choice.tactic(), choice.decision())));
        }
    }

    @Override
    void roundEnded(List<Deed> deeds, double result) {
        policy.roundEnded(deeds, result);
    }
}
