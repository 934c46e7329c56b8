package dev.reflexloop.llm.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Goal;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexThreads;
import dev.reflexloop.UnusableModelException;
import dev.reflexloop.llm.PromptRenderer;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Any plain GGUF model behind a llama-server: answers by scoring the labels of the legal actions at {@code /completion}, over TCP or a Unix
 * socket. Thread-safe; many loops may share one.
 *
 * <p>Each entity keeps a slot of the server, so that only the tokens behind the common beginning of its prompts are evaluated; there is one
 * call for each slot at a time. A call that was cancelled, or cut by its deadline, goes on inside the server for a while: its slot is taken
 * until the server says that it is free. The entity's next question waits for that within its own deadline; any other one that finds no slot
 * fails as busy, at once. So start the server with as many slots as
 * there are loops, and with no other users: {@code llama-server -np N -no-kvu --cache-ram 0 -b 256 -ub 256}.
 *
 * <p>The server's own tokenizer makes the tokens of every prompt and proves that each label is a single one behind it; text of the game
 * never forms a special token. Building a model needs no server: what it serves is asked in the background and, where that failed or the
 * server came back, within the next question.
 *
 * <p>An answer has the probabilities over the legal actions, the targets' for the most probable action, the prompt, and the tokens that were
 * evaluated and taken from the cache. Targets that are not weighed shortly before the deadline are left out. The legal mass is empty unless it is asked for ({@link Builder#legalMass(boolean)}). Side questions are
 * not answered. A prompt that is too long fails before the server reads it.
 */
public final class LlamaServerModel extends ServedModel {
    private static final Logger LOG = LoggerFactory.getLogger(LlamaServerModel.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /** Less than a second, or an exchange that stalls would keep a server away that is back within it. */
    private static final Duration LEARN = Duration.ofMillis(800);

    private static final long PAUSE_NANOS = 20_000_000;

    private final PromptRenderer renderer;
    private final boolean legalMass;
    private final int maxPromptTokens;
    private final int maxSlots;
    private final @Nullable ActionSchema schema;
    private final ScheduledThreadPoolExecutor timer;
    private final SlotTable slots = new SlotTable();
    private final SlotWatch watch;
    private final PrefixWarmer warmer;
    private final AtomicReference<@Nullable CompletableFuture<ServedPrompts>> prompts = new AtomicReference<>();
    private volatile int context = Integer.MAX_VALUE;

    private LlamaServerModel(Builder builder) {
        super(builder, status -> "");
        this.renderer = builder.renderer();
        this.legalMass = builder.legalMass;
        this.maxPromptTokens = builder.maxPromptTokens;
        this.maxSlots = builder.slots;
        this.schema = builder.schema;
        this.timer = new ScheduledThreadPoolExecutor(1, ReflexThreads.factory("reflex-" + id()));
        timer.setRemoveOnCancelPolicy(true);
        this.watch = new SlotWatch(slots, client(), timer);
        this.warmer = new PrefixWarmer(slots, watch, client());
    }

    /**
     * Starts the settings of a model.
     *
     * @param endpoint the server
     * @return a builder, one thread at a time
     */
    public static Builder builder(Endpoint endpoint) {
        return new Builder(endpoint);
    }

    @Override
    public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
        LlamaCall call = new LlamaCall(this, question, deadline);
        call.start();
        return call;
    }

    /** Computes the prompt in the entity's slot, a few tokens at a time, unless the slot is at work. Returns at once. */
    @Override
    public void prepare(Question expected) {
        prompts()
                .thenCompose(served -> served.prompt(expected, Deadline.in(PATIENCE, ReflexClock.system())))
                .thenAccept(prompt -> {
                    if (prompt.tokens().length <= mostPromptTokens()) {
                        warmer.warm(expected.perception().entity(), prompt.tokens());
                    }
                })
                .whenComplete((warming, failure) -> {
                    if (failure != null) {
                        LOG.debug("The prompt of model '{}' could not be warmed", id(), failure);
                    }
                });
    }

    /**
     * Waits until the server answers and, where a schema was named, its labels are proven. Blocks; not needed before {@link #ask}.
     *
     * @param patience how long to wait at most
     * @throws UnusableModelException if an action has no label that is a single token; the message names both
     * @throws ModelUnavailableException if the server does not answer in time, or the thread is interrupted
     */
    public void ready(Duration patience) {
        Deadline deadline = Deadline.in(patience, ReflexClock.system());
        while (true) {
            try {
                prompts()
                        .thenCompose(served -> check(served, deadline))
                        .get(Math.max(1, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
                return;
            } catch (ExecutionException failure) {
                Throwable cause = failure.getCause();
                if (cause != null && cause.getCause() instanceof UnusableModelException unusable) {
                    throw unusable;
                }
                if (deadline.expired()) {
                    throw notReady(patience, cause);
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            } catch (TimeoutException late) {
                throw notReady(patience, null);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new ModelUnavailableException(id(), "the thread that waited for it was interrupted", interrupted);
            }
        }
    }

    private ModelUnavailableException notReady(Duration patience, @Nullable Throwable cause) {
        return new ModelUnavailableException(
                id(),
                "llama-server at " + client().endpoint() + " was not ready within " + patience
                        + "; start it, or give it more time to load its model",
                cause);
    }

    /** Proves the labels of the schema behind a prompt without facts. */
    private CompletableFuture<Boolean> check(ServedPrompts served, Deadline deadline) {
        if (schema == null) {
            return CompletableFuture.completedFuture(true);
        }
        Question sample = new Question(Perception.builder("sample", 0).build(), Goal.none(), schema, schema.actions());
        return served.prompt(sample, deadline)
                .thenCompose(prompt -> served.labels(sample, schema.actions(), prompt, deadline))
                .thenApply(labels -> true);
    }

    /** What is known about the server's vocabulary; asked for again where it is not known. */
    CompletableFuture<ServedPrompts> prompts() {
        CompletableFuture<ServedPrompts> known = prompts.get();
        if (known != null && !known.isCompletedExceptionally()) {
            return known;
        }
        CompletableFuture<ServedPrompts> asked = new CompletableFuture<>();
        if (!prompts.compareAndSet(known, asked)) {
            return prompts();
        }
        Deadline deadline = Deadline.in(LEARN, ReflexClock.system());
        client().get("/props", deadline, this::learn)
                .thenCompose(learned -> ServedPrompts.learn(id(), renderer, client(), deadline))
                .whenComplete((served, failure) -> {
                    if (failure != null) {
                        asked.completeExceptionally(failure);
                    } else {
                        asked.complete(served);
                    }
                });
        return asked;
    }

    private boolean learn(JsonNode properties) throws IOException {
        int offered = properties.path("total_slots").asInt(0);
        int tokens =
                properties.path("default_generation_settings").path("n_ctx").asInt(0);
        if (offered < 1 || offered > SlotTable.MOST_SLOTS || tokens < 2) {
            throw new IOException("/props names " + offered + " slots and a context of " + tokens + " tokens");
        }
        slots.resize(maxSlots == 0 ? offered : Math.min(offered, maxSlots));
        context = tokens;
        watch.serverTells(properties.path("endpoint_slots").asBoolean(true));
        LOG.debug("Model '{}' has {} slots of {} tokens", id(), slots.size(), tokens);
        return true;
    }

    /** After a failure that was not a matter of time: the server may be another one now, so it is asked again what it serves. */
    void doubtServer() {
        CompletableFuture<ServedPrompts> known = prompts.get();
        if (known != null && known.isDone()) {
            prompts.compareAndSet(known, null);
        }
    }

    /** Runs something when a deadline passes. */
    void atDeadline(Deadline deadline, Runnable late) {
        try {
            timer.schedule(late, Math.max(0, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException closed) {
            late.run();
        }
    }

    @Override
    String asked() {
        return "legalMass=" + legalMass + ", maxPromptTokens=" + maxPromptTokens + ", prompt: " + renderer.settings();
    }

    int mostPromptTokens() {
        return Math.min(maxPromptTokens, context - 1);
    }

    boolean asksLegalMass() {
        return legalMass;
    }

    SlotTable slots() {
        return slots;
    }

    SlotWatch watch() {
        return watch;
    }

    /** Ends the exchanges in progress and the threads. Idempotent and bounded. */
    @Override
    public void close() {
        timer.shutdownNow();
        slots.endWaiting(); // nobody looks whether a slot is free any more
        super.close();
    }

    /** Settings of a model. One thread at a time. */
    public static final class Builder extends ScoringModelBuilder<Builder> {
        private boolean legalMass;
        private int maxPromptTokens = 2_048;
        private int slots;
        private @Nullable ActionSchema schema;

        private Builder(Endpoint endpoint) {
            super(endpoint);
        }

        /**
         * Names the schema that the model is going to be asked about, so that its labels are proven in the background and by
         * {@link LlamaServerModel#ready(Duration)}, and not within the first question. Default: none.
         *
         * @param actions the schema
         * @return this builder
         */
        public Builder schema(ActionSchema actions) {
            this.schema = actions;
            return this;
        }

        /**
         * Says whether to ask for the legal mass. The server then sends its most probable tokens as they are, at least 128 of them. A label
         * among them is known exactly. A label that is not has at most the probability of the last one, and counts with that in the
         * distribution over the legal actions; in the legal mass it does not count, which so is a lower bound. Default: false, which is
         * exact for every label and a smaller answer.
         *
         * @param wanted whether to
         * @return this builder
         */
        public Builder legalMass(boolean wanted) {
            this.legalMass = wanted;
            return this;
        }

        /**
         * Sets how long a prompt may be; longer ones fail before the server reads them. A whole prompt has to be read within the budget of a
         * tick now and then. Default: 2,048, or what a slot of the server takes if that is less.
         *
         * @param tokens 2 to 1,000,000
         * @return this builder
         */
        public Builder maxPromptTokens(int tokens) {
            if (tokens < 2 || tokens > 1_000_000) {
                throw new IllegalArgumentException(
                        "prompt tokens of a llama-server model are " + tokens + "; give 2 to 1000000");
            }
            this.maxPromptTokens = tokens;
            return this;
        }

        /**
         * Sets how many of the server's slots are used, the first ones. Default: all of them.
         *
         * @param count 1 to 4,096
         * @return this builder
         */
        public Builder slots(int count) {
            if (count < 1 || count > SlotTable.MOST_SLOTS) {
                throw new IllegalArgumentException(
                        "slots of a llama-server model are " + count + "; give 1 to " + SlotTable.MOST_SLOTS);
            }
            this.slots = count;
            return this;
        }

        /**
         * Builds the model and begins to ask the server in the background. Does not block, and needs no server.
         *
         * @return the model, to be closed by the caller
         */
        public LlamaServerModel build() {
            LlamaServerModel model = new LlamaServerModel(this);
            model.begin();
            return model;
        }

        @Override
        String defaultId() {
            return "llama:" + endpoint().name();
        }
    }

    private void begin() {
        prompts()
                .thenCompose(served -> check(served, Deadline.in(PATIENCE, ReflexClock.system())))
                .whenComplete((ready, failure) -> {
                    if (failure != null && !timer.isShutdown()) {
                        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
                        LOG.info("{}; it is asked again with the next question", cause.getMessage());
                    }
                });
    }
}
