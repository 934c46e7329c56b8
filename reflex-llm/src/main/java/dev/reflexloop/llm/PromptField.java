package dev.reflexloop.llm;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One fact as it appears in a {@link PromptLayout}: its name and the closed set of values that the prompt can show. Immutable.
 *
 * <p>A fact that is missing, or of another kind than its field, is shown as {@code none}.
 */
public sealed interface PromptField {
    /** The most records of a list that a prompt shows one by one. */
    int MAX_SLOTS = 64;

    /**
     * The name of the fact.
     *
     * @return the name; {@value PromptLayout#GOAL} stands for the question's goal
     */
    String name();

    /**
     * A number, shown as the band that it is in.
     *
     * @param name the fact's name
     * @param bands the bands
     */
    record Numbers(String name, Bands bands) implements PromptField {
        public Numbers {
            requireName(name);
        }
    }

    /**
     * A yes or no.
     *
     * @param name the fact's name
     */
    record Flags(String name) implements PromptField {
        public Flags {
            requireName(name);
        }
    }

    /**
     * A text out of a closed set; every other text is shown as {@code other}.
     *
     * @param name the fact's name
     * @param values the texts that are told apart, all different; may be empty
     */
    record Texts(String name, List<String> values) implements PromptField {
        public Texts {
            requireName(name);
            values = List.copyOf(values);
            if (new HashSet<>(values).size() != values.size()) {
                throw new IllegalArgumentException(
                        "field '" + name + "' has a value twice in " + values + "; give each once");
            }
        }
    }

    /**
     * A list of records: their count, then the fields of the first few.
     *
     * @param name the fact's name
     * @param slots how many records are shown, from the first; 0 to {@value #MAX_SLOTS}. A longer list counts as {@code more}
     * @param fields what is shown of each record; no further records
     */
    record Records(String name, int slots, List<PromptField> fields) implements PromptField {
        public Records {
            requireName(name);
            fields = List.copyOf(fields);
            if (slots < 0 || slots > MAX_SLOTS) {
                throw new IllegalArgumentException(
                        "field '" + name + "' shows " + slots + " records; give 0 to " + MAX_SLOTS);
            }
            Set<String> names = new HashSet<>();
            for (PromptField field : fields) {
                if (field instanceof Records) {
                    throw new IllegalArgumentException("field '" + name + "' holds the records '" + field.name()
                            + "'; records hold numbers, flags and texts only");
                }
                if (!names.add(field.name())) {
                    throw new IllegalArgumentException(
                            "field '" + name + "' has two fields named '" + field.name() + "'; give each once");
                }
            }
        }
    }

    private static void requireName(String name) {
        if (name.isBlank()) {
            throw new IllegalArgumentException(
                    "name of a prompt field is blank; give the name of the fact that it shows");
        }
    }
}
