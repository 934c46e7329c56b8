package dev.reflexloop.examples.morrowind;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.LoopGuard;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.ReflexRunner;
import dev.reflexloop.TrajectoryLogger;
import dev.reflexloop.escalation.relay.AlertRelay;
import dev.reflexloop.escalation.relay.RelayChannel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** One loop between the files of one folder, from its beginning to its end. One thread at a time. */
final class Game {
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final int ESCALATIONS_PER_MINUTE = 12;
    private static final int MAX_ESCALATIONS_PER_MINUTE = 1_000;
    private static final Duration STUCK_AFTER = Duration.ofSeconds(15);
    private static final Duration STEADY_FOR = Duration.ofSeconds(2);
    private static final double STEADY_MARGIN = 0.05;

    private final Options options;
    private final ActionSchema schema;
    private final ReflexModel model;
    private final TrajectoryLogger log;
    private final Printer printer;
    private final CountDownLatch stop;
    private final Troubles troubles = new Troubles();

    /**
     * Prepares a game.
     *
     * @param options the folder and the times
     * @param schema the actions
     * @param model who decides
     * @param log where decisions are recorded
     * @param printer where people look
     * @param stop ends the game when it is opened; opened by the pilot's end, where the options say so
     */
    Game(
            Options options,
            ActionSchema schema,
            ReflexModel model,
            TrajectoryLogger log,
            Printer printer,
            CountDownLatch stop) {
        this.options = options;
        this.schema = schema;
        this.model = model;
        this.log = log;
        this.printer = printer;
        this.stop = stop;
    }

    /** Plays until it is stopped; blocks. What it came to, for {@code stats.json}. */
    ObjectNode play() throws InterruptedException {
        WarmUp.run(schema, model);
        try (AlertRelay relay = AlertRelay.builder()
                        .channel(
                                "files",
                                RelayChannel.messageFiles(options.folder().alerts()))
                        .build();
                Counsel counsel = new Counsel(options)) {
            Alerts alerts = new Alerts(relay, printer);
            LoopGuard guard = guard(alerts);
            Missions missions = new Missions(guard);
            ObjectNode stats = play(counsel, guard, missions);
            counsel.settle(PATIENCE);
            Stats.add(stats, counsel.inbox().stats(), missions, alerts);
            return stats;
        }
    }

    /** Clocks of the game show no effect of what the bot does. */
    private LoopGuard guard(Alerts alerts) {
        return LoopGuard.builder(alerts)
                .ignore("hour", Sight.SINCE_SAVE)
                .patience(options.atSpeed(STUCK_AFTER))
                .steady(STEADY_MARGIN, options.atSpeed(STEADY_FOR))
                .build();
    }

    private ObjectNode play(Counsel counsel, LoopGuard guard, Missions missions) throws InterruptedException {
        ReflexLoop loop = loop(counsel, guard);
        Bridge bridge = new Bridge(
                loop,
                options,
                ReflexClock.system(),
                troubles,
                printer::decision,
                missions,
                options.once() ? stop::countDown : () -> {});
        counsel.inbox().guides(bridge::guided);
        counsel.inbox().guards(guard);
        try (loop;
                ReflexRunner runner = ReflexRunner.builder()
                        .threads(2)
                        .period(options.poll())
                        .actionCooldown(Duration.ZERO)
                        .build()) {
            runner.add(loop, bridge, bridge).start();
            printer.line("The reflex plays with " + model.id() + " through the files in "
                    + options.folder().path());
            stop.await();
        }
        log.flush(PATIENCE);
        return Stats.of(loop.stats(), bridge, troubles, model.id());
    }

    private ReflexLoop loop(Counsel counsel, LoopGuard guard) {
        Rule rule = new Rule(schema);
        double perMinute = Math.ceil(ESCALATIONS_PER_MINUTE * options.speed());
        return ReflexLoop.builder(schema, model)
                .budget(options.budget())
                .lease(options.lease())
                .throttle(Duration.ZERO)
                .fallback(rule)
                .teacher(rule)
                .logger(log)
                .escalateWhen(Counsel.policy())
                .escalateTo(counsel.sink())
                .escalationsPerMinute((int) Math.min(MAX_ESCALATIONS_PER_MINUTE, perMinute))
                .onGuidance(counsel.inbox())
                .guard(guard)
                .build();
    }
}
