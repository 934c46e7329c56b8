package dev.reflexloop;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One thing that a bot perceives: a text, a number, a yes or no, or a list of records (the non-player characters nearby, each with
 * facts of its own). Immutable.
 */
public sealed interface Fact {

    /**
     * A text, for instance the name of a place. It comes from the game and is treated as hostile: a renderer never lets it form a
     * special token or a label.
     *
     * @param value the text, possibly empty
     */
    record Text(String value) implements Fact {
        public Text {
            Check.present(value, "text of a fact", "leave the fact out when it is unknown");
        }
    }

    /**
     * A finite number, in whatever unit the game uses.
     *
     * @param value the number; not NaN and not infinite
     */
    record Quantity(double value) implements Fact {
        public Quantity {
            Check.finite(value, "number of a fact");
        }
    }

    /**
     * A yes or no.
     *
     * @param value the truth of it
     */
    record Flag(boolean value) implements Fact {
        static final Flag TRUE = new Flag(true);
        static final Flag FALSE = new Flag(false);
    }

    /**
     * A list of records of the same kind, nearest or most important first. Records hold texts, numbers and flags, not further lists.
     *
     * @param records the records in order; copied
     */
    record Records(List<Map<String, Fact>> records) implements Fact {
        public Records {
            Check.present(records, "records of a fact", "give an empty list when there are none");
            List<Map<String, Fact>> copies = new ArrayList<>(records.size());
            for (Map<String, Fact> each : records) {
                Map<String, Fact> copy = copyOf(each, "record " + copies.size());
                for (Map.Entry<String, Fact> entry : copy.entrySet()) {
                    if (entry.getValue() instanceof Records) {
                        throw new IllegalArgumentException("fact '" + entry.getKey()
                                + "' of a record is itself a list of records; flatten it into facts of the record");
                    }
                }
                copies.add(copy);
            }
            records = Collections.unmodifiableList(copies);
        }
    }

    /**
     * A text fact.
     *
     * @param value the text
     * @return the fact
     */
    static Fact of(String value) {
        return new Text(value);
    }

    /**
     * A number fact.
     *
     * @param value a finite number
     * @return the fact
     */
    static Fact of(double value) {
        return new Quantity(value);
    }

    /**
     * A yes-or-no fact.
     *
     * @param value the truth of it
     * @return the fact
     */
    static Fact of(boolean value) {
        return value ? Flag.TRUE : Flag.FALSE;
    }

    /**
     * A list of records.
     *
     * @param records the records in order
     * @return the fact
     */
    static Fact of(List<Map<String, Fact>> records) {
        return new Records(records);
    }

    /** An unmodifiable copy in the same order; names the fact that is missing its name or value. */
    static Map<String, Fact> copyOf(Map<String, Fact> facts, String owner) {
        Check.present(facts, "facts of " + owner, "give an empty map when nothing is perceived");
        Map<String, Fact> copy = new LinkedHashMap<>(Math.max(4, facts.size() * 4 / 3 + 1));
        for (Map.Entry<String, Fact> entry : facts.entrySet()) {
            Check.name(entry.getKey(), "name of a fact of " + owner);
            Check.present(
                    entry.getValue(), "fact '" + entry.getKey() + "' of " + owner, "leave it out when it is unknown");
            copy.put(entry.getKey(), entry.getValue());
        }
        return Collections.unmodifiableMap(copy);
    }
}
