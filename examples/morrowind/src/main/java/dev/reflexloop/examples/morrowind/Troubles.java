package dev.reflexloop.examples.morrowind;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what is wrong with the files of the folder; the first of each kind is logged at WARN, the others at DEBUG. Thread-safe. */
final class Troubles {
    private static final Logger LOG = LoggerFactory.getLogger(Morrowind.class);

    /** What can be wrong. */
    enum Kind {
        /** The perception stayed half written. */
        TORN_PERCEPTION,
        /** The perception is whole JSON, but no perception. */
        REFUSED_PERCEPTION,
        /** A file cannot be read, is too large, or is no file. */
        UNREADABLE_FILE,
        /** A line of the pilot's events is no event. */
        REFUSED_EVENT,
        /** The pilot reports on a decision that is not open. */
        UNKNOWN_DECISION,
        /** The action could not be written. */
        UNWRITTEN_ACTION;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Reasons may hold what somebody wrote into a file. */
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    private static final int MAX_REASON = 300;

    private final Map<Kind, Long> counts = new EnumMap<>(Kind.class);

    void count(Kind kind, Path file, String reason) {
        String shown = CONTROL.matcher(reason.substring(0, Math.min(reason.length(), MAX_REASON)))
                .replaceAll("?");
        long times;
        synchronized (this) {
            times = counts.merge(kind, 1L, Long::sum);
        }
        if (times == 1) {
            LOG.warn("{} in {}: {} (said once; counted, and further ones at DEBUG)", kind.label(), file, shown);
        } else {
            LOG.debug("{} in {}: {}", kind.label(), file, shown);
        }
    }

    synchronized long count(Kind kind) {
        return counts.getOrDefault(kind, 0L);
    }
}
