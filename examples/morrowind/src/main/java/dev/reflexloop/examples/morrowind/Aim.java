package dev.reflexloop.examples.morrowind;

import dev.reflexloop.Goal;
import java.util.List;
import java.util.Locale;

/**
 * What a goal in free words comes to, as far as eight actions go: what a small model can learn. Larger models read the goal itself.
 */
enum Aim {
    /** Somebody is to be met. */
    MEET("talk", "speak", "meet", "find", "ask", "deliver", "return"),
    /** Somebody is to be fought. */
    FIGHT("kill", "fight", "defeat", "clear", "hunt"),
    /** Danger is to be avoided. */
    HIDE("hide", "flee", "avoid", "survive", "rest"),
    /** What lies behind doors is to be seen. */
    ENTER("enter", "inside", "door", "search"),
    /** Anything else. */
    EXPLORE();

    @SuppressWarnings("ImmutableEnumChecker") // the list comes from List.of
    private final List<String> words;

    Aim(String... words) {
        this.words = List.of(words);
    }

    /** The value of the fact {@link Sight#AIM}. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The aim whose word comes first in the goal. */
    static Aim of(Goal goal) {
        String[] spoken = goal.text().toLowerCase(Locale.ROOT).split("[^a-z]+", 64);
        for (String word : spoken) {
            for (Aim aim : values()) {
                if (aim.words.contains(word)) {
                    return aim;
                }
            }
        }
        return EXPLORE;
    }
}
