package dev.reflexloop.llm.server;

import dev.reflexloop.llm.PromptRenderer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Names of options as a server gets them: harmless, short, none blank, all different. */
final class OptionKeys {
    private static final int MOST_CHARACTERS = 64;

    private OptionKeys() {}

    /** One key for each name, in the same order. A name that is harmless and short is its own key. */
    static List<String> of(List<String> names) {
        Set<String> taken = new HashSet<>();
        List<String> keys = new ArrayList<>(names.size());
        for (String name : names) {
            String plain = PromptRenderer.harmless(name, MOST_CHARACTERS).strip();
            String key = plain.isEmpty() ? "option" : plain;
            for (int again = 2; !taken.add(key); again++) {
                key = (plain.isEmpty() ? "option" : plain) + " (" + again + ")";
            }
            keys.add(key);
        }
        return keys;
    }
}
