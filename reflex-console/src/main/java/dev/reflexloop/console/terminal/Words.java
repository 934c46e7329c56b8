package dev.reflexloop.console.terminal;

import java.time.Duration;
import java.util.Locale;

/** Numbers as people read them. */
public final class Words {
    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    private static final double STEP = 1_000;
    private static final double MICROS_PER_MILLI = 1_000;
    private static final int FINE = 10;
    private static final int COARSE = 100;
    private static final double PERCENT = 100;

    private Words() {}

    /**
     * A count, its thousands apart.
     *
     * @param number the count
     * @return for instance {@code 12,345}
     */
    public static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /**
     * A count of things.
     *
     * @param number how many
     * @param singular what one of them is called
     * @return for instance {@code 1 bot} or {@code 3 bots}
     */
    public static String count(long number, String singular) {
        return count(number) + ' ' + singular + (number == 1 ? "" : "s");
    }

    /**
     * A size, in units of a thousand.
     *
     * @param bytes the size
     * @return for instance {@code 1.2 GB}
     */
    public static String size(long bytes) {
        double size = bytes;
        int unit = 0;
        while (size >= STEP && unit < UNITS.length - 1) {
            size /= STEP;
            unit++;
        }
        return String.format(Locale.ROOT, unit > 0 && size < FINE ? "%.1f %s" : "%.0f %s", size, UNITS[unit]);
    }

    /**
     * A share.
     *
     * @param share 0 to 1
     * @return for instance {@code 71.0 %}
     */
    public static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", PERCENT * share);
    }

    /**
     * A short time in milliseconds, finer the shorter it is.
     *
     * @param micros microseconds
     * @return for instance {@code 0.42} or {@code 153}
     */
    public static String millis(long micros) {
        double millis = micros / MICROS_PER_MILLI;
        return String.format(Locale.ROOT, millis < FINE ? "%.2f" : millis < COARSE ? "%.1f" : "%.0f", millis);
    }

    /**
     * How long ago something was.
     *
     * @param age the time since; what lies ahead counts as now
     * @return for instance {@code 12 s ago}
     */
    public static String ago(Duration age) {
        long seconds = Math.max(0, age.toSeconds());
        if (seconds < Duration.ofMinutes(2).toSeconds()) {
            return seconds + " s ago";
        } else if (seconds < Duration.ofHours(2).toSeconds()) {
            return age.toMinutes() + " min ago";
        }
        return age.toHours() < Duration.ofDays(2).toHours() ? age.toHours() + " h ago" : age.toDays() + " days ago";
    }
}
