package dev.reflexloop.llm.command;

import dev.reflexloop.codex.Change;
import dev.reflexloop.codex.Codex;
import dev.reflexloop.llm.calibration.OptionCount;
import dev.reflexloop.llm.gguf.DecisionStamp;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.MalformedInputException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * The command that makes a decision model of a plain GGUF file, see {@link DecisionStamp}: a copy which llama-server serves at
 * {@code /v1/systemone}.
 *
 * <p>The exit status is 0 when the copy is there, and recorded where a codex was given; 1 when the model cannot be stamped or the copy not be
 * written or recorded, 2 when the arguments are wrong.
 */
public final class StampModel extends Command {
    private static final String HELP = """
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
            """ + Recording.HELP + """

            The model itself is not changed.
            """;

    /** The command. */
    public StampModel() {
        super(HELP);
    }

    /**
     * Runs the command and ends the JVM with its exit status.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        new StampModel().runAndExit(arguments);
    }

    @Override
    protected Work prepare(Arguments arguments) {
        DecisionStamp.Builder builder = DecisionStamp.builder().overwrite(arguments.has("--overwrite"));
        arguments.file("--template").map(StampModel::read).ifPresent(builder::template);
        arguments.number("--temperature").ifPresent(builder::temperature);
        for (OptionCount options : OptionCount.values()) {
            arguments
                    .number("--temperature-" + options.key().replace('_', '-'))
                    .ifPresent(temperature -> builder.temperature(options, temperature));
        }
        List<Path> files = arguments.files();
        if (files.size() != 2) {
            throw new IllegalArgumentException("Name the model and the copy, two files; got " + files + ".");
        }
        DecisionStamp stamp = builder.build();
        Recording.Wanted wanted = Recording.of(arguments);
        return (out, err) -> {
            try (Recording recording = wanted.open(this)) {
                return copy(stamp, files.get(0), files.get(1), recording, out, err);
            }
        };
    }

    private static int copy(
            DecisionStamp stamp, Path model, Path copy, Recording recording, PrintStream out, PrintStream err) {
        try {
            stamp.copy(model, copy);
        } catch (IOException failure) {
            boolean explained = failure instanceof FileSystemException refused && refused.getReason() != null;
            err.println(explained ? failure.getMessage() : "the copy could not be written: " + failure);
            return FAILED;
        }
        out.println(copy + " is a decision model; serve it with llama-server -m " + copy);
        recording.changed(
                Change.Kind.MODEL,
                String.valueOf(copy.getFileName()),
                () -> Codex.hashOf(copy),
                () -> "stamped copy of " + model.getFileName() + ", " + Codex.hashOf(model),
                out);
        return DONE;
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
