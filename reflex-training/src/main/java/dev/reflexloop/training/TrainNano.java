package dev.reflexloop.training;

import dev.reflexloop.llm.gguf.GgufWriter;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.stream.Stream;

/**
 * Trains a nano model from the command line; a thin wrapper of {@link NanoTrainer}. {@code --help} lists the options.
 *
 * <p>Exit codes: 0 the model was written, 1 training failed, 2 the arguments are wrong, 3 the logs cannot be learned from,
 * 4 libtorch is not there for this platform.
 */
public final class TrainNano {

    private static final int WRITTEN = 0;
    private static final int FAILED = 1;
    private static final int WRONG_ARGUMENTS = 2;
    private static final int UNUSABLE_DATA = 3;
    private static final int NO_NATIVES = 4;

    private TrainNano() {}

    /**
     * Trains, and ends the JVM with an exit code.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        System.exit(run(arguments, out, err));
    }

    /**
     * Trains. Blocks until it is done.
     *
     * @param arguments see {@code --help}
     * @param out for results
     * @param err for what went wrong
     * @return the exit code
     */
    public static int run(String[] arguments, PrintStream out, PrintStream err) {
        return run(arguments, out, err, ProgressDisplay.onTerminal());
    }

    /** The command without the end of the JVM; {@code terminal} says whether a progress bar can be drawn over itself. */
    static int run(String[] arguments, PrintStream out, PrintStream err, boolean terminal) {
        if (List.of(arguments).contains("--help")) {
            out.print(help());
            return WRITTEN;
        }
        NanoTrainer trainer;
        ProgressDisplay display = new ProgressDisplay(out, terminal);
        try {
            trainer = parse(arguments).progress(display).build();
        } catch (IllegalArgumentException wrong) {
            err.println(wrong.getMessage());
            err.println("--help lists the options.");
            return WRONG_ARGUMENTS;
        }
        try {
            display.finished(trainer.train());
            return WRITTEN;
        } catch (TrainingException failure) {
            display.clear();
            err.println(failure.getMessage());
            return switch (failure.reason()) {
                case UNUSABLE_DATA -> UNUSABLE_DATA;
                case NO_NATIVES -> NO_NATIVES;
                default -> FAILED;
            };
        }
    }

    private static String help() {
        NanoShape shape = NanoShape.standard();
        return String.format(
                Locale.ROOT,
                """
                Trains a nano model from trajectory logs and writes it as GGUF.

                  TrainNano --out FILE [options] LOG...

                  LOG                     a trajectory log (.jsonl) or a folder of them
                  --out FILE              the GGUF file to write; a report goes beside it
                  --label SOURCE          action (default) or teacher: which action of a step is the right one
                  --edges FACT=A,B,...    band edges that a number must have; may be repeated; list.field for records
                  --ignore FACT           leaves a fact out; may be repeated
                  --bands N               band edges per number at most (20)
                  --texts N               texts per field at most (32)
                  --records N             records of a list at most (4)

                  --layers N              blocks (%d)
                  --width N               length of a hidden state (%d)
                  --heads N[/KV]          attention heads, and key-value heads (%d/%d)
                  --feed-forward N        inner length of the feed-forward part (%d)
                  --context N             longest prompt in tokens (%d)
                  --tied                  output head shares the embedding
                  --type TYPE             f32 (default), f16 or q8_0

                  --minutes M             time limit of the training itself (15)
                  --epochs N              how often each example is seen at most (12)
                  --batch N               examples per step (128)
                  --rate X                peak learning rate (0.0012)
                  --held-out SHARE        share held out by session (0.1)
                  --patience N            evaluations without improvement before the end (6)
                  --enough ACCURACY       held-out accuracy that ends training (0.998)
                  --seed N                seed of everything random (1)

                  --threads N             threads of the training process (processors, at most 8)
                  --heap MB               its largest Java heap (2048)
                  --native-cache FOLDER   where libtorch is unpacked (.javacpp/cache in the home folder)
                  --checkpoint SECONDS    time between checkpoints (20)
                  --fresh                 do not resume an earlier, unfinished training of the same output
                  --help                  this text

                A training that was cut off is resumed when it is started again with the same arguments.
                Exit codes: 0 written, 1 failed, 2 wrong arguments, 3 logs cannot be learned from, 4 no libtorch here.
                """,
                shape.layers(),
                shape.width(),
                shape.heads(),
                shape.kvHeads(),
                shape.feedForward(),
                shape.contextLength());
    }

