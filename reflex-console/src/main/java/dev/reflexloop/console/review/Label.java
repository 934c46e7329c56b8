package dev.reflexloop.console.review;

import java.util.Locale;
import java.util.Optional;

/** What a person says of a decision. */
public enum Label {
    /** It was good; do it again. */
    CHOSEN,
    /** It was bad. */
    REJECTED,
    /** Neither; do not ask again. */
    SKIP;

    /**
     * The label as files and requests write it.
     *
     * @return {@code chosen}, {@code rejected} or {@code skip}
     */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads a label.
     *
     * @param word what a file or a request says
     * @return the label; empty when the word is none
     */
    public static Optional<Label> of(String word) {
        for (Label each : values()) {
            if (each.word().equals(word)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }
}
