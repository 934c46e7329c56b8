package dev.reflexloop;

import java.util.Map;

/**
 * How large a perception may be before it is answered by the fallback ({@link Cause#BAD_PERCEPTION}) instead of the model. Immutable.
 *
 * @param facts the most facts and choices together, the facts of records counted in; default 512
 * @param textLength the most characters of one text or choice; default 4,096
 * @param totalText the most characters of all names, texts and choices together; default 65,536
 */
public record Limits(int facts, int textLength, int totalText) {
    private static final Limits DEFAULTS = new Limits(512, 4_096, 65_536);

    /** Checks that each is at least 1. */
    public Limits {
        Check.atLeast(1, facts, "limit of facts");
        Check.atLeast(1, textLength, "limit of text length");
        Check.atLeast(1, totalText, "limit of total text");
    }

    /**
     * The default limits.
     *
     * @return 512 facts, 4,096 characters a text, 65,536 in all
     */
    public static Limits defaults() {
        return DEFAULTS;
    }

    boolean allow(Perception perception) {
        Measure measure = new Measure();
        return measure.facts(perception.facts()) && measure.choices(perception);
    }

    private final class Measure {
        private long itemCount;
        private long textCount;

        boolean facts(Map<String, Fact> all) {
            for (Map.Entry<String, Fact> entry : all.entrySet()) {
                if (++itemCount > facts || !text(entry.getKey()) || !value(entry.getValue())) {
                    return false;
                }
            }
            return true;
        }

        private boolean value(Fact fact) {
            if (fact instanceof Fact.Text text) {
                return text(text.value());
            }
            if (fact instanceof Fact.Records records) {
                for (Map<String, Fact> record : records.records()) {
                    if (!facts(record)) {
                        return false;
                    }
                }
            }
            return true;
        }

        boolean choices(Perception perception) {
            for (String choice : perception.choices()) {
                if (++itemCount > facts || !text(choice)) {
                    return false;
                }
            }
            return true;
        }

        private boolean text(String text) {
            textCount += text.length();
            return text.length() <= textLength && textCount <= totalText;
        }
    }
}
