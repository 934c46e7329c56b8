package dev.reflexloop.examples.heartbeat;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The command line. Immutable.
 *
 * @param config the configuration file
 * @param intervalS seconds from tick to tick, instead of the file's
 * @param model the model, instead of the file's
 * @param log the folder of the tick logs, instead of the file's
 * @param once whether to tick once and end
 * @param act whether to take actions instead of only recording them
 */
record Options(
        Path config,
        Optional<Double> intervalS,
        Optional<String> model,
        Optional<String> log,
        boolean once,
        boolean act) {
    static final String USAGE = """
            usage: Heartbeat --config FILE [--interval SECONDS] [--model MODEL] [--log FOLDER] [--once] [--act]
              MODEL  none                 the hard-coded rules only
                     nano:FILE            a model of this library, in this process
                     llama-server:URL     any GGUF model behind a llama-server
                     ollama:NAME[@URL]    a model in Ollama, at http://127.0.0.1:11434 by default
                     system-one:[NAME@]URL  a decision model behind /v1/systemone
              --once  one tick; ends with 0 when all is well, 1 on a warning, 2 when it is critical
              --act   takes actions; without it they are only recorded
            """;

    /**
     * Reads a command line.
     *
     * @throws IllegalArgumentException if it is not as the usage says
     */
    static Options parse(String... arguments) {
        @Nullable Path config = null;
        Optional<Double> interval = Optional.empty();
        Optional<String> model = Optional.empty();
        Optional<String> log = Optional.empty();
        boolean once = false;
        boolean act = false;
        for (Iterator<String> rest = List.of(arguments).iterator(); rest.hasNext(); ) {
            String option = rest.next();
            switch (option) {
                case "--config" -> config = Path.of(value(option, rest));
                case "--interval" -> interval = Optional.of(number(option, value(option, rest)));
                case "--model" -> model = Optional.of(value(option, rest));
                case "--log" -> log = Optional.of(value(option, rest));
                case "--once" -> once = true;
                case "--act" -> act = true;
                default -> throw new IllegalArgumentException("there is no option '" + option + "'\n" + USAGE);
            }
        }
        if (config == null) {
            throw new IllegalArgumentException("the option --config is missing\n" + USAGE);
        }
        return new Options(config, interval, model, log, once, act);
    }

    private static String value(String option, Iterator<String> rest) {
        if (!rest.hasNext()) {
            throw new IllegalArgumentException("the option " + option + " needs a value\n" + USAGE);
        }
        return rest.next();
    }

    private static double number(String option, String value) {
        try {
            return Double.parseDouble(value);
        } catch (NumberFormatException wrong) {
            throw new IllegalArgumentException("the option " + option + " needs a number, not '" + value + "'", wrong);
        }
    }
}
