package dev.reflexloop.examples.heartbeat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a monitor may do, and how often. Immutable.
 *
 * @param name its name, in alerts and prompts
 * @param goal what the watched system is for, for the model; may be empty
 * @param interval from tick to tick, more than patience and budget together
 * @param patience how long the probes may look
 * @param budget how long the decision may take
 * @param reasoningPatience how long the reasoning may be written
 * @param settleTicks for how many ticks a better state must hold until people are told, 1 or more
 * @param log the folder of the tick logs
 * @param hooks the actions, in the order in which they are offered
 * @param act whether to take them; they are only recorded otherwise
 */
record MonitorSettings(
        String name,
        String goal,
        Duration interval,
        Duration patience,
        Duration budget,
        Duration reasoningPatience,
        int settleTicks,
        Path log,
        List<HookSettings> hooks,
        boolean act) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    MonitorSettings {
        hooks = List.copyOf(hooks);
        named(name, "name of the monitor");
        if (patience.plus(budget).compareTo(interval) >= 0) {
            throw new IllegalArgumentException("the probes' " + seconds(patience) + " s and the decision's "
                    + seconds(budget) + " s do not fit into an interval of " + seconds(interval)
                    + " s; a tick would be late, so raise interval_s or lower probe_s or budget_s");
        }
        if (settleTicks < 1) {
            throw new IllegalArgumentException("settle_ticks is " + settleTicks + "; give 1 or more");
        }
        distinct(hooks.stream().map(HookSettings::name).toList(), "action");
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }

    /** Checks a name that becomes part of facts, prompts and labels. */
    static String named(String name, String what) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(what + " is '" + name + "'; use 1 to 64 letters, digits, '_' and '-'");
        }
        return name;
    }

    /** Checks that no name is there twice. */
    static void distinct(List<String> names, String what) {
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (!seen.add(named(name, "name of a " + what))) {
                throw new IllegalArgumentException(
                        "two of the configuration's " + what + "s are named '" + name + "'; give each its own name");
            }
        }
    }
}
