package dev.reflexloop.llm.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.json.JsonEnumSchema;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.TokenUsage;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Goal;
import dev.reflexloop.ModelBusyException;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.llm.ChatPrompt;
import dev.reflexloop.testkit.ManualClock;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LangChain4jModelTest {
    private static final ActionSchema SCHEMA = ActionSchema.builder("duel")
            .action("wait", "stand still")
            .action("fight", "attack")
            .action("flee", "run away")
            .idle("wait")
            .build();

    /** Writes what it is told to, and keeps what it was asked. */
    private static final class Writer implements ChatModel {
        final Queue<ChatRequest> asked = new ConcurrentLinkedQueue<>();
        final Set<Capability> capabilities;
        final Function<ChatRequest, String> writes;

        Writer(Set<Capability> capabilities, Function<ChatRequest, String> writes) {
            this.capabilities = capabilities;
            this.writes = writes;
        }

        @Override
        public ChatResponse doChat(ChatRequest request) {
            asked.add(request);
            return ChatResponse.builder()
                    .aiMessage(AiMessage.from(writes.apply(request)))
                    .tokenUsage(new TokenUsage(42, 5))
                    .build();
        }

        @Override
        public Set<Capability> supportedCapabilities() {
            return capabilities;
        }
    }

    private static Question question() {
        Perception perception = Perception.builder("hero", 1).fact("health", 80).build();
        return new Question(
                perception, Goal.of("survive"), SCHEMA, SCHEMA.actions().subList(0, 2));
    }

    private static CompletableFuture<Answer> ask(ReflexModel model) {
        return model.ask(question(), Deadline.in(Duration.ofSeconds(10), ReflexClock.system()));
    }

    private static Answer answer(Writer writer) throws Exception {
        try (ReflexModel model = LangChain4jModel.builder(writer).build()) {
            return ask(model).get(10, TimeUnit.SECONDS);
        }
    }

    private static Throwable failure(Function<ChatRequest, String> writes) {
        try (ReflexModel model =
                LangChain4jModel.builder(new Writer(Set.of(), writes)).build()) {
            return org.assertj.core.api.Assertions.catchThrowableOfType(
                            ExecutionException.class, () -> ask(model).get(10, TimeUnit.SECONDS))
                    .getCause();
        }
    }

    @Test
    void chatModel_withSchemas_isOfferedTheLegalActionsAsAnEnum() throws Exception {
        Writer writer =
                new Writer(Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA), request -> "{\"action\": \"fight\"}");
        assertThat(answer(writer).probabilities()).containsEntry("fight", 1.0);
        JsonObjectSchema root = (JsonObjectSchema)
                writer.asked.remove().responseFormat().jsonSchema().rootElement();
        assertThat(((JsonEnumSchema) root.properties().get("action")).enumValues())
                .containsExactly("wait", "fight");
        assertThat(root.required()).containsExactly("action");
    }

    @Test
    void chatModel_withoutSchemas_isOfferedThemInWords() throws Exception {
        Writer writer = new Writer(Set.of(), request -> "I would **fight**.");
        assertThat(answer(writer).probabilities()).containsEntry("fight", 1.0);
        ChatRequest asked = writer.asked.remove();
        assertThat(asked.responseFormat()).isNull();
        assertThat(((UserMessage) asked.messages().get(0)).singleText()).contains("wait, fight");
    }

    @Test
    void reply_thatNamesNoAction_isAnAnswerWithoutProbabilities() throws Exception {
        Answer answer = answer(new Writer(Set.of(), request -> "Let me think about it."));
        assertThat(answer.probabilities()).isEmpty();
        assertThat(answer.legalMass()).isEmpty();
    }

    @Test
    void reply_withUsage_tellsItsTokensAndTime() throws Exception {
        Answer answer = answer(new Writer(Set.of(), request -> "wait"));
        assertThat(answer.timings().evaluatedTokens()).isEqualTo(42);
        assertThat(answer.timings().computeNanos()).isPositive();
    }

    @Test
    void chatModel_thatFails_isAnUnavailableModelWithItsReason() {
        assertThat(failure(request -> {
                    throw new IllegalStateException("no route");
                }))
                .isInstanceOf(ModelUnavailableException.class)
                .hasMessageContaining("no route");
    }

    @Test
    void chatModel_thatIsLimited_isABusyModel() {
        assertThat(failure(request -> {
                    throw new RateLimitException("slow down");
                }))
                .isInstanceOf(ModelBusyException.class);
    }

    @Test
    void call_thatIsCancelled_isInterruptedAndFreesItsThread() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        Writer writer = new Writer(Set.of(), request -> {
            if (begun.getCount() == 0) {
                return "wait";
            }
            begun.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException cut) {
                interrupted.countDown();
            }
            return "wait";
        });
        try (ReflexModel model = LangChain4jModel.builder(writer).threads(1).build()) {
            CompletableFuture<Answer> first = ask(model);
            assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(org.assertj.core.api.Assertions.catchThrowableOfType(
                                    ExecutionException.class, () -> ask(model).get(10, TimeUnit.SECONDS))
                            .getCause())
                    .isInstanceOf(ModelBusyException.class);
            first.cancel(true);
            assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void calls_thatEndLongAfterTheirDeadline_areWarnedOfOnce() throws Exception {
        ManualClock clock = new ManualClock();
        Writer writer = new Writer(Set.of(), request -> {
            clock.advance(Duration.ofSeconds(5));
            return "wait";
        });
        PrintStream before = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try (ReflexModel model = LangChain4jModel.builder(writer).build()) {
            for (int i = 0; i < 3; i++) {
                model.ask(question(), Deadline.in(Duration.ofMillis(200), clock))
                        .get(10, TimeUnit.SECONDS);
            }
        } finally {
            System.setErr(before);
        }
        assertThat(said.toString(StandardCharsets.UTF_8)).containsOnlyOnce("ended 4800 ms after its deadline");
    }

    @Test
    void prompt_ofTheUser_isTheOneThatIsSent() throws Exception {
        Writer writer = new Writer(Set.of(), request -> "wait");
        try (ReflexModel model = LangChain4jModel.builder(writer)
                .prompt(ChatPrompt.original())
                .id("baseline")
                .build()) {
            Answer answer = ask(model).get(10, TimeUnit.SECONDS);
            assertThat(answer.model()).isEqualTo("baseline");
            assertThat(answer.prompt())
                    .hasValueSatisfying(prompt -> assertThat(prompt).startsWith("Game state: {\"health\":80}"));
        }
    }

    @Test
    void id_byDefault_isThatOfTheChatModel() {
        try (ReflexModel model = LangChain4jModel.builder(new Writer(Set.of(), request -> "wait"))
                .build()) {
            assertThat(model.id()).isEqualTo("langchain4j:Writer");
        }
    }

    @Test
    void builder_withoutSense_isRefused() {
        LangChain4jModel.Builder builder = LangChain4jModel.builder(new Writer(Set.of(), request -> "wait"));
        assertThatThrownBy(() -> builder.threads(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.id("")).isInstanceOf(IllegalArgumentException.class);
    }

    private static ChatModel tuned(@Nullable Double temperature, String name) {
        return new ChatModel() {
            @Override
            public ChatRequestParameters defaultRequestParameters() {
                return ChatRequestParameters.builder()
                        .modelName(name)
                        .temperature(temperature)
                        .build();
            }
        };
    }

    private static String settings(LangChain4jModel.Builder builder) {
        try (LangChain4jModel model = builder.build()) {
            return model.settings();
        }
    }

    @Test
    void settings_ofAChatModel_areWhatItTells() {
        assertThat(settings(LangChain4jModel.builder(tuned(0.5, "tiny"))))
                .contains("model=tiny", "temperature=0.5", ChatPrompt.plain().settings())
                .doesNotContain("topP", "null");
        assertThat(settings(LangChain4jModel.builder(tuned(null, "big"))))
                .contains("model=big")
                .doesNotContain("temperature");
        assertThat(settings(LangChain4jModel.builder(tuned(0.5, "tiny")).prompt(ChatPrompt.template("{actions}"))))
                .contains("template={actions}");
    }
}
