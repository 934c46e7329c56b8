package dev.reflexloop.training;

import dev.reflexloop.llm.gguf.GgufWriter;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains a nano model from scratch by imitation: trajectory logs in, a GGUF file out that the embedded engine and
 * llama-server load.
 *
 * <pre>{@code
 * TrainingReport report = NanoTrainer.builder(List.of(Path.of("logs")), Path.of("reflex.gguf"))
 *         .timeLimit(Duration.ofMinutes(15))
 *         .progress(state -> System.out.println(state))
 *         .build()
 *         .train();
 * }</pre>
 *
 * <p>The work is done in a child JVM on libtorch, so that neither its threads nor a crash of it can touch this process.
 * The child ends with this process, however it ends. Every 20 seconds a checkpoint is written beside the output; when a
 * training with the same logs, shape, seed and settings is started again, it goes on from there. The same seed and
 * number of threads give the same model, unless the time limit cut the schedule short.
 *
 * <p>Immutable and thread-safe; each {@link #train()} is a run of its own, and two of them must not write the same
 * output. Needs the natives of libtorch for this platform on the class path; see {@link TrainingException.Reason}.
 */
public final class NanoTrainer {

    private static final Logger LOG = LoggerFactory.getLogger(NanoTrainer.class);
    private static final long CHECKPOINT_SECONDS = 20;

    private final Builder settings;

    private NanoTrainer(Builder settings) {
        this.settings = settings;
    }

    /**
     * Starts a trainer.
     *
     * @param logs trajectory logs, and folders whose {@code .jsonl} files at any depth are logs
     * @param output the GGUF file to write; its folder is created, an existing file is replaced at the end
     * @return a builder, one thread at a time
     */
    public static Builder builder(List<Path> logs, Path output) {
        return new Builder(logs, output);
    }

    /**
     * Trains and writes the model, and a report beside it ({@code name.training.json}). Blocks for minutes; an interrupt
     * ends the child after a checkpoint.
     *
     * @return what came out
     * @throws TrainingException if there is no model; an earlier file at the output is then unchanged
     */
    public TrainingReport train() {
        Path scratch = createScratch();
        try {
            TrainingPlan plan = settings.plan(scratch);
            List<Path> classPath = classPath(scratch);
            ChildProcess child = ChildProcess.start(
                    plan,
                    new ChildProcess.Settings(settings.threads, settings.heapMegabytes, settings.nativeCache),
                    classPath);
            try {
                return child.await(new GuardedListener(settings.listener));
            } finally {
                child.destroy();
            }
        } finally {
            deleteScratch(scratch);
        }
    }

    private List<Path> classPath(Path scratch) {
        ClassLoader loader = Objects.requireNonNull(NanoTrainer.class.getClassLoader(), "class loader");
        try {
            return new ChildClassPath(loader, scratch).entries();
        } catch (IOException failure) {
            throw new TrainingException(
                    TrainingException.Reason.CHILD_DIED,
                    scratch.toString(),
                    "The jars of the training process cannot be copied to '" + scratch + "' (" + failure
                            + "); free the disk, or set java.io.tmpdir to a folder with room",
                    failure);
        }
    }

    private static Path createScratch() {
        try {
            return Files.createTempDirectory("reflex-training");
        } catch (IOException failure) {
            throw new TrainingException(
                    TrainingException.Reason.CANNOT_WRITE,
                    System.getProperty("java.io.tmpdir", ""),
                    "No temporary folder can be created (" + failure + "); set java.io.tmpdir to a writable folder",
                    failure);
        }
    }

    private static void deleteScratch(Path scratch) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(scratch)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(scratch);
        } catch (IOException left) {
            LOG.debug("temporary folder {} is left behind: {}", scratch, left.toString());
        }
    }

    /** A listener's fault must not end a training that runs for minutes. */
    private static final class GuardedListener implements Consumer<TrainingProgress> {
        private final Consumer<TrainingProgress> listener;
        private boolean warned;

        GuardedListener(Consumer<TrainingProgress> listener) {
            this.listener = listener;
        }

        @Override
        public void accept(TrainingProgress progress) {
            try {
                listener.accept(progress);
            } catch (RuntimeException fault) {
                if (!warned) {
                    warned = true;
                    LOG.warn("the progress listener threw; training goes on", fault);
                }
            }
        }
    }

    /** Collects the settings of a training. One thread at a time. */
    public static final class Builder {
        private final List<Path> logs;
        private final Path output;
        private final Map<String, double[]> edges = new TreeMap<>();
        private final Set<String> ignored = new HashSet<>();
        private NanoShape shape = NanoShape.standard();
        private LabelSource label = LabelSource.ACTION;
        private GgufWriter.TensorType type = GgufWriter.TensorType.F32;
        private Duration timeLimit = Duration.ofMinutes(15);
        private Duration checkpointEvery = Duration.ofSeconds(CHECKPOINT_SECONDS);
        private Optional<Path> nativeCache = Optional.empty();
        private Consumer<TrainingProgress> listener = progress -> {};
        private long seed = 1;
        private int epochs = 12;
        private int batch = 128;
        private double learningRate = 1.2e-3;
        private double heldOutShare = 0.1;
        private int patience = 6;
        private double enough = 0.998;
        private int bands = 20;
        private int texts = 32;
        private int slots = 4;
        private int threads = Math.max(1, Math.min(8, Runtime.getRuntime().availableProcessors()));
        private int heapMegabytes = 2048;
        private boolean fresh;

        private Builder(List<Path> logs, Path output) {
            this.logs = logs.stream().map(Path::toAbsolutePath).toList();
            this.output = output.toAbsolutePath();
            if (this.logs.isEmpty()) {
                throw new IllegalArgumentException("logs must not be empty; give a trajectory log or a folder of them");
            }
            if (output.getFileName() == null || Files.isDirectory(output)) {
                throw new IllegalArgumentException("output must be a file, was '" + output + "'");
            }
        }

        /**
         * Sets the size of the model. Default: {@link NanoShape#standard()}.
         *
         * @param value the size
         * @return this builder
         */
        public Builder shape(NanoShape value) {
            this.shape = Objects.requireNonNull(value, "shape");
            return this;
        }

        /**
         * Sets which action of a step is the right one. Default: {@link LabelSource#ACTION}.
         *
         * @param value where the label comes from
         * @return this builder
         */
        public Builder label(LabelSource value) {
            this.label = Objects.requireNonNull(value, "label");
            return this;
        }

        /**
         * Sets how matrices are stored. Default: F32, which is what llama.cpp and the embedded engine agree on best.
         *
         * @param value the type: F32, F16 or Q8_0
         * @return this builder
         * @throws IllegalArgumentException if the embedded engine cannot read the type
         */
        public Builder tensorType(GgufWriter.TensorType value) {
            if (!value.type().readable()) {
                throw new IllegalArgumentException(
                        "tensorType is " + value + ", which the embedded engine does not read; use F32, F16 or Q8_0");
            }
            this.type = value;
            return this;
        }

        /**
         * Sets the seed of the first weights, the shuffling and the hold-out. Default: 1.
         *
         * @param value any number
         * @return this builder
         */
        public Builder seed(long value) {
            this.seed = value;
            return this;
        }

        /**
         * Sets how often every example is seen at most. Default: 12.
         *
         * @param value 1 to 10,000
         * @return this builder
         */
        public Builder epochs(int value) {
            this.epochs = (int) between("epochs", value, 1, 10_000);
            return this;
        }

        /**
         * Sets when training is at its end at the latest; the learning rate falls in time. Reading logs and writing the
         * model come on top. Default: 15 minutes.
         *
         * @param value one second to 30 days
         * @return this builder
         */
        public Builder timeLimit(Duration value) {
            between("timeLimit in seconds", value.toMillis() / 1000.0, 1, 30 * 86_400);
            this.timeLimit = value;
            return this;
        }

        /**
         * Sets how many examples make a step. Default: 128. Fewer learn more from each example, more use cores better.
         *
         * @param value 1 to 8,192
         * @return this builder
         */
        public Builder batch(int value) {
            this.batch = (int) between("batch", value, 1, 8192);
            return this;
        }

        /**
         * Sets the peak of the learning rate. Default: 0.0012; above 0.002 training may get stuck.
         *
         * @param value 0.000001 to 0.1
         * @return this builder
         */
        public Builder learningRate(double value) {
            this.learningRate = between("learningRate", value, 1e-6, 0.1);
            return this;
        }

        /**
         * Sets which share of the examples is held out, by whole sessions. Default: 0.1.
         *
         * @param value 0.01 to 0.5
         * @return this builder
         */
        public Builder heldOutShare(double value) {
            this.heldOutShare = between("heldOutShare", value, 0.01, 0.5);
            return this;
        }

        /**
         * Sets after how many evaluations without a better held-out loss training is brought to its end. There are two
         * evaluations per epoch. Default: 6.
         *
         * @param value 1 to 10,000
         * @return this builder
         */
        public Builder patience(int value) {
            this.patience = (int) between("patience", value, 1, 10_000);
            return this;
        }

        /**
         * Sets the held-out accuracy at which training is brought to its end. Default: 0.998.
         *
         * @param value 0 to 1
         * @return this builder
         */
        public Builder enoughAccuracy(double value) {
            this.enough = between("enoughAccuracy", value, 0, 1);
            return this;
        }

        /**
         * Declares where bands of a number must end, for instance a rule's thresholds. More edges are learned.
         *
         * @param fact the fact's name; {@code list.field} for a field of records
         * @param values the edges; a value that equals an edge belongs to the band above
         * @return this builder
         */
        public Builder edges(String fact, double... values) {
            for (double value : values) {
                if (!Double.isFinite(value)) {
                    throw new IllegalArgumentException("edges of '" + fact + "' must be finite, one was " + value);
                }
            }
            double[] sorted = values.clone();
            Arrays.sort(sorted);
            this.edges.put(fact, sorted);
            return this;
        }

        /**
         * Leaves a fact out of the prompt.
         *
         * @param fact the fact's name; {@code list.field} for a field of records
         * @return this builder
         */
        public Builder ignore(String fact) {
            this.ignored.add(fact);
            return this;
        }

        /**
         * Sets how many band edges a number gets at most. Default: 20.
         *
         * @param value 1 to 500
         * @return this builder
         */
        public Builder bands(int value) {
            this.bands = (int) between("bands", value, 1, 500);
            return this;
        }

        /**
         * Sets how many texts of a field are told apart at most; the most frequent ones are. Default: 32.
         *
         * @param value 1 to 1,000
         * @return this builder
         */
        public Builder texts(int value) {
            this.texts = (int) between("texts", value, 1, 1_000);
            return this;
        }

        /**
         * Sets how many records of a list are shown at most. Default: 4.
         *
         * @param value 0 to 64
         * @return this builder
         */
        public Builder records(int value) {
            this.slots = (int) between("records", value, 0, 64);
            return this;
        }

        /**
         * Sets the threads of the child's matrix products. Default: the number of processors, at most 8.
         *
         * @param value 1 to 256
         * @return this builder
         */
        public Builder threads(int value) {
            this.threads = (int) between("threads", value, 1, 256);
            return this;
        }

        /**
         * Sets the child's largest Java heap, which holds the examples; tensors come on top. Default: 2048.
         *
         * @param value megabytes, 64 to 1,000,000
         * @return this builder
         */
        public Builder heapMegabytes(int value) {
            this.heapMegabytes = (int) between("heapMegabytes", value, 64, 1_000_000);
            return this;
        }

        /**
         * Sets where libtorch is unpacked, about 450 MB. Default: JavaCPP's own folder, {@code .javacpp/cache} in the
         * user's home.
         *
         * @param folder the folder; created if need be
         * @return this builder
         */
        public Builder nativeCache(Path folder) {
            this.nativeCache = Optional.of(folder);
            return this;
        }

        /**
         * Sets the time between checkpoints. Default: 20 seconds.
         *
         * @param value zero (after every step) to one day
         * @return this builder
         */
        public Builder checkpointEvery(Duration value) {
            between("checkpointEvery in seconds", value.toMillis() / 1000.0, 0, 86_400);
            this.checkpointEvery = value;
            return this;
        }

        /**
         * Ignores the checkpoint of an earlier start. Default: it is resumed.
         *
         * @return this builder
         */
        public Builder fresh() {
            this.fresh = true;
            return this;
        }

        /**
         * Sets who hears of progress, about twice a second, on the thread that trains. What it throws is logged once
         * and ignored. Default: nobody.
         *
         * @param value the listener
         * @return this builder
         */
        public Builder progress(Consumer<TrainingProgress> value) {
            this.listener = Objects.requireNonNull(value, "progress");
            return this;
        }

        /**
         * Builds the trainer; nothing is read or started yet.
         *
         * @return an immutable trainer
         */
        public NanoTrainer build() {
            return new NanoTrainer(copy());
        }

        private Builder copy() {
            Builder copy = new Builder(logs, output);
            copy.edges.putAll(edges);
            copy.ignored.addAll(ignored);
            copy.shape = shape;
            copy.label = label;
            copy.type = type;
            copy.timeLimit = timeLimit;
            copy.checkpointEvery = checkpointEvery;
            copy.nativeCache = nativeCache;
            copy.listener = listener;
            copy.seed = seed;
            copy.epochs = epochs;
            copy.batch = batch;
            copy.learningRate = learningRate;
            copy.heldOutShare = heldOutShare;
            copy.patience = patience;
            copy.enough = enough;
            copy.bands = bands;
            copy.texts = texts;
            copy.slots = slots;
            copy.threads = threads;
            copy.heapMegabytes = heapMegabytes;
            copy.fresh = fresh;
            return copy;
        }

        private TrainingPlan plan(Path scratch) {
            return new TrainingPlan(
                    logs,
                    output,
                    shape,
                    new Hyper(
                            batch,
                            epochs,
                            learningRate,
                            Hyper.WARMUP_STEPS,
                            Hyper.WEIGHT_DECAY,
                            Hyper.CLIP,
                            Hyper.VOCABULARY_SHARE,
                            patience,
                            enough,
                            timeLimit.toNanos(),
                            seed),
                    heldOutShare,
                    new LayoutLearner.Options(bands, texts, slots, ignored, edges),
                    label,
                    type,
                    threads,
                    checkpointEvery.toNanos(),
                    fresh,
                    scratch);
        }

        private static double between(String name, double value, double least, double most) {
            if (!(value >= least && value <= most)) {
                throw new IllegalArgumentException(
                        name + " must be between " + least + " and " + most + ", was " + value);
            }
            return value;
        }
    }
}
