package dev.reflexloop.escalation.langchain4j;

import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.reflexloop.Escalation;
import dev.reflexloop.ModelBusyException;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.ReflexException;
import dev.reflexloop.escalation.Strategist;
import dev.reflexloop.escalation.StrategistPrompt;
import dev.reflexloop.escalation.StrategistReply;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A strategist on any chat model of LangChain4j. Thread-safe as far as the chat model is.
 *
 * <p>It is shown the bot's goal, what it sees, the situation and the options, and asked for a JSON object: in a schema where the
 * chat model says that it supports one, in words otherwise. A {@link StreamingChatModel} is asked for a plan in front of the object, which
 * becomes the bot's goal while it is written.
 *
 * <p><b>Retries and time-outs belong to the chat model</b> and cannot be changed once it is built: LangChain4j's retry with pauses by default,
 * which a desk cannot see and which keep its only place for nothing. So turn its retries off and set its time-out to the desk's, for instance:
 *
 * <pre>{@code
 * ChatModel chat = OllamaChatModel.builder()
 *         .baseUrl("http://127.0.0.1:11434")
 *         .modelName("qwen2.5:14b")
 *         .maxRetries(0)
 *         .timeout(Duration.ofMinutes(1))
 *         .build();
 * Strategist strategist = ChatStrategist.builder(chat).build();
 * }</pre>
 *
 * <p>Give it a server process of its own: while a server reads a long prompt, the reflex that shares it waits.
 */
public final class ChatStrategist implements Strategist {
    private static final int MOST_QUOTED = 200;

    private final String id;
    private final @Nullable ChatModel chat;
    private final @Nullable StreamingChatModel streaming;
    private final StrategistPrompt prompt;

    private ChatStrategist(Builder builder) {
        this.chat = builder.chat;
        this.streaming = builder.streaming;
        this.id = builder.id;
        this.prompt = builder.prompt;
    }

    /**
     * Starts the settings of a strategist that is read when it has finished.
     *
     * @param chat the chat model, without retries and with a time-out; not closed by the strategist
     * @return a builder, one thread at a time
     */
    public static Builder builder(ChatModel chat) {
        return new Builder(chat);
    }

    /**
     * Starts the settings of a strategist that is read while it writes.
     *
     * @param chat the chat model, with a time-out; not closed by the strategist
     * @return a builder, one thread at a time
     */
    public static Builder builder(StreamingChatModel chat) {
        return new Builder(chat);
    }

    @Override
    public StrategistReply consider(Escalation escalation, Consumer<String> plan) throws InterruptedException {
        ChatRequest.Builder request = ChatRequest.builder().messages(UserMessage.from(prompt.render(escalation)));
        try {
            String reply;
            if (chat != null) {
                if (chat.supportedCapabilities().contains(Capability.RESPONSE_FORMAT_JSON_SCHEMA)) {
                    request.responseFormat(format(escalation));
                }
                ChatResponse response = chat.chat(request.build());
                reply = response.aiMessage().text();
            } else {
                reply = streamed(request.build(), plan);
            }
            return reply == null ? StrategistReply.unreadable() : StrategistReply.parse(reply);
        } catch (RuntimeException foreign) {
            throw ours(foreign);
        }
    }

    private String streamed(ChatRequest request, Consumer<String> plan) throws InterruptedException {
        StreamingChatModel model = streaming;
        if (model == null) {
            throw new IllegalStateException("a strategist has one of two chat models");
        }
        StreamedReply reply = new StreamedReply(plan);
        model.chat(request, reply);
        try {
            return reply.await();
        } catch (ExecutionException failure) {
            throw failure.getCause() instanceof RuntimeException known
                    ? known
                    : new ModelUnavailableException(id, "its chat model failed", failure.getCause());
        } finally {
            reply.cancel();
        }
    }

    private static ResponseFormat format(Escalation escalation) {
        JsonObjectSchema.Builder object = JsonObjectSchema.builder();
        if (!escalation.situation().options().isEmpty()) {
            object.addIntegerProperty("answer").required("answer");
        }
        return ResponseFormat.builder()
                .type(ResponseFormatType.JSON)
                .jsonSchema(JsonSchema.builder()
                        .name("reply")
                        .rootElement(object.addStringProperty("goal")
                                .addStringProperty("summary")
                                .addIntegerProperty("exit_code")
                                .build())
                        .build())
                .build();
    }

    private ReflexException ours(RuntimeException foreign) {
        if (foreign instanceof ReflexException known) {
            return known;
        }
        String message = String.valueOf(foreign.getMessage());
        String reason = foreign.getClass().getSimpleName() + ": "
                + message.substring(0, Math.min(message.length(), MOST_QUOTED));
        if (foreign instanceof RateLimitException) {
            return new ModelBusyException(id, "its service limits the rate (" + reason + "); escalate less often");
        }
        return new ModelUnavailableException(
                id, "its chat model failed (" + reason + "); check its address, model name and key", null);
    }

    @Override
    public String toString() {
        return "ChatStrategist[" + id + "]";
    }

    /** Settings of a strategist. One thread at a time. */
    public static final class Builder {
        private final @Nullable ChatModel chat;
        private final @Nullable StreamingChatModel streaming;
        private StrategistPrompt prompt;
        private String id;

        private Builder(ChatModel chat) {
            this.chat = chat;
            this.streaming = null;
            this.prompt = StrategistPrompt.plain();
            this.id = "strategist:" + chat.getClass().getSimpleName();
        }

        private Builder(StreamingChatModel chat) {
            this.chat = null;
            this.streaming = chat;
            this.prompt = StrategistPrompt.planning();
            this.id = "strategist:" + chat.getClass().getSimpleName();
        }

        /**
         * Sets the id for errors. Default: {@code strategist:} and the chat model's class.
         *
         * @param name a short name
         * @return this builder
         */
        public Builder id(String name) {
            if (name.isBlank()) {
                throw new IllegalArgumentException("id of a strategist is blank; give it a short name");
            }
            this.id = name;
            return this;
        }

        /**
         * Sets how it is asked. Default: {@link StrategistPrompt#plain()}, and {@link StrategistPrompt#planning()} where it is read
         * while it writes.
         *
         * @param text the prompt
         * @return this builder
         */
        public Builder prompt(StrategistPrompt text) {
            this.prompt = text;
            return this;
        }

        /**
         * Builds the strategist. Calls nothing.
         *
         * @return the strategist
         */
        public ChatStrategist build() {
            return new ChatStrategist(this);
        }
    }
}