    /**
     * Reads the arguments.
     *
     * @throws IllegalArgumentException if one is unknown, incomplete or out of its range
     */
    static NanoTrainer.Builder parse(String... arguments) {
        Arguments parsed = new Arguments();
        Deque<String> left = new ArrayDeque<>(List.of(arguments));
        while (!left.isEmpty()) {
            String argument = left.remove();
            if (argument.startsWith("--")) {
                parsed.option(argument, left);
            } else {
                parsed.logs.add(Path.of(argument));
            }
        }
        return parsed.builder();
    }

    private interface Setting {
        void apply(NanoTrainer.Builder builder);
    }

    /** What was read so far; the shape is put together at the end, because its numbers depend on each other. */
    private static final class Arguments {
        private final List<Path> logs = new ArrayList<>();
        private final List<Setting> settings = new ArrayList<>();
        private String out = "";
        private int layers = NanoShape.standard().layers();
        private int width = NanoShape.standard().width();
        private int heads = NanoShape.standard().heads();
        private int kvHeads = NanoShape.standard().kvHeads();
        private int feedForward = NanoShape.standard().feedForward();
        private int context = NanoShape.standard().contextLength();
        private boolean tied = NanoShape.standard().tiedHead();

        void option(String name, Deque<String> left) {
            switch (name) {
                case "--out" -> out = value(name, left);
                case "--label" -> {
                    LabelSource source = oneOf(name, left, List.of(LabelSource.values()));
                    settings.add(builder -> builder.label(source));
                }
                case "--type" -> {
                    GgufWriter.TensorType type = oneOf(
                            name,
                            left,
                            Stream.of(GgufWriter.TensorType.values())
                                    .filter(each -> each.type().readable())
                                    .toList());
                    settings.add(builder -> builder.tensorType(type));
                }
                case "--edges" -> edges(value(name, left));
                case "--ignore" -> {
                    String fact = value(name, left);
                    settings.add(builder -> builder.ignore(fact));
                }
                case "--native-cache" -> {
                    Path folder = Path.of(value(name, left));
                    settings.add(builder -> builder.nativeCache(folder));
                }
                case "--fresh" -> settings.add(NanoTrainer.Builder::fresh);
                case "--tied" -> tied = true;
                case "--heads" -> heads(value(name, left));
                default -> number(name, left);
            }
        }

        private void number(String name, Deque<String> left) {
            switch (name) {
                case "--layers" -> layers = whole(name, left);
                case "--width" -> width = whole(name, left);
                case "--feed-forward" -> feedForward = whole(name, left);
                case "--context" -> context = whole(name, left);
                case "--bands" -> withWhole(whole(name, left), NanoTrainer.Builder::bands);
                case "--texts" -> withWhole(whole(name, left), NanoTrainer.Builder::texts);
                case "--records" -> withWhole(whole(name, left), NanoTrainer.Builder::records);
                case "--epochs" -> withWhole(whole(name, left), NanoTrainer.Builder::epochs);
                case "--batch" -> withWhole(whole(name, left), NanoTrainer.Builder::batch);
                case "--patience" -> withWhole(whole(name, left), NanoTrainer.Builder::patience);
                case "--threads" -> withWhole(whole(name, left), NanoTrainer.Builder::threads);
                case "--heap" -> withWhole(whole(name, left), NanoTrainer.Builder::heapMegabytes);
                case "--seed" -> withWhole(whole(name, left), NanoTrainer.Builder::seed);
                case "--rate" -> withReal(real(name, left), NanoTrainer.Builder::learningRate);
                case "--held-out" -> withReal(real(name, left), NanoTrainer.Builder::heldOutShare);
                case "--enough" -> withReal(real(name, left), NanoTrainer.Builder::enoughAccuracy);
                case "--minutes" -> {
                    double minutes = real(name, left);
                    settings.add(builder -> builder.timeLimit(Duration.ofMillis(Math.round(minutes * 60_000))));
                }
                case "--checkpoint" -> {
                    double seconds = real(name, left);
                    settings.add(builder -> builder.checkpointEvery(Duration.ofMillis(Math.round(seconds * 1000))));
                }
                default -> throw new IllegalArgumentException("unknown option " + name);
            }
        }

