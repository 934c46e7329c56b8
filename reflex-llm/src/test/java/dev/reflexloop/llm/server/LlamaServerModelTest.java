package dev.reflexloop.llm.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Goal;
import dev.reflexloop.ModelBusyException;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexThreads;
import dev.reflexloop.Target;
import dev.reflexloop.UnusableModelException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LlamaServerModelTest {
    private static final ActionSchema SCHEMA = ActionSchema.builder("town")
            .action("fight", "")
            .action("flee", "")
            .action("wait", "")
            .idle("wait")
            .build();

    private final FakeLlama llama = new FakeLlama();
    private final ScriptedServer server = new ScriptedServer(llama);
    private final LlamaServerModel model = LlamaServerModel.builder(server.endpoint())
            .id("tested")
            .maxPromptTokens(400)
            .build();

    @AfterEach
    void close() throws IOException {
        llama.gate.countDown();
        model.close();
        server.close();
    }

    private static Question question(String entity, String place) {
        Perception perception =
                Perception.builder(entity, 1).fact("place", place).build();
        return new Question(perception, Goal.none(), SCHEMA, SCHEMA.actions());
    }

    private static Deadline soon() {
        return Deadline.in(Duration.ofSeconds(20), ReflexClock.system());
    }

    private Answer answer(Question question) throws Exception {
        return model.ask(question, soon()).get(20, TimeUnit.SECONDS);
    }

    private Throwable failure(CompletableFuture<Answer> asked) {
        try {
            throw new AssertionError("answered " + asked.get(20, TimeUnit.SECONDS));
        } catch (ExecutionException failure) {
            return failure.getCause();
        } catch (Exception strange) {
            throw new AssertionError(strange);
        }
    }

    private static void waitUntil(BooleanSupplier condition) {
        Deadline patience = soon();
        while (!condition.getAsBoolean() && !patience.expired()) {
            Thread.onSpinWait();
        }
        assertThat(condition.getAsBoolean()).as("what was waited for").isTrue();
    }

    private long count(String path) {
        return llama.asked.stream().filter(each -> each.startsWith(path)).count();
    }

    @Test
    void cancel_inTheMomentInWhichTheSlotIsTaken_givesItBack() throws Exception {
        answer(question("bot", "gate"));
        LlamaCall call = new LlamaCall(model, question("bot", "well"), soon());
        Thread asker = ReflexThreads.create("asker", call::start);
        synchronized (model.slots()) {
            asker.start();
            waitUntil(() -> asker.getState() == Thread.State.BLOCKED);
            call.cancel(true);
        }
        asker.join();

        assertThat(model.slots().isIdle("bot")).isTrue();
    }

    @Test
    void ask_secondTime_costsOneTokenizeAndOneCompletion() throws Exception {
        Answer answer = answer(question("bot", "gate"));
        int before = llama.asked.size();
        answer(question("bot", "well"));

        assertThat(answer.probabilities())
                .containsExactly(Map.entry("fight", 0.5), Map.entry("flee", 0.25), Map.entry("wait", 0.25));
        assertThat(answer.timings().evaluatedTokens()).isEqualTo(5);
        assertThat(answer.prompt().orElseThrow()).contains("place: gate\n");
        assertThat(llama.asked.subList(before, llama.asked.size())).containsExactly("/tokenize", "/completion 1 in 0");
    }

    /** A reply without a list of tokens was read as an empty list: a prompt layout lost its beginning-of-text token over it, for good. */
    @Test
    void ask_tokenizeWithoutTokens_failsAndAsksAnewNextTime() throws Exception {
        llama.tokenless = true;
        assertThat(failure(model.ask(question("bot", "gate"), soon())))
                .isInstanceOf(ModelUnavailableException.class)
                .hasMessageContaining("tokens");
        llama.tokenless = false;
        assertThat(answer(question("bot", "gate")).prompt().orElseThrow()).contains("place: gate\n");
    }

    @Test
    void ask_chosenActionWithTargets_weighsThemInASecondStep() throws Exception {
        Question question = new Question(
                question("bot", "gate").perception(),
                Goal.none(),
                SCHEMA,
                SCHEMA.actions(),
                Map.of("fight", List.of(Target.of("rat"), Target.of("wolf")), "flee", List.of(Target.of("home"))),
                List.of());

        assertThat(answer(question).targets()).isEqualTo(Map.of("fight", Map.of("rat", 0.5, "wolf", 0.5)));
        assertThat(count("/completion")).isEqualTo(2);
    }

    @Test
    void ask_targetsThatTakeTooLong_areLeftOutOfAnAnswerInTime() throws Exception {
        answer(question("bot", "gate"));
        Question question = new Question(
                question("bot", "well").perception(),
                Goal.none(),
                SCHEMA,
                SCHEMA.actions(),
                Map.of("fight", List.of(Target.of("rat"), Target.of("wolf"))),
                List.of());
        llama.gate = new CountDownLatch(1);
        llama.passes.set(1);
        Deadline deadline = Deadline.in(Duration.ofSeconds(2), ReflexClock.system());
        Answer answer = model.ask(question, deadline).get(20, TimeUnit.SECONDS);

        assertThat(answer.probabilities()).containsEntry("fight", 0.5);
        assertThat(answer.targets()).isEmpty();
        assertThat(deadline.expired()).isFalse();
        assertThat(model.slots().isIdle("bot")).isFalse();
    }

    @Test
    void ask_oneLegalAction_isCertainWithoutACompletion() throws Exception {
        List<Action> only = SCHEMA.actions().subList(1, 2);
        Question question = new Question(question("bot", "gate").perception(), Goal.none(), SCHEMA, only);

        assertThat(answer(question).probabilities()).containsExactly(Map.entry("flee", 1.0));
        assertThat(count("/completion")).isZero();
    }

    @Test
    void ask_labelOfTwoTokens_failsWithTheRemedyAndTheTokens() throws Exception {
        llama.labels = false;
        Throwable failure = failure(model.ask(question("bot", "gate"), soon()));

        assertThat(failure)
                .isInstanceOf(ModelUnavailableException.class)
                .hasCauseInstanceOf(UnusableModelException.class)
                .hasMessageContainingAll("'tested'", "' A'", "[32, 65]", "another model");
        llama.labels = true;
        assertThat(answer(question("bot", "gate")).probabilities()).hasSize(3);
    }

    @Test
    void ready_labelOfTwoTokens_refusesTheModel() {
        llama.labels = false;
        try (LlamaServerModel checked =
                LlamaServerModel.builder(server.endpoint()).schema(SCHEMA).build()) {
            assertThatThrownBy(() -> checked.ready(Duration.ofSeconds(20)))
                    .isInstanceOf(UnusableModelException.class)
                    .hasMessageContaining("' A'");
        }
    }

    @Test
    void ready_noServer_saysSoInTime() throws Exception {
        server.close();
        try (LlamaServerModel alone =
                LlamaServerModel.builder(server.endpoint()).build()) {
            assertThatThrownBy(() -> alone.ready(Duration.ofMillis(50)))
                    .isInstanceOf(ModelUnavailableException.class)
                    .hasMessageContainingAll(server.endpoint().toString(), "start it");
        }
    }

    @Test
    void ask_schemaWithMoreActionsThanLetters_namesTheActionWithoutOne() {
        ActionSchema.Builder large = ActionSchema.builder("large");
        for (int i = 0; i < 60; i++) {
            large.action("action" + i, "");
        }
        ActionSchema schema = large.idle("action0").build();
        Question question = new Question(
                question("bot", "gate").perception(),
                Goal.none(),
                schema,
                schema.actions().subList(50, 60));

        assertThat(failure(model.ask(question, soon())))
                .hasCauseInstanceOf(UnusableModelException.class)
                .hasMessageContainingAll("'action52'", "'large'", "fewer actions");
    }

    @Test
    void ask_promptThatIsTooLong_failsBeforeTheServerReadsIt() {
        Perception perception = Perception.builder("bot", 1)
                .fact("place", "x".repeat(200))
                .fact("story", "y".repeat(200))
                .build();
        Question question = new Question(perception, Goal.none(), SCHEMA, SCHEMA.actions());

        assertThat(failure(model.ask(question, soon())))
                .isInstanceOf(ModelUnavailableException.class)
                .hasMessageContainingAll("tokens and it takes 400", "fewer facts", "maxPromptTokens");
        assertThat(count("/completion")).isZero();
    }

    @Test
    void ask_moreEntitiesThanSlots_areBusyAtOnce() throws Exception {
        answer(question("a", "gate"));
        llama.gate = new CountDownLatch(1);
        CompletableFuture<Answer> first = model.ask(question("a", "gate"), soon());
        CompletableFuture<Answer> second = model.ask(question("b", "gate"), soon());

        assertThat(failure(model.ask(question("c", "gate"), soon())))
                .isInstanceOf(ModelBusyException.class)
                .hasMessageContainingAll("'c'", "2 slots", "-np");
        llama.gate.countDown();
        assertThat(first.get(20, TimeUnit.SECONDS).probabilities()).hasSize(3);
        assertThat(second.get(20, TimeUnit.SECONDS).probabilities()).hasSize(3);
        assertThat(answer(question("c", "gate")).probabilities()).hasSize(3);
    }

    @Test
    void cancel_serverThatTellsSlots_isAskedUntilTheSlotIsFree() throws Exception {
        answer(question("a", "gate"));
        cutWhileTheServerWorks("a");
        CompletableFuture<Answer> next = model.ask(question("a", "well"), soon());
        waitUntil(() -> count("/slots") > 2);

        assertThat(next).isNotDone();
        llama.gate.countDown();
        assertThat(next.get(20, TimeUnit.SECONDS).probabilities()).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void cancel_serverThatTellsNothing_isProbedWithThePromptThatWasCut(boolean saysSo) throws Exception {
        model.ready(Duration.ofSeconds(20));
        llama.tellsSlots = false;
        llama.properties = saysSo ? "" : "{\"default_generation_settings\":{\"n_ctx\":4096},\"total_slots\":2}";
        model.doubtServer();
        answer(question("a", "gate"));
        cutWhileTheServerWorks("a");
        CompletableFuture<Answer> next = model.ask(question("a", "well"), soon());
        waitUntil(() -> count("/completion 0 in 0") == 1);

        assertThat(next).isNotDone();
        llama.gate.countDown();
        assertThat(next.get(20, TimeUnit.SECONDS).probabilities()).hasSize(3);
        assertThat(count("/slots")).isEqualTo(saysSo ? 0 : 1);
    }

    private void cutWhileTheServerWorks(String entity) {
        llama.gate = new CountDownLatch(1);
        long before = count("/completion 1");
        CompletableFuture<Answer> cut = model.ask(question(entity, "field"), soon());
        waitUntil(() -> count("/completion 1") > before);
        cut.cancel(true);
    }

    @Test
    void ask_afterTheServerIsGone_isUnavailableAndNotBusy() throws Exception {
        answer(question("a", "gate"));
        cutWhileTheServerWorks("a");
        waitUntil(() -> {
            closeServer(); // again and again: a connection that was made in this moment is closed too
            return model.slots().inDoubt().isEmpty();
        });

        assertThat(failure(model.ask(question("a", "gate"), soon()))).isInstanceOf(ModelUnavailableException.class);
    }

    private void closeServer() {
        try {
            server.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Test
    void ask_deadlineWhileAnotherCallIsCut_failsAtTheDeadline() throws Exception {
        answer(question("a", "gate"));
        cutWhileTheServerWorks("a");

        assertThat(failure(model.ask(question("a", "well"), Deadline.in(Duration.ofMillis(30), ReflexClock.system()))))
                .isInstanceOf(ModelBusyException.class)
                .hasMessageContaining("the deadline passed");
    }

    @Test
    void ask_serverWithAnotherVocabulary_isLearnedAnew() throws Exception {
        answer(question("a", "gate"));
        llama.shift = 20_000;

        assertThat(failure(model.ask(question("a", "gate"), soon())))
                .isInstanceOf(ModelUnavailableException.class)
                .hasMessageContaining("its model was changed");
        assertThat(answer(question("a", "gate")).probabilities()).hasSize(3);
        assertThat(count("/props")).isEqualTo(2);
    }

    @Test
    void build_noServerYet_answersOnceThereIsOne() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        try (LlamaServerModel early = LlamaServerModel.builder(Endpoint.of("http://127.0.0.1:" + port))
                .schema(SCHEMA)
                .build()) {
            assertThat(failure(early.ask(question("a", "gate"), soon())))
                    .isInstanceOf(ModelUnavailableException.class)
                    .hasMessageContaining("nothing listens");
            try (ScriptedServer late = new ScriptedServer(port, new FakeLlama())) {
                assertThat(late.endpoint().toString()).endsWith(":" + port);
                early.ready(Duration.ofSeconds(20));
                assertThat(early.ask(question("a", "gate"), soon())
                                .get(20, TimeUnit.SECONDS)
                                .probabilities())
                        .hasSize(3);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "{\"total_slots\":0,\"default_generation_settings\":{\"n_ctx\":64}}",
                "{\"total_slots\":1000000,\"default_generation_settings\":{\"n_ctx\":64}}",
                "{\"total_slots\":1,\"default_generation_settings\":{\"n_ctx\":\"large\"}}"
            })
    void ask_hostileProperties_isAFailureOfTheFuture(String properties) throws Exception {
        answer(question("a", "gate"));
        llama.properties = properties;
        try (LlamaServerModel other =
                LlamaServerModel.builder(server.endpoint()).build()) {
            assertThat(failure(other.ask(question("a", "gate"), soon()))).isInstanceOf(ModelUnavailableException.class);
        }
    }

    @Test
    void prepare_longPrompt_isReadInPiecesAndGivesWayToACall() throws Exception {
        answer(question("a", "gate"));
        model.prepare(question("a", "x".repeat(100)));
        waitUntil(() -> count("/completion 0 in 0") > 2 && model.slots().isIdle("a"));
        int pieces = (int) count("/completion 0");

        llama.gate = new CountDownLatch(1);
        model.prepare(question("a", "y".repeat(100)));
        waitUntil(() -> count("/completion 0") > pieces);
        CompletableFuture<Answer> call = model.ask(question("a", "z"), soon());
        waitUntil(() -> count("/completion 1") == 2);
        llama.gate.countDown();

        assertThat(call.get(20, TimeUnit.SECONDS).probabilities()).hasSize(3);
        assertThat(count("/completion 0")).isEqualTo(pieces + 1);
    }

    @Test
    void warm_whileACallIsInFlight_doesNothing() throws Exception {
        answer(question("a", "gate"));
        llama.gate = new CountDownLatch(1);
        CompletableFuture<Answer> call = model.ask(question("a", "well"), soon());
        waitUntil(() -> count("/completion 1") == 2);
        new PrefixWarmer(model.slots(), model.watch(), model.client()).warm("a", new int[] {1, 2, 3});
        llama.gate.countDown();

        call.get(20, TimeUnit.SECONDS);
        answer(question("a", "gate"));
        assertThat(count("/completion 0")).isZero();
    }

    @Test
    void ask_cancelledAndLateInAllPlaces_losesNoSlot() throws Exception {
        llama.slots = 4;
        List<String> entities = List.of("a", "b", "c", "d", "e");
        try (LlamaServerModel shared =
                LlamaServerModel.builder(server.endpoint()).build()) {
            ExecutorService threads = Executors.newFixedThreadPool(6);
            List<Future<?>> work = new ArrayList<>();
            for (int thread = 0; thread < 6; thread++) {
                Random random = new Random(thread);
                work.add(threads.submit(() -> {
                    for (int i = 0; i < 150; i++) {
                        spoil(shared, question(entities.get(random.nextInt(5)), "place " + random.nextInt(9)), random);
                    }
                }));
            }
            for (Future<?> each : work) {
                each.get(60, TimeUnit.SECONDS);
            }
            threads.shutdown();

            waitUntil(() -> shared.slots().inDoubt().isEmpty());
            waitUntil(() -> entities.stream().allMatch(shared.slots()::isIdle));
            waitUntil(() -> shared.client().inFlight() == 0);
            for (String entity : entities) {
                assertThat(shared.ask(question(entity, "gate"), soon())
                                .get(20, TimeUnit.SECONDS)
                                .probabilities())
                        .hasSize(3);
            }
        }
    }

    /** Asks, or warms, and cuts it after a random time, or by a short deadline, or not at all. */
    private static void spoil(LlamaServerModel shared, Question question, Random random) {
        if (random.nextInt(8) == 0) {
            shared.prepare(question);
            return;
        }
        boolean isShort = random.nextInt(3) == 0;
        CompletableFuture<Answer> asked = shared.ask(
                question,
                isShort ? Deadline.in(Duration.ofNanos(random.nextInt(3_000_000)), ReflexClock.system()) : soon());
        for (int spins = random.nextInt(100_000); spins > 0 && !asked.isDone(); spins--) {
            Thread.onSpinWait();
        }
        if (random.nextBoolean()) {
            asked.cancel(true);
        }
        try {
            assertThat(asked.get(20, TimeUnit.SECONDS).probabilities()).hasSize(3);
        } catch (CancellationException cancelled) {
            // as it should be
        } catch (ExecutionException failure) {
            assertThat(failure.getCause()).isInstanceOfAny(ModelBusyException.class, ModelUnavailableException.class);
        } catch (InterruptedException | TimeoutException strange) {
            throw new AssertionError(strange);
        }
    }
}
