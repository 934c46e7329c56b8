package dev.reflexloop.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What was asked for on the command line: a name, then {@code --option} or {@code --option=value}. Immutable.
 *
 * <p>{@code --short} makes a run of seconds that shows that a benchmark works; its figures go to {@code benchmarks/target/results}, because
 * they are no measurement. {@code --results=FOLDER} sends them elsewhere.
 */
final class Options {
    private static final Set<String> COMMON = Set.of("short", "results");

    private final String name;
    private final Map<String, String> values = new LinkedHashMap<>();

    /**
     * Reads the arguments that follow a benchmark's name.
     *
     * @param name the benchmark
     * @param arguments what follows its name
     * @param known the options that it has, besides {@code --short} and {@code --results}
     * @throws IllegalArgumentException if an option is unknown; the message lists the known ones
     */
    Options(String name, List<String> arguments, Set<String> known) {
        this.name = name;
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            String option =
                    argument.startsWith("--") ? argument.substring(2, equals < 0 ? argument.length() : equals) : "";
            if (!COMMON.contains(option) && !known.contains(option)) {
                throw new IllegalArgumentException("benchmark '" + name + "' has no option '" + argument
                        + "'; it has --short, --results=FOLDER"
                        + known.stream().sorted().map(each -> ", --" + each).reduce("", String::concat));
            }
            values.put(option, equals < 0 ? "" : argument.substring(equals + 1));
        }
    }

    boolean isShort() {
        return values.containsKey("short");
    }

    boolean has(String option) {
        return values.containsKey(option);
    }

    String text(String option, String otherwise) {
        return values.getOrDefault(option, otherwise);
    }

    /** A whole number from an option, or one of two defaults. */
    long number(String option, long full, long shorter) {
        String given = values.get(option);
        if (given == null) {
            return isShort() ? shorter : full;
        }
        try {
            return Long.parseLong(given);
        } catch (NumberFormatException failure) {
            throw new IllegalArgumentException(
                    "--" + option + "=" + given + " of benchmark '" + name + "' is no whole number", failure);
        }
    }

    /** The command that makes the same figures again, from the root of a clone. */
    String command() {
        StringBuilder line = new StringBuilder(name);
        values.forEach((option, value) -> {
            if (!option.equals("results")) {
                line.append(" --").append(option).append(value.isEmpty() ? "" : "=" + value);
            }
        });
        return "mvn -q -Pbench -pl benchmarks -am package -DskipTests -Dbench=\"" + line + "\"";
    }

    Path results() {
        if (has("results")) {
            return Path.of(text("results", ""));
        }
        return root().resolve(isShort() ? "benchmarks/target/results" : "benchmarks/results");
    }

    /** The root of the clone: the nearest folder above the working directory that has the benchmarks in it. */
    static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.exists(folder.resolve("benchmarks/pom.xml"))) {
            folder = folder.getParent();
        }
        if (folder == null) {
            throw new IllegalStateException(
                    "the benchmarks were not started inside a clone; change to one, or give --results=FOLDER");
        }
        return folder;
    }
}
