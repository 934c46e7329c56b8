package dev.reflexloop.llm.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Goal;
import dev.reflexloop.ModelBusyException;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.llm.FactOrder;
import dev.reflexloop.llm.GgufFixture;
import dev.reflexloop.llm.PlainRenderer;
import dev.reflexloop.llm.nano.LlamaServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real server computes and keeps: slots of entities, calls that were cut, warmed prefixes, the order of facts. */
final class LlamaServerModelSlotsIT {
    private static final ActionSchema SCHEMA = ActionSchema.builder("town")
            .action("talk", "speak to somebody")
            .action("walk", "go to another place")
            .action("wait", "")
            .idle("wait")
            .build();

    private static final int BEGINNING_OF_TEXT = 1;

    @TempDir
    static Path folder;

    private static @Nullable LlamaServer server;

    /** Large enough that a whole prompt takes tenths of a second. */
    @BeforeAll
    static void start() throws Exception {
        ServedModels.requireServer();
        GgufFixture.Shape shape = new GgufFixture.Shape(6, 256, 768, 4, 2, 4_096, true);
        server = ServedModels.serve(
                ServedModels.plain(shape).write(folder.resolve("slow.gguf")), "-np", "2", "-no-kvu", "-c", "8192");
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    private static LlamaServerModel model() {
        LlamaServerModel model = LlamaServerModel.builder(Endpoint.of(server.address()))
                .schema(SCHEMA)
                .build();
        model.ready(Duration.ofSeconds(20));
        return model;
    }

    private static Question question(String entity, int tick, String goal) {
        Perception perception = Perception.builder(entity, tick)
                .fact("story", entity + " came from far away and is looking for work in the town. ".repeat(3))
                .fact("steps", tick)
                .build();
        return new Question(perception, Goal.of(goal), SCHEMA, SCHEMA.actions());
    }

    private static Deadline soon() {
        return Deadline.in(Duration.ofSeconds(20), ReflexClock.system());
    }

    private static Answer answer(LlamaServerModel model, Question question) throws Exception {
        return model.ask(question, soon()).get(20, TimeUnit.SECONDS);
    }

    private static void waitUntil(BooleanSupplier condition) {
        Deadline patience = soon();
        while (!condition.getAsBoolean() && !patience.expired()) {
            Thread.onSpinWait();
        }
        assertThat(condition.getAsBoolean()).as("what was waited for").isTrue();
    }

    @Test
    void ask_twoEntitiesInTurn_keepEachOthersPrefix() throws Exception {
        try (LlamaServerModel model = model()) {
            List<Integer> evaluated = new ArrayList<>();
            for (int tick = 1; tick <= 4; tick++) {
                for (String entity : List.of("anna", "bert")) {
                    evaluated.add(answer(model, question(entity, tick, "eat"))
                            .timings()
                            .evaluatedTokens());
                }
            }
            assertThat(evaluated.subList(0, 2)).allMatch(tokens -> tokens > 150);
            assertThat(evaluated.subList(2, 8)).allMatch(tokens -> tokens < 20);
        }
    }

    @Test
    void cancel_ofACall_theNextOneWaitsUntilTheServerIsThroughWithIt() throws Exception {
        try (LlamaServerModel model = model()) {
            CompletableFuture<Answer> cut = model.ask(question("carl", 1, "x".repeat(180)), soon());
            waitUntil(() -> model.slots().known("carl", new int[] {BEGINNING_OF_TEXT}) > 0);
            cut.cancel(true);

            CompletableFuture<Answer> next = model.ask(question("carl", 2, "eat"), soon());
            assertThat(model.ask(question("carl", 3, "eat"), soon()))
                    .failsWithin(Duration.ZERO)
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(ModelBusyException.class)
                    .withMessageContaining("'carl'");
            assertThat(next.get(20, TimeUnit.SECONDS).probabilities()).hasSize(3);
            assertThat(model.slots().inDoubt().isEmpty()).isTrue();
        }
    }

    @Test
    void ask_deadlineInTheMiddle_failsInTimeAndComesBack() throws Exception {
        try (LlamaServerModel model = model()) {
            CompletableFuture<Answer> late = model.ask(
                    question("dora", 1, "y".repeat(180)), Deadline.in(Duration.ofMillis(15), ReflexClock.system()));

            assertThat(late).failsWithin(Duration.ofSeconds(1));
            assertThat(answer(model, question("dora", 2, "eat")).probabilities())
                    .hasSize(3);
        }
    }

    @Test
    void prepare_afterAGoalChange_leavesLittleToEvaluate() throws Exception {
        try (LlamaServerModel model = model()) {
            answer(model, question("emma", 1, "eat"));
            int cold = answer(model, question("emma", 2, "sleep")).timings().evaluatedTokens();

            model.prepare(question("emma", 3, "work"));
            int[] expected = model.prompts()
                    .thenCompose(prompts -> prompts.prompt(question("emma", 3, "work"), soon()))
                    .get(20, TimeUnit.SECONDS)
                    .tokens();
            waitUntil(() -> model.slots().known("emma", expected) == expected.length
                    && model.slots().isIdle("emma"));
            int warm = answer(model, question("emma", 3, "work")).timings().evaluatedTokens();

            assertThat(cold).isGreaterThan(150);
            assertThat(warm).isLessThan(10);
        }
    }

    @Test
    void ask_factsInNaiveOrder_areReorderedAndCostLess() throws Exception {
        try (LlamaServerModel learning = model();
                LlamaServerModel naive = LlamaServerModel.builder(Endpoint.of(server.address()))
                        .renderer(
                                PlainRenderer.builder().order(FactOrder.given()).build())
                        .build()) {
            int learned = evaluated(learning, "fred");
            int given = evaluated(naive, "gina");

            assertThat(learned).isLessThan(given / 2);
        }
    }

    /** Tokens of the last eight of forty ticks in which the first fact changes and the long ones do not. */
    private static int evaluated(LlamaServerModel model, String entity) throws Exception {
        int evaluated = 0;
        for (int tick = 1; tick <= 40; tick++) {
            Perception perception = Perception.builder(entity, tick)
                    .fact("steps", tick)
                    .fact("story", "the bot came from far away and is looking for work in the town")
                    .fact("place", "by the well, in the shadow of the old gate")
                    .build();
            Answer answer = answer(model, new Question(perception, Goal.none(), SCHEMA, SCHEMA.actions()));
            evaluated += tick > 32 ? answer.timings().evaluatedTokens() : 0;
        }
        return evaluated;
    }
}
