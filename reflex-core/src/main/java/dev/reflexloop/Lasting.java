package dev.reflexloop;

import java.util.concurrent.TimeUnit;

/** How long something lasted, for people: in the largest unit of which it is at least two, cut to whole ones. */
final class Lasting {
    private record Unit(long nanos, String symbol) {}

    private static final Unit[] UNITS = {
        new Unit(TimeUnit.DAYS.toNanos(1), "d"),
        new Unit(TimeUnit.HOURS.toNanos(1), "h"),
        new Unit(TimeUnit.MINUTES.toNanos(1), "min"),
        new Unit(TimeUnit.SECONDS.toNanos(1), "s"),
        new Unit(TimeUnit.MILLISECONDS.toNanos(1), "ms"),
        new Unit(TimeUnit.MICROSECONDS.toNanos(1), "\u00b5s"),
    };

    private Lasting() {}

    static String text(long nanos) {
        for (Unit unit : UNITS) {
            if (nanos / unit.nanos() >= 2) {
                return nanos / unit.nanos() + " " + unit.symbol();
            }
        }
        return nanos + " ns";
    }
}
