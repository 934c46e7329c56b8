package dev.reflexloop.llm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflexloop.Action;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the one action that a written reply names. Immutable.
 *
 * <p>What is explicit counts first: JSON with an action in it, and lines that hold an action and nothing else. Only where there is neither
 * is prose searched, and it counts only when it mentions a single action and denies nothing. Two actions are no answer.
 */
final class ActionReader {
    /** More of a reply than this is not looked at: an answer is a word, and the text may be hostile. */
    private static final int MOST_TEXT = 16_384;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern PREFIX = Pattern.compile(
            "(?:(?:my|the|next)\\s+)*(?:answer|action|choice)(?:\\s*:|\\s+is\\b\\s*:?)\\s*", Pattern.CASE_INSENSITIVE);
    private static final Pattern LETTERED = Pattern.compile("\\(?([A-Za-z])\\s*(?:[).:-]\\s*(.*))?");
    private static final Pattern DENIAL = Pattern.compile(
            "\\b(?:not|never|cannot|without|avoid\\w*|instead|rather|unless|\\w+n['\u2019]t)\\b",
            Pattern.CASE_INSENSITIVE);
    private static final String DECORATION = " \t\r\"'`*_#>-.,;!\u201c\u201d\u2018\u2019\u00a0";

    private final List<Action> actions;
    private final boolean lettered;

    /**
     * @param actions every action of the schema, in its order
     * @param lettered whether the prompt gave them letters
     */
    ActionReader(List<Action> actions, boolean lettered) {
        this.actions = actions;
        this.lettered = lettered;
    }

    Optional<Action> read(String reply) {
        JsonInText parts = JsonInText.of(reply.substring(0, Math.min(reply.length(), MOST_TEXT)));
        Explicit explicit = new Explicit();
        parts.objects().forEach(object -> object(object, explicit));
        String text = parts.around();
        text.lines().forEach(line -> explicit.actions.addAll(exactly(line)));
        if (explicit.isUnknown || !explicit.actions.isEmpty()) {
            return explicit.isUnknown ? Optional.empty() : single(explicit.actions);
        }
        return DENIAL.matcher(text).find() ? Optional.empty() : single(mentioned(text));
    }

    /** What a reply says outside prose. */
    private static final class Explicit {
        final Set<Action> actions = new LinkedHashSet<>();

        /** An action was given that the schema does not have. */
        boolean isUnknown;
    }

    private static Optional<Action> single(Set<Action> named) {
        return named.size() == 1 ? Optional.of(named.iterator().next()) : Optional.empty();
    }

    private void object(String text, Explicit found) {
        JsonNode object;
        try {
            object = JSON.readTree(text);
        } catch (IOException impossible) {
            throw new IllegalStateException("what was read as JSON is no JSON", impossible);
        }
        JsonNode action = object.size() == 1 ? object.elements().next() : object.path("action");
        Set<Action> named = exactly(action.asText(""));
        found.actions.addAll(named);
        found.isUnknown |= named.isEmpty() && object.has("action");
    }

    /** The actions that a line names when it holds nothing else; none, or one, or more where a letter and a name disagree. */
    private Set<Action> exactly(String line) {
        String bare = strip(line);
        Matcher prefix = PREFIX.matcher(bare);
        bare = prefix.lookingAt() ? strip(bare.substring(prefix.end())) : bare;
        Set<Action> named = named(bare);
        if (!lettered) {
            return named;
        }
        Matcher letter = LETTERED.matcher(bare);
        if (letter.matches()) {
            int index = index(letter.group(1));
            String behind = letter.group(2) == null ? "" : strip(letter.group(2));
            Set<Action> second = behind.isEmpty() ? Set.of() : named(behind);
            if (index < actions.size() && (behind.isEmpty() || !second.isEmpty())) {
                named.add(actions.get(index));
                named.addAll(second);
            }
        }
        return named;
    }

    private int index(String letter) {
        return PlainRenderer.LETTERS.indexOf(actions.size() <= 26 ? letter.toUpperCase(Locale.ROOT) : letter);
    }

    private static String strip(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && DECORATION.indexOf(text.charAt(from)) >= 0) {
            from++;
        }
        while (to > from && DECORATION.indexOf(text.charAt(to - 1)) >= 0) {
            to--;
        }
        return text.substring(from, to);
    }

    private Set<Action> named(String text) {
        Set<Action> named = new LinkedHashSet<>();
        for (Action action : actions) {
            if (action.name().equals(text)) {
                return new LinkedHashSet<>(Set.of(action));
            }
            if (strip(action.name()).equalsIgnoreCase(text)) {
                named.add(action);
            }
        }
        return named;
    }

    /** The actions whose name stands somewhere in a text as a word of its own; the longest name where several begin alike. */
    private Set<Action> mentioned(String text) {
        Set<Action> mentioned = new LinkedHashSet<>();
        int at = 0;
        while (at < text.length()) {
            int longest = 0;
            for (Action action : actions) {
                if (isWord(text, at, action.name())) {
                    longest = Math.max(longest, action.name().length());
                }
            }
            for (Action action : actions) {
                if (longest > 0 && action.name().length() == longest && isWord(text, at, action.name())) {
                    mentioned.add(action);
                }
            }
            at += Math.max(1, longest);
        }
        return mentioned;
    }

    private static boolean isWord(String text, int at, String name) {
        int end = at + name.length();
        return text.regionMatches(true, at, name, 0, name.length())
                && (at == 0 || !isPartOfName(text.charAt(at - 1)))
                && (end == text.length() || !isPartOfName(text.charAt(end)));
    }

    private static boolean isPartOfName(char character) {
        return Character.isLetterOrDigit(character) || character == '_' || character == '-';
    }
}
