package dev.reflexloop.llm.command;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a command was given: options, each at most once, and files. Immutable.
 *
 * <p>Which options there are stands in the command's help, each at the beginning of a line: {@code --seed N  ...} takes a value, because one
 * space and a word in capitals follow, and {@code --overwrite  ...} takes none. So an option that is not in the help does not exist.
 */
public final class Arguments {
    private static final Pattern LISTED = Pattern.compile("(?m)^ +(--[a-z0-9-]+)( [A-Z])?");

    private final Map<String, String> options = new HashMap<>();
    private final List<Path> files = new ArrayList<>();

    Arguments(String[] words, String help) {
        Map<String, Boolean> takesValue = new HashMap<>();
        for (Matcher listed = LISTED.matcher(help); listed.find(); ) {
            takesValue.put(listed.group(1), listed.group(2) != null);
        }
        Deque<String> rest = new ArrayDeque<>(List.of(words));
        while (!rest.isEmpty()) {
            String word = rest.pop();
            if (!word.startsWith("-")) {
                files.add(path(word));
                continue;
            }
            Boolean valued = takesValue.get(word);
            if (valued == null) {
                throw new IllegalArgumentException("There is no option " + word + ".");
            }
            if (valued && rest.isEmpty()) {
                throw new IllegalArgumentException(word + " needs a value after it.");
            }
            if (options.put(word, valued ? rest.pop() : "") != null) {
                throw new IllegalArgumentException(word + " is given twice.");
            }
        }
    }

    private static Path path(String word) {
        try {
            return Path.of(word);
        } catch (InvalidPathException noPath) {
            throw new IllegalArgumentException("'" + word + "' is no path.", noPath);
        }
    }

    /**
     * Whether an option was given.
     *
     * @param option with its dashes
     * @return true if it was
     */
    public boolean has(String option) {
        return options.containsKey(option);
    }

    /**
     * The value of an option.
     *
     * @param option with its dashes
     * @return the value; empty if it was not given
     */
    public Optional<String> text(String option) {
        return Optional.ofNullable(options.get(option));
    }

    /**
     * The value of an option that names a file.
     *
     * @param option with its dashes
     * @return the file; empty if it was not given
     * @throws IllegalArgumentException if it is no path
     */
    public Optional<Path> file(String option) {
        return text(option).map(Arguments::path);
    }

    /**
     * The value of an option that is a number.
     *
     * @param option with its dashes
     * @return the number; empty if it was not given
     * @throws IllegalArgumentException if it is none
     */
    public OptionalDouble number(String option) {
        String text = options.get(option);
        try {
            return text == null ? OptionalDouble.empty() : OptionalDouble.of(Double.parseDouble(text));
        } catch (NumberFormatException none) {
            throw new IllegalArgumentException(option + " needs a number after it, was '" + text + "'.", none);
        }
    }

    /**
     * The value of an option that is a whole number.
     *
     * @param option with its dashes
     * @param otherwise the number if it was not given
     * @return the number
     * @throws IllegalArgumentException if it is none
     */
    public long whole(String option, long otherwise) {
        String text = options.get(option);
        try {
            return text == null ? otherwise : Long.parseLong(text);
        } catch (NumberFormatException none) {
            throw new IllegalArgumentException(option + " needs a whole number after it, was '" + text + "'.", none);
        }
    }

    /**
     * What is no option, in its order.
     *
     * @return files
     */
    public List<Path> files() {
        return List.copyOf(files);
    }

    /**
     * The same where at least one is needed.
     *
     * @param what what the files are, in the singular
     * @return one file or more
     * @throws IllegalArgumentException if there is none
     */
    public List<Path> files(String what) {
        if (files.isEmpty()) {
            throw new IllegalArgumentException("No " + what + " is given; name its file.");
        }
        return files();
    }
}
