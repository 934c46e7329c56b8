package dev.reflexloop;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Argument checks whose messages name the parameter, the reason and the remedy. */
final class Check {
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 2);

    private Check() {}

    static <T> T present(@Nullable T value, String parameter, String remedy) {
        if (value == null) {
            throw new IllegalArgumentException(parameter + " is null; " + remedy);
        }
        return value;
    }

    static String name(@Nullable String value, String parameter) {
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException(parameter + " is " + (value == null ? "null" : "blank")
                    + "; give it a short name that is unique where it is used");
        }
        return value;
    }

    static double finite(double value, String parameter) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(
                    parameter + " is " + value + "; give a finite number, or leave it out when it is unknown");
        }
        return value;
    }

    static double share(double value, String parameter) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(parameter + " is " + value + "; give 0 to 1");
        }
        return value;
    }

    static Duration positive(@Nullable Duration value, String parameter) {
        if (value == null || value.isZero() || value.isNegative()) {
            throw new IllegalArgumentException(parameter + " is " + value + "; give a duration above zero");
        }
        return value;
    }

    static Duration notNegative(@Nullable Duration value, String parameter) {
        if (value == null || value.isNegative()) {
            throw new IllegalArgumentException(parameter + " is " + value + "; give a duration of zero or more");
        }
        return value;
    }

    /** Nanoseconds for arithmetic on a clock; a duration of centuries counts as 146 years, so that no sum of two overflows. */
    static long nanos(Duration value) {
        return value.compareTo(LONGEST) >= 0 ? LONGEST.toNanos() : value.toNanos();
    }

    static int atLeast(int minimum, int value, String parameter) {
        if (value < minimum) {
            throw new IllegalArgumentException(parameter + " is " + value + "; give at least " + minimum);
        }
        return value;
    }
}