        private interface WithInt {
            void apply(NanoTrainer.Builder builder, int value);
        }

        private interface WithDouble {
            void apply(NanoTrainer.Builder builder, double value);
        }

        private void withWhole(int value, WithInt setting) {
            settings.add(builder -> setting.apply(builder, value));
        }

        private void withReal(double value, WithDouble setting) {
            settings.add(builder -> setting.apply(builder, value));
        }

        private void heads(String text) {
            String[] parts = text.split("/", 2);
            heads = wholeOf("--heads", parts[0]);
            kvHeads = parts.length == 2 ? wholeOf("--heads", parts[1]) : heads;
        }

        private void edges(String text) {
            int equals = text.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("--edges needs FACT=A,B,..., was '" + text + "'");
            }
            String[] parts = text.substring(equals + 1).split(",", -1);
            double[] values = new double[parts.length];
            for (int i = 0; i < parts.length; i++) {
                values[i] = realOf("--edges", parts[i].trim());
            }
            String fact = text.substring(0, equals);
            settings.add(builder -> builder.edges(fact, values));
        }

        NanoTrainer.Builder builder() {
            if (out.isEmpty()) {
                throw new IllegalArgumentException("--out FILE is missing: where should the model go?");
            }
            if (logs.isEmpty()) {
                throw new IllegalArgumentException("no LOG was given: name a trajectory log or a folder of them");
            }
            NanoTrainer.Builder builder = NanoTrainer.builder(logs, Path.of(out))
                    .shape(new NanoShape(layers, width, heads, kvHeads, feedForward, context, tied));
            settings.forEach(setting -> setting.apply(builder));
            return builder;
        }

        private static String value(String name, Deque<String> left) {
            try {
                return left.remove();
            } catch (NoSuchElementException missing) {
                throw new IllegalArgumentException(name + " needs a value", missing);
            }
        }

        private static int whole(String name, Deque<String> left) {
            return wholeOf(name, value(name, left));
        }

        private static int wholeOf(String name, String text) {
            try {
                return Integer.parseInt(text);
            } catch (NumberFormatException wrong) {
                throw new IllegalArgumentException(name + " needs a whole number, was '" + text + "'", wrong);
            }
        }

        private static double real(String name, Deque<String> left) {
            return realOf(name, value(name, left));
        }

        private static double realOf(String name, String text) {
            try {
                return Double.parseDouble(text);
            } catch (NumberFormatException wrong) {
                throw new IllegalArgumentException(name + " needs numbers, was '" + text + "'", wrong);
            }
        }

        private static <E extends Enum<E>> E oneOf(String name, Deque<String> left, List<E> offered) {
            String text = value(name, left);
            for (E constant : offered) {
                if (constant.name().equalsIgnoreCase(text)) {
                    return constant;
                }
            }
            List<String> names = new ArrayList<>();
            for (E constant : offered) {
                names.add(constant.name().toLowerCase(Locale.ROOT));
            }
            throw new IllegalArgumentException(name + " must be one of " + names + ", was '" + text + "'");
        }
    }
}
