package dev.reflexloop.llm.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Decision;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.Served;
import dev.reflexloop.llm.decorator.ModelPool;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pool of two real servers, one of which is killed while loops tick. */
final class PooledServersIT {
    private static final Duration BUDGET = Duration.ofMillis(250);
    private static final Duration PERIOD = Duration.ofMillis(40);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private final List<LlamaServer> servers = new ArrayList<>();
    private final ReflexClock clock = ReflexClock.system();

    @BeforeEach
    void start() {
        ServedModels.requireServer();
        Path model = ServedModels.plain().write(folder.resolve("plain.gguf"));
        for (int i = 0; i < 2; i++) {
            servers.add(LlamaServer.builder(model)
                    .name("pooled" + i)
                    .slots(2)
                    .threads(1)
                    .context(2_048)
                    .startWithin(PATIENCE)
                    .start());
        }
    }

    @AfterEach
    void stop() {
        servers.forEach(LlamaServer::close);
    }

    private ModelPool pool(boolean affinity) {
        List<LlamaServerModel> models = new ArrayList<>();
        for (LlamaServer server : servers) {
            LlamaServerModel model = LlamaServerModel.builder(server.endpoint())
                    .id(server.name())
                    .schema(ServedModels.ARENA)
                    .build();
            model.ready(PATIENCE);
            models.add(model);
        }
        return ModelPool.builder(models).affinity(affinity).build();
    }

    @Test
    void decide_whileOneOfTwoServersIsKilled_goesOnInTimeAndUsesItAgainWithinASecond() throws Exception {
        LlamaServer victim = servers.get(0);
        List<Decision> decisions = new ArrayList<>();
        try (ModelPool pool = pool(true);
                ReflexLoop one = loop(pool);
                ReflexLoop two = loop(pool)) {
            Runnable tick = () -> {
                decisions.add(one.decide(perception("one", decisions.size())));
                decisions.add(two.decide(perception("two", decisions.size())));
            };
            tickUntil(tick, () -> answeredBy(decisions, "pooled0") && answeredBy(decisions, "pooled1"));

            int killed = decisions.size();
            ProcessHandle.of(victim.pid().orElseThrow()).orElseThrow().destroyForcibly();
            tickUntil(tick, () -> pool.members().get(0).leftOut());
            tickUntil(tick, () -> victim.restarts() == 1);
            long returned = System.nanoTime();
            tickUntil(tick, () -> !pool.members().get(0).leftOut());
            assertThat(Duration.ofNanos(System.nanoTime() - returned))
                    .as("from the server's return to the member's")
                    .isLessThan(Duration.ofSeconds(1));

            assertThat(decisions)
                    .allSatisfy(decision -> assertThat(decision.latency())
                            .as(
                                    "a tick that waits for a dead server would take seconds; a busy machine adds some milliseconds")
                            .isLessThan(BUDGET.plusMillis(50)));
            List<Decision> afterwards = decisions.subList(killed, decisions.size());
            long byModel = afterwards.stream()
                    .filter(decision -> decision.served() == Served.MODEL)
                    .count();
            assertThat(byModel)
                    .as("of " + afterwards.size() + " decisions since the kill, by a model")
                    .isGreaterThanOrEqualTo(afterwards.size() - 4);
        }
    }

    @Test
    void ask_withAffinity_findsMoreOfItsPromptsInTheServersCaches() throws Exception {
        double staying = evaluatedShare(true);
        double wandering = evaluatedShare(false);
        assertThat(staying)
                .as("share of the prompts' tokens that were evaluated, against " + wandering + " without affinity")
                .isLessThan(wandering * 0.8);
    }

    /** Four entities, and two slots on each of two servers. */
    private double evaluatedShare(boolean affinity) throws Exception {
        Random random = new Random(9);
        long evaluated = 0;
        long all = 0;
        try (ModelPool pool = pool(affinity)) {
            for (int i = 0; i < 160; i++) {
                Question question = Question.about(ServedModels.ARENA, perception("bot" + random.nextInt(4), i));
                Answer answer = pool.ask(question, Deadline.in(Duration.ofSeconds(5), clock))
                        .get(10, TimeUnit.SECONDS);
                if (i >= 40) {
                    evaluated += answer.timings().evaluatedTokens();
                    all += answer.timings().evaluatedTokens() + answer.timings().cachedTokens();
                }
            }
        }
        return evaluated / (double) all;
    }

    private ReflexLoop loop(ModelPool pool) {
        return ReflexLoop.builder(ServedModels.ARENA, pool).budget(BUDGET).build();
    }

    /** What an entity sees: much that stays its own, and a little that changes. */
    private static Perception perception(String entity, int tick) {
        return Perception.builder(entity, tick)
                .fact("name", entity + " of the house of " + entity.hashCode())
                .fact("home", "the " + entity.repeat(3) + " by the river")
                .fact("energy", tick % 7)
                .build();
    }

    private static boolean answeredBy(List<Decision> decisions, String model) {
        return decisions.stream()
                .anyMatch(decision -> decision.answer()
                        .filter(answer -> answer.model().equals(model))
                        .isPresent());
    }

    /** Ticks at a fixed rate, as a game does, until something holds. */
    private void tickUntil(Runnable tick, BooleanSupplier holds) throws InterruptedException {
        long patience = System.nanoTime() + PATIENCE.toNanos();
        long next = clock.nanos();
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime() - patience).as("patience").isNegative();
            tick.run();
            next += PERIOD.toNanos();
            clock.await(new CompletableFuture<>(), next);
        }
    }
}
