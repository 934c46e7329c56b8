package dev.reflexloop.llm.nano;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.UnusableModelException;
import dev.reflexloop.llm.PlainRenderer;
import dev.reflexloop.llm.PromptLayout;
import dev.reflexloop.llm.PromptRenderer;
import dev.reflexloop.llm.gguf.GgufFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A language model inside the JVM: answers by scoring the labels of the legal actions in one forward pass. Thread-safe; many loops may
 * share one.
 *
 * <p>It runs llama-architecture GGUF files in F32, F16 or Q8_0 whose tokenizer is "llama". A file made by reflex-training carries its
 * {@link PromptLayout}; any other one is asked through a {@link PlainRenderer}.
 *
 * <p>{@link #ask} returns at once; questions wait in a bounded queue for a thread of the model's own. Cancelling the future stops the
 * work within a fraction of a millisecond, and so does the deadline; a question whose deadline has passed is not begun. For each entity
 * the keys and values of its last prompt are kept, and only the tokens behind the common beginning are evaluated.
 *
 * <p>An answer has the probabilities over the legal actions, the targets' for the most probable action, the prompt, and the tokens that
 * were evaluated and taken from the cache. Its legal mass is empty where the vocabulary is too large to look at all of it (see
 * {@link Builder#legalMass(boolean)}). Side questions are not answered.
 *
 * <p>A JVM that was started with {@code --add-modules jdk.incubator.vector} computes with the Vector API, about three times as fast.
 */
public final class NanoModel implements ReflexModel {
    private static final Logger LOG = LoggerFactory.getLogger(NanoModel.class);

    private final String id;
    private final ModelShape shape;
    private final Transformer transformer;
    private final PromptRenderer renderer;
    private final PromptBinding binding;
    private final long parameters;
    private final int contexts;
    private final Workers workers;
    private final String digest;

    private NanoModel(Builder builder, GgufFile file, ModelShape shape) {
        SpmTokenizer tokenizer = SpmTokenizer.of(file);
        this.id = builder.id(file.path());
        this.shape = shape;
        this.renderer = builder.renderer(file);
        this.binding = PromptBinding.of(file.path().toString(), renderer, tokenizer);
        if (builder.schema != null) {
            binding.check(builder.schema);
        }
        int positions = Math.min(shape.context(), builder.promptTokens);
        Kernel kernel = builder.vectors ? Kernels.best() : new PlainKernel();
        this.transformer = new ModelLoader(file, shape, kernel, positions).load();
        this.parameters =
                file.tensors().stream().mapToLong(tensor -> tensor.elements()).sum();
        this.digest = file.digest();
        this.contexts = builder.contexts(shape);
        Scorer scorer = new Scorer(
                id, transformer, binding, new CachePool(shape, contexts), positions, builder.wholeVocabulary(shape));
        new WarmUp(scorer, transformer, positions).run(builder.warmUp);
        this.workers = new Workers(id, builder.threads, builder.queue, scorer, shape);
    }

    /**
     * Loads a model with default settings. Blocks until it is read.
     *
     * @param path a .gguf file
     * @return the model, to be closed by the caller
     * @throws UnusableModelException if the file is missing, damaged, or of a kind that this engine does not run; the message says what
     *     to use instead
     */
    public static NanoModel load(Path path) {
        return builder(path).load();
    }

    /**
     * Starts the settings of a model.
     *
     * @param path a .gguf file
     * @return a builder, one thread at a time
     */
    public static Builder builder(Path path) {
        return new Builder(path);
    }

    @Override
    public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
        return workers.submit(question, deadline);
    }

    /** The digest of the file as it was loaded, and the prompt. Reads nothing. */
    @Override
    public String settings() {
        return digest + ", prompt: " + renderer.settings();
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public boolean returnsAtOnce() {
        return true;
    }

    /** Stops the work in progress, fails what waits, and ends the threads; returns after at most a second. Idempotent. */
    @Override
    public void close() {
        workers.close();
    }

    /**
     * What turns questions into prompts.
     *
     * @return the file's {@link PromptLayout}, or the renderer that was set
     */
    public PromptRenderer renderer() {
        return renderer;
    }

    /**
     * Refuses a schema that this model cannot answer.
     *
     * @param schema the schema that it is going to be asked about
     * @throws UnusableModelException if an action has no label that is a single token
     */
    public void check(ActionSchema schema) {
        binding.check(schema);
    }

    /**
     * How many numbers the model consists of.
     *
     * @return the parameters
     */
    public long parameters() {
        return parameters;
    }

    /**
     * How many entities' prompts are kept at most.
     *
     * @return the number of prefix caches
     */
    public int contexts() {
        return contexts;
    }

    /**
     * With which arithmetic it runs, for results and reports.
     *
     * @return {@code plain}, or {@code vector-} and the vectors' length in bits
     */
    public String kernel() {
        return transformer.kernel().name();
    }

    @Override
    public String toString() {
        return "NanoModel[" + id + ", " + parameters + " parameters, " + shape.layers() + " layers, " + kernel() + "]";
    }

    /** Settings of a model. One thread at a time. */
    public static final class Builder {
        private static final int MOST_THREADS = 256;
        private static final long WHOLE_VOCABULARY = 1L << 20;
        private static final long CACHE_BYTES = 24L << 20;
        private static final int TYPICAL_PROMPT = 128;
        private static final int MOST_DEFAULT_CONTEXTS = 64;

        private final Path path;
        private int threads = 1;
        private int queue = 256;
        private int contexts;
        private int promptTokens = 4_096;
        private boolean vectors = true;
        private Duration warmUp = Duration.ofSeconds(2);
        private @Nullable Boolean legalMass;
        private @Nullable PromptRenderer renderer;
        private @Nullable ActionSchema schema;
        private @Nullable String id;

        private Builder(Path path) {
            this.path = path;
        }

        /**
         * Sets the id for records. Default: the file's name without its ending.
         *
         * @param name a short name
         * @return this builder
         */
        public Builder id(String name) {
            if (name.isBlank()) {
                throw new IllegalArgumentException("id of a nano model is blank; give it a short name");
            }
            this.id = name;
            return this;
        }

        /**
         * Sets how many questions are worked on at a time, each on one thread. Default: 1.
         *
         * @param count 1 to 256; leave cores to the game
         * @return this builder
         */
        public Builder threads(int count) {
            this.threads = between(1, MOST_THREADS, count, "threads");
            return this;
        }

        /**
         * Sets how many entities' prompts are kept. Default: as many as fit 24 MB with prompts of 128 tokens, 2 to 64; never fewer than
         * threads.
         *
         * @param count 1 to 1,000,000
         * @return this builder
         */
        public Builder contexts(int count) {
            this.contexts = between(1, 1_000_000, count, "contexts");
            return this;
        }

        /**
         * Sets how many questions may wait for a thread; further ones fail as busy. Default: 256.
         *
         * @param count 1 to 1,000,000
         * @return this builder
         */
        public Builder queue(int count) {
            this.queue = between(1, 1_000_000, count, "queue");
            return this;
        }

        /**
         * Sets how long a prompt may be; longer ones fail. Default: 4,096, or the model's context length if that is less.
         *
         * @param tokens 2 to 1,000,000
         * @return this builder
         */
        public Builder promptTokens(int tokens) {
            this.promptTokens = between(2, 1_000_000, tokens, "prompt tokens");
            return this;
        }

        /**
         * Sets what turns questions into prompts. Default: the layout in the file, or else a {@link PlainRenderer}.
         *
         * @param prompts the renderer
         * @return this builder
         */
        public Builder renderer(PromptRenderer prompts) {
            this.renderer = prompts;
            return this;
        }

        /**
         * Names the schema that the model is going to be asked about, so that a model without the right labels is refused now and not in
         * the first tick. Default: none.
         *
         * @param actions the schema
         * @return this builder
         */
        public Builder schema(ActionSchema actions) {
            this.schema = actions;
            return this;
        }

        /**
         * Says whether to compute the whole vocabulary's distribution, which the legal mass needs. Default: if the output head has at
         * most a million numbers.
         *
         * @param wanted whether to
         * @return this builder
         */
        public Builder legalMass(boolean wanted) {
            this.legalMass = wanted;
            return this;
        }

        /**
         * Says whether to use the Vector API where the JVM has it. Default: true.
         *
         * @param allowed whether to
         * @return this builder
         */
        public Builder vectors(boolean allowed) {
            this.vectors = allowed;
            return this;
        }

        /**
         * Sets for how long at most the model is tried out while it is loaded, so that the JIT compiler is through with it before the
         * first tick; it ends earlier when it gets no faster. Default: two seconds.
         *
         * @param most zero or more
         * @return this builder
         */
        public Builder warmUp(Duration most) {
            if (most.isNegative()) {
                throw new IllegalArgumentException("warm-up of a nano model is " + most + "; give zero or more");
            }
            this.warmUp = most;
            return this;
        }

        /**
         * Reads the file and warms up. Blocks until that is done.
         *
         * @return the model, to be closed by the caller
         * @throws UnusableModelException if the file is missing, damaged, or of a kind that this engine does not run
         */
        public NanoModel load() {
            long startedAt = System.nanoTime();
            try (GgufFile file = GgufFile.open(path)) {
                int vocabulary = file.strings("tokenizer.ggml.tokens")
                        .map(tokens -> tokens.size())
                        .orElse(0);
                NanoModel model = new NanoModel(this, file, ModelShape.of(file, vocabulary));
                LOG.info("Loaded {} in {} ms", model, (System.nanoTime() - startedAt) / 1_000_000);
                return model;
            }
        }

        private String id(Path file) {
            if (id != null) {
                return id;
            }
            Path name = file.getFileName();
            String text = name == null ? "" : name.toString().replaceFirst("(?i)\\.gguf$", "");
            return text.isBlank() ? "nano" : text;
        }

        private PromptRenderer renderer(GgufFile file) {
            if (renderer != null) {
                return renderer;
            }
            Optional<String> format = file.string("reflex.prompt.format");
            if (format.isEmpty()) {
                return PlainRenderer.builder().build();
            }
            if (!format.get().equals(PromptLayout.FORMAT)) {
                throw unusable(
                        file,
                        "its prompt format is '" + format.get() + "' and this version knows '" + PromptLayout.FORMAT
                                + "'; use a newer version of this library, or train the model again",
                        null);
            }
            try {
                return PromptLayout.fromJson(file.string("reflex.prompt.layout").orElse(""));
            } catch (IllegalArgumentException broken) {
                throw unusable(file, "its prompt layout is broken (" + broken.getMessage() + ")", broken);
            }
        }

        private static UnusableModelException unusable(GgufFile file, String reason, @Nullable Throwable cause) {
            return new UnusableModelException(file.path().toString(), reason, cause);
        }

        private int contexts(ModelShape shape) {
            long fitting = CACHE_BYTES / (shape.cacheBytesPerToken() * TYPICAL_PROMPT);
            int wanted = contexts > 0 ? contexts : (int) Math.max(2, Math.min(MOST_DEFAULT_CONTEXTS, fitting));
            return Math.max(threads, wanted);
        }

        private boolean wholeVocabulary(ModelShape shape) {
            return legalMass != null ? legalMass : (long) shape.vocabulary() * shape.width() <= WHOLE_VOCABULARY;
        }

        private static int between(int least, int most, int value, String what) {
            if (value < least || value > most) {
                throw new IllegalArgumentException(
                        what + " of a nano model is " + value + "; give " + least + " to " + most);
            }
            return value;
        }
    }
}
