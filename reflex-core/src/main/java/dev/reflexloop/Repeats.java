package dev.reflexloop;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The actions since something last came of one, as far as it takes to see that they repeat. For each period up to four it counts how many
 * actions in a row were the same as the one a period before. Confined to the loop's turn.
 */
final class Repeats {
    /** An action and what it is aimed at. */
    record Move(Action action, @Nullable Target target) {
        static Move of(Decision decision) {
            return new Move(decision.action(), decision.target().orElse(null));
        }

        String name() {
            return target == null ? action.name() : action.name() + " " + target.id();
        }

        private boolean isLike(Move other) {
            return action.name().equals(other.action.name())
                    && (target == null
                            ? other.target == null
                            : other.target != null && target.id().equals(other.target.id()));
        }
    }

    private static final int LONGEST_PERIOD = 4;

    private final @Nullable Move[] latest = new @Nullable Move[LONGEST_PERIOD];
    private final int[] runs = new int[LONGEST_PERIOD + 1];
    private long count;
    private long beganNanos;

    void clear() {
        Arrays.fill(latest, null);
        Arrays.fill(runs, 0);
        count = 0;
    }

    void add(Move move, long nowNanos) {
        if (count == 0) {
            beganNanos = nowNanos;
        }
        for (int period = 1; period <= LONGEST_PERIOD; period++) {
            Move before = count < period ? null : latest[(int) ((count - period) % LONGEST_PERIOD)];
            runs[period] = before != null && before.isLike(move) ? runs[period] + 1 : 0;
        }
        latest[(int) (count % LONGEST_PERIOD)] = move;
        count++;
    }

    long count() {
        return count;
    }

    /** How long it is since the first of them. */
    long lastingNanos(long nowNanos) {
        return count == 0 ? 0 : nowNanos - beganNanos;
    }

    /** How often in a row the last one was served. */
    int same() {
        return count == 0 ? 0 : runs[1] + 1;
    }

    /** How many actions, not all the same, are gone through in turn, if that was done so many times; 0 if not. */
    int period(int cycles) {
        for (int period = 2; period <= LONGEST_PERIOD; period++) {
            if (runs[period] >= period * (cycles - 1) && runs[1] < period - 1) {
                return period;
            }
        }
        return 0;
    }
}
