package dev.reflexloop;

import java.util.List;

/**
 * A further question that rides along with a decision, for instance "does this need the strategist?". Immutable.
 *
 * @param id its name, unique in the question
 * @param text the question itself
 * @param options two to 255 answers to choose from
 */
public record SideQuestion(String id, String text, List<String> options) {
    /** Checks and copies. */
    public SideQuestion {
        Check.name(id, "id of a side question");
        Check.present(text, "text of side question '" + id + "'", "ask something");
        Check.present(options, "options of side question '" + id + "'", "give at least two");
        options = List.copyOf(options);
        if (options.size() < 2 || options.size() > 255) {
            throw new IllegalArgumentException(
                    "side question '" + id + "' has " + options.size() + " options; give 2 to 255 of them");
        }
    }

    /**
     * A question with the answers "yes" and "no".
     *
     * @param id its name
     * @param text the question itself
     * @return the question
     */
    public static SideQuestion yesNo(String id, String text) {
        return new SideQuestion(id, text, List.of("yes", "no"));
    }
}
