package dev.reflexloop.console.web;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Decision;
import dev.reflexloop.Outcome;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.ReflexThreads;
import dev.reflexloop.TelemetryBus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Bots that decide at a fixed rate, spread over the time between; each with a loop of its own on one bus. */
final class Bots implements AutoCloseable {
    private static final ActionSchema SCHEMA = ActionSchema.builder("town")
            .action("explore", "look around")
            .action("fight", "attack the nearest enemy")
            .action("flee", "run away from the nearest enemy")
            .action("talk", "talk to the nearest person")
            .action("wait", "do nothing")
            .idle("wait")
            .build();

    private final List<ReflexLoop> loops = new ArrayList<>();
    private final ScheduledThreadPoolExecutor executor =
            new ScheduledThreadPoolExecutor(1, ReflexThreads.factory("test-bots"));
    private final SplittableRandom random = new SplittableRandom(5);
    private long decisions;

    private Bots() {}

    /** Starts them. */
    static Bots start(TelemetryBus bus, int number, int perSecond) {
        Bots bots = new Bots();
        ReflexModel model = (question, deadline) -> CompletableFuture.completedFuture(bots.answer(question));
        for (int i = 0; i < number; i++) {
            bots.loops.add(ReflexLoop.builder(SCHEMA, model).telemetry(bus).build());
        }
        long period = TimeUnit.SECONDS.toNanos(1) / (number * (long) perSecond);
        bots.executor.scheduleAtFixedRate(bots::decide, 0, period, TimeUnit.NANOSECONDS);
        return bots;
    }

    private void decide() {
        int bot = (int) (decisions % loops.size());
        ReflexLoop loop = loops.get(bot);
        Decision decision = loop.decide(Perception.builder("bot-" + bot, decisions / loops.size())
                .fact("health", random.nextInt(100))
                .build());
        if (decisions++ % 5 == 0) {
            loop.outcome(Outcome.of(decision, random.nextDouble(-1, 1), "gained_item"));
        }
    }

    private Answer answer(Question question) {
        Map<String, Double> shares = new LinkedHashMap<>();
        double sum = 0;
        for (var action : question.legal()) {
            double share = Math.pow(random.nextDouble(), 4);
            shares.put(action.name(), share);
            sum += share;
        }
        double all = sum;
        shares.replaceAll((action, share) -> share / all);
        return Answer.of("test-model", shares);
    }

    @Override
    public void close() {
        executor.shutdownNow();
        loops.forEach(ReflexLoop::close);
    }
}
