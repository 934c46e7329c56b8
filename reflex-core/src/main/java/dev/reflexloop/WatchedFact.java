package dev.reflexloop;

/**
 * One fact over time: what it is now, how it changes while the bot idles, and how while it acts. Confined to the loop's turn.
 *
 * <p>A change shows an effect of the bot unless it is explained without it:
 *
 * <ul>
 *   <li>jitter: a step far below those that the bot makes it take, in a direction that keeps turning. A step however small that goes on in one direction
 *       is no jitter: the health of a large enemy falls like that;
 *   <li>a change as it is while the bot idles, where the fact then either changes most of the time (a clock, a crowd) or never
 *       turns back (a counter of seconds); no larger, in the same direction, and not significantly more often. That a fact changed now and then
 *       while the bot idled explains nothing: health does that in every fight.
 * </ul>
 */
final class WatchedFact {
    /** What one look at a fact says. */
    enum Look {
        /** It is as it was, or trembles. */
        QUIET,
        /** It moves on in one direction by itself. */
        CLOCK,
        /** It changes by itself, to and fro. */
        LIVELY,
        /** It changed, and that needs the bot, as far as is known. */
        EFFECT
    }

    private static final int UP = 0;
    private static final int DOWN = 1;
    private static final int ENOUGH_IDLE = 6;
    private static final int ENOUGH_CHANGES = 3;
    private static final int MOST_IDLE = 256;
    private static final double MOSTLY = 0.75;
    private static final double TURNS_BACK = 0.05;
    private static final double LARGER = 2;
    private static final double DEVIATIONS = 3;
    private static final double SMOOTHING = 1.0 / 8;
    private static final double TINY = 0.1;
    private static final double DRIFTS = 0.6;

    final boolean counts;
    final boolean isProgress;
    private Fact last;
    private long seenAt = -2;

    private int idleSeen;
    private final int[] idleChanges = new int[2];
    private double idleStep;

    private final long[] changes = new long[2];
    private long effects;
    private double usualStep;
    private double direction;

    private long windowStart;
    private final int[] windowChanges = new int[2];
    private boolean moved;

    WatchedFact(Fact first, boolean counts, boolean isProgress) {
        this.last = first;
        this.counts = counts;
        this.isProgress = isProgress;
    }

    /** Whether it was there in a look; looks are numbered. */
    boolean wasSeenAt(long look) {
        return seenAt == look;
    }

    boolean differs(Fact now) {
        return !now.equals(last);
    }

    void set(Fact now, long look) {
        last = now;
        seenAt = look;
    }

    /** Whether the bot was seen to change it, and since the window began it has not moved in such steps. */
    boolean isWitness(long window) {
        return counts && effects >= 2 && (windowStart != window || !moved);
    }

    /**
     * Compares with the look before.
     *
     * @param look the number of this look
     * @param window the number of the look in which something last came of the bot's actions
     * @param idle whether the bot has been idle for some ticks, so that this is what happens without it
     */
    Look next(Fact now, long look, long window, boolean idle) {
        if (windowStart != window) {
            windowStart = window;
            windowChanges[UP] = 0;
            windowChanges[DOWN] = 0;
            moved = false;
        }
        boolean changed = differs(now);
        double step = changed && now instanceof Fact.Quantity to && last instanceof Fact.Quantity from
                ? to.value() - from.value()
                : Double.NaN;
        set(now, look);
        if (idle && ++idleSeen > MOST_IDLE) {
            forgetHalf();
        }
        if (!changed) {
            return Look.QUIET;
        }
        int way = step < 0 ? DOWN : UP;
        boolean isNumber = !Double.isNaN(step);
        double size = Math.abs(step);
        if (idle) {
            idleChanges[way]++;
            idleStep = isNumber ? Math.max(idleStep, size) : idleStep;
        }
        changes[way]++;
        boolean tiny = size < TINY * usualStep;
        if (isNumber) {
            direction += (Math.signum(step) - direction) * SMOOTHING;
            if (tiny && Math.abs(direction) < DRIFTS) {
                return Look.QUIET;
            }
        }
        windowChanges[way]++;
        moved |= !tiny;
        if (isExplained(way, size, isNumber, look - window)) {
            return isNumber && turnsBack(way) <= TURNS_BACK ? Look.CLOCK : Look.LIVELY;
        }
        if (!idle) {
            effects++;
            usualStep += isNumber ? (usualStep == 0 ? size : (size - usualStep) * SMOOTHING) : 0;
        }
        return Look.EFFECT;
    }

    private boolean isExplained(int way, double size, boolean isNumber, long looks) {
        if (idleSeen < ENOUGH_IDLE || idleChanges[way] < ENOUGH_CHANGES || size > LARGER * idleStep) {
            return false;
        }
        boolean mostly = idleChanges[UP] + idleChanges[DOWN] >= MOSTLY * idleSeen;
        boolean counter = isNumber && turnsBack(way) <= TURNS_BACK;
        if (!mostly && !counter) {
            return false;
        }
        double share = (double) idleChanges[way] / idleSeen;
        double deviation = Math.sqrt(looks * share * (1 - share));
        return windowChanges[way] <= looks * share + DEVIATIONS * deviation;
    }

    private double turnsBack(int way) {
        return (double) changes[1 - way] / (changes[UP] + changes[DOWN]);
    }

    /** Old idleness counts less, because games change. */
    private void forgetHalf() {
        idleSeen /= 2;
        idleChanges[UP] /= 2;
        idleChanges[DOWN] /= 2;
    }
}
