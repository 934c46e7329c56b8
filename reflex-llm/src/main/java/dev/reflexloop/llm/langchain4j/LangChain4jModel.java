package dev.reflexloop.llm.langchain4j;

import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.TokenUsage;
import dev.reflexloop.Action;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.ModelBusyException;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexException;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.Timings;
import dev.reflexloop.llm.ChatPrompt;
import java.util.StringJoiner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Any {@link ChatModel} of LangChain4j, asked to write the name of one legal action. Thread-safe as far as the chat model is.
 *
 * <p>The legal actions are offered as an enum in a JSON schema when the chat model says that it supports one, and in the prompt's words
 * otherwise; replies are read tolerantly, as {@link ChatPrompt} describes. An answer is certain of what was written: there are no
 * probabilities, and so no doubt to escalate by. Writing a name costs several tokens where scoring costs one; for a model behind
 * llama-server, Ollama, vLLM or SGLang prefer the adapters in {@link dev.reflexloop.llm.server}.
 *
 * <p>{@link #ask} returns at once: calls block threads of this model's own, at most {@link Builder#threads(int)} at a time, and are
 * interrupted when they are cancelled. While all threads are held, further questions fail as busy.
 *
 * <p><b>Retries and time-outs belong to the chat model</b> and cannot be changed once it is built. A decision is on time whatever they are,
 * but a chat model that waits or tries again after the deadline holds its thread, and works its server, for nothing. So turn its retries off
 * and set its time-out to the loop's budget, for instance:
 *
 * <pre>{@code
 * Duration budget = Duration.ofMillis(200);
 * ChatModel chat = OllamaChatModel.builder()
 *         .baseUrl("http://127.0.0.1:11434")
 *         .modelName("llama3.2:1b")
 *         .maxRetries(0)
 *         .timeout(budget)
 *         .build();
 * ReflexModel model = LangChain4jModel.builder(chat).build();
 * }</pre>
 *
 * <p>A call that goes on for long after its deadline is warned of once.
 */
public final class LangChain4jModel implements ReflexModel {
    private static final Logger LOG = LoggerFactory.getLogger(LangChain4jModel.class);
    private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int MOST_QUOTED = 200;

    private final String id;
    private final ChatModel chat;
    private final ChatPrompt prompt;
    private final boolean takesSchema;
    private final ReflexModel calls;
    private final AtomicBoolean warned = new AtomicBoolean();

    private LangChain4jModel(Builder builder) {
        this.chat = builder.chat;
        this.id = builder.id();
        this.prompt = builder.prompt;
        this.takesSchema = chat.supportedCapabilities().contains(Capability.RESPONSE_FORMAT_JSON_SCHEMA);
        this.calls = ReflexModel.blocking(id, builder.threads, this::answer);
    }

    /**
     * Starts the settings of a model.
     *
     * @param chat the chat model, without retries and with a time-out of about the loop's budget; not closed by this model
     * @return a builder, one thread at a time
     */
    public static Builder builder(ChatModel chat) {
        return new Builder(chat);
    }

    @Override
    public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
        return calls.ask(question, deadline);
    }

    private Answer answer(Question question, Deadline deadline) {
        if (deadline.expired()) {
            throw new ModelUnavailableException(id, "no time was left when its thread began", null);
        }
        String text = prompt.render(question);
        ChatRequest.Builder request = ChatRequest.builder().messages(UserMessage.from(text));
        if (takesSchema) {
            request.responseFormat(format(question));
        }
        long startedAt = System.nanoTime();
        try {
            ChatResponse response = chat.chat(request.build());
            String reply = response.aiMessage().text();
            Answer answer = prompt.answer(id, question, text, reply == null ? "" : reply);
            return new Answer(
                    answer.model(),
                    answer.adapter(),
                    answer.probabilities(),
                    answer.legalMass(),
                    answer.targets(),
                    answer.sideAnswers(),
                    answer.prompt(),
                    new Timings(0, System.nanoTime() - startedAt, inputTokens(response.tokenUsage()), 0));
        } catch (RuntimeException foreign) {
            throw ours(foreign);
        } finally {
            warnIfLate(deadline);
        }
    }

    private static ResponseFormat format(Question question) {
        return ResponseFormat.builder()
                .type(ResponseFormatType.JSON)
                .jsonSchema(JsonSchema.builder()
                        .name("decision")
                        .rootElement(JsonObjectSchema.builder()
                                .addEnumProperty(
                                        "action",
                                        question.legal().stream()
                                                .map(Action::name)
                                                .toList())
                                .required("action")
                                .build())
                        .build())
                .build();
    }

    private static int inputTokens(@Nullable TokenUsage usage) {
        Integer tokens = usage == null ? null : usage.inputTokenCount();
        return tokens == null ? 0 : tokens;
    }

    private ReflexException ours(RuntimeException foreign) {
        if (foreign instanceof ReflexException known) {
            return known;
        }
        String message = String.valueOf(foreign.getMessage());
        String reason = foreign.getClass().getSimpleName() + ": "
                + message.substring(0, Math.min(message.length(), MOST_QUOTED));
        if (foreign instanceof RateLimitException) {
            return new ModelBusyException(id, "its service limits the rate (" + reason + "); tick less often");
        }
        return new ModelUnavailableException(
                id, "its chat model failed (" + reason + "); check its address, model name and key", null);
    }

    private void warnIfLate(Deadline deadline) {
        long late = -deadline.remainingNanos();
        if (late > LATE_NANOS && warned.compareAndSet(false, true)) {
            LOG.warn(
                    "Model '{}': a call of its chat model ended {} ms after its deadline and held a thread until then; turn the chat model's "
                            + "retries off and set its time-out to the loop's budget. Said once",
                    id,
                    TimeUnit.NANOSECONDS.toMillis(late));
        }
    }

    @Override
    public String id() {
        return id;
    }

    /**
     * The chat model's class, what it sends when nothing else is said, as far as it tells, and the prompt. Neither the address nor the
     * weights behind a name are known here.
     */
    @Override
    public String settings() {
        ChatRequestParameters sent = chat.defaultRequestParameters();
        StringJoiner told = new StringJoiner(", ").add(chat.getClass().getName());
        tell(told, "model", sent.modelName());
        tell(told, "temperature", sent.temperature());
        tell(told, "topP", sent.topP());
        tell(told, "topK", sent.topK());
        tell(told, "frequencyPenalty", sent.frequencyPenalty());
        tell(told, "presencePenalty", sent.presencePenalty());
        tell(told, "maxOutputTokens", sent.maxOutputTokens());
        tell(told, "stopSequences", sent.stopSequences());
        return told + ", takesSchema=" + takesSchema + ", prompt: " + prompt.settings();
    }

    private static void tell(StringJoiner told, String name, @Nullable Object value) {
        if (value != null) {
            told.add(name + "=" + value);
        }
    }

    @Override
    public boolean returnsAtOnce() {
        return true;
    }

    /** Interrupts the calls in progress and ends the threads; the chat model stays open. Idempotent. */
    @Override
    public void close() {
        calls.close();
    }

    @Override
    public String toString() {
        return "LangChain4jModel[" + id + "]";
    }

    /** Settings of a model. One thread at a time. */
    public static final class Builder {
        private final ChatModel chat;
        private ChatPrompt prompt = ChatPrompt.plain();
        private int threads = 3;
        private @Nullable String id;

        private Builder(ChatModel chat) {
            this.chat = chat;
        }

        /**
         * Sets the id for records. Default: {@code langchain4j:} and the chat model's model name, or its class where it has none.
         *
         * @param name a short name
         * @return this builder
         */
        public Builder id(String name) {
            if (name.isBlank()) {
                throw new IllegalArgumentException("id of a LangChain4j model is blank; give it a short name");
            }
            this.id = name;
            return this;
        }

        /**
         * Sets how the question is put, and how the reply is read. Default: {@link ChatPrompt#plain()}.
         *
         * @param text the prompt
         * @return this builder
         */
        public Builder prompt(ChatPrompt text) {
            this.prompt = text;
            return this;
        }

        /**
         * Sets how many calls may be in progress at a time, each on a thread. Default: 3.
         *
         * @param count 1 or more
         * @return this builder
         */
        public Builder threads(int count) {
            if (count < 1) {
                throw new IllegalArgumentException("threads of a LangChain4j model are " + count + "; give 1 or more");
            }
            this.threads = count;
            return this;
        }

        /**
         * Builds the model. Calls nothing.
         *
         * @return the model, to be closed by the caller
         */
        public LangChain4jModel build() {
            return new LangChain4jModel(this);
        }

        private String id() {
            if (id != null) {
                return id;
            }
            String name = chat.defaultRequestParameters().modelName();
            return "langchain4j:"
                    + (name == null || name.isBlank() ? chat.getClass().getSimpleName() : name);
        }
    }
}
