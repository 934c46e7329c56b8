package dev.reflexloop.llm.command;

import dev.reflexloop.UnusableModelException;
import dev.reflexloop.llm.calibration.OptionCount;
import dev.reflexloop.llm.gguf.DecisionStamp;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.MalformedInputException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/**
 * The command that makes a decision model of a plain GGUF file, see {@link DecisionStamp}: a copy which llama-server serves at
 * {@code /v1/systemone}.
 *
 * <p>The exit status is 0 when the copy is there, 1 when the model cannot be stamped or the copy not be written, 2 when the arguments are
 * wrong.
 */
public final class StampModel {
    private static final String USAGE = """
            Usage: StampModel [OPTION]... MODEL.gguf COPY.gguf
            Copies a GGUF model so that llama-server serves the copy as a decision model at /v1/systemone.

              --template FILE          the prompt, a Jinja template; default: instructions, options, then state
              --temperature T          divides the logits of every choice; default: 1
              --temperature-2 T        ... of choices between 2 options
              --temperature-3-5 T      ... between 3 to 5
              --temperature-6-10 T     ... between 6 to 10
              --temperature-11 T       ... between 11 or more
              --overwrite              replace COPY.gguf when it is there
              --help                   print this

            The model itself is not changed.
            """;

    private StampModel() {}

    /**
     * Runs the command and ends the JVM with its exit status.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(run(Arrays.asList(arguments), System.out, System.err));
    }

    /** Runs the command and returns its exit status. */
    static int run(List<String> arguments, PrintStream out, PrintStream err) {
        if (arguments.contains("--help")) {
            out.print(USAGE);
            return 0;
        }
        Request request;
        try {
            request = Request.of(arguments);
        } catch (IllegalArgumentException wrong) {
            err.println(wrong.getMessage() + "\n--help lists the options.");
            return 2;
        }
        try {
            request.stamp().copy(request.model(), request.copy());
        } catch (UnusableModelException refused) {
            err.println(refused.getMessage());
            return 1;
        } catch (IOException failure) {
            boolean explained = failure instanceof FileSystemException refused && refused.getReason() != null;
            err.println(explained ? failure.getMessage() : "the copy could not be written: " + failure);
            return 1;
        }
        out.println(request.copy() + " is a decision model; serve it with llama-server -m " + request.copy());
        return 0;
    }

    private record Request(DecisionStamp stamp, Path model, Path copy) {

        static Request of(List<String> arguments) {
            DecisionStamp.Builder stamp = DecisionStamp.builder();
            List<String> files = new ArrayList<>();
            for (Iterator<String> left = arguments.iterator(); left.hasNext(); ) {
                String argument = left.next();
                switch (argument) {
                    case "--template" -> stamp.template(read(Path.of(value(argument, left))));
                    case "--temperature" -> stamp.temperature(number(argument, left));
                    case "--temperature-2" -> stamp.temperature(OptionCount.TWO, number(argument, left));
                    case "--temperature-3-5" -> stamp.temperature(OptionCount.THREE_TO_FIVE, number(argument, left));
                    case "--temperature-6-10" -> stamp.temperature(OptionCount.SIX_TO_TEN, number(argument, left));
                    case "--temperature-11" -> stamp.temperature(OptionCount.ELEVEN_OR_MORE, number(argument, left));
                    case "--overwrite" -> stamp.overwrite(true);
                    default -> {
                        if (argument.startsWith("-")) {
                            throw new IllegalArgumentException("there is no option " + argument);
                        }
                        files.add(argument);
                    }
                }
            }
            if (files.size() != 2) {
                throw new IllegalArgumentException("name the model and the copy, two files; got " + files);
            }
            return new Request(stamp.build(), Path.of(files.get(0)), Path.of(files.get(1)));
        }

        private static double number(String name, Iterator<String> left) {
            String text = value(name, left);
            try {
                return Double.parseDouble(text);
            } catch (NumberFormatException wrong) {
                throw new IllegalArgumentException(name + " needs a number, was '" + text + "'", wrong);
            }
        }

        private static String value(String name, Iterator<String> left) {
            if (!left.hasNext()) {
                throw new IllegalArgumentException(name + " needs a value");
            }
            return left.next();
        }

        private static String read(Path file) {
            try {
                return Files.readString(file);
            } catch (NoSuchFileException | MalformedInputException unusable) {
                throw new IllegalArgumentException("the template " + file + " is no text file", unusable);
            } catch (IOException failure) {
                throw new IllegalArgumentException("the template " + file + " cannot be read: " + failure, failure);
            }
        }
    }
}
