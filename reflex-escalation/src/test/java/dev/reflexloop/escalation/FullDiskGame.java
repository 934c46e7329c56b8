package dev.reflexloop.escalation;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Alert;
import dev.reflexloop.Decision;
import dev.reflexloop.EscalationPolicy;
import dev.reflexloop.EscalationSink.Receipt;
import dev.reflexloop.Goal;
import dev.reflexloop.LoopGuard;
import dev.reflexloop.LoopStats;
import dev.reflexloop.Outcome;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.Situation;
import dev.reflexloop.TrajectoryFile;
import dev.reflexloop.TrajectoryLogger;
import dev.reflexloop.codex.Change;
import dev.reflexloop.codex.Codex;
import dev.reflexloop.codex.CodexException;
import dev.reflexloop.codex.CodexKey;
import dev.reflexloop.escalation.relay.AlertRelay;
import dev.reflexloop.escalation.relay.RelayChannel;
import dev.reflexloop.escalation.relay.RelayStats;
import dev.reflexloop.testkit.ScriptedModel;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * The process of {@link FullDiskIT}: a bot that escalates, raises alerts, logs its trajectory and keeps a codex, all in one folder. At
 * {@code go} it plays ten ticks and prints what was acknowledged in them, at {@code end} it closes everything; whatever it was told, it
 * prints one line with its counters then.
 */
final class FullDiskGame implements AutoCloseable {
    private static final int TICKS = 10;

    private final ActionSchema schema = ActionSchema.builder("town")
            .action("wait", "")
            .action("talk", "")
            .action("fight", "")
            .idle("wait")
            .build();
    private final TrajectoryLogger log;
    private final AlertRelay relay;
    private final Codex codex;
    private final EscalationInbox inbox;
    private final FileEscalationSink sink;
    private final ReflexLoop loop;
    private int tick;
    private int missions = 1;
    private int codexFailures;

    private FullDiskGame(Path folder) {
        log = TrajectoryFile.builder(folder.resolve("trajectory.jsonl"))
                .queueCapacity(1_000_000)
                .build();
        relay = AlertRelay.builder()
                .channel("messages", RelayChannel.messageFiles(folder.resolve("messages")))
                .spool(folder.resolve("spool"))
                .capacity(1_000_000)
                .pauses(Duration.ofMillis(5), Duration.ofMillis(50))
                .build();
        codex = Codex.open(folder.resolve("codex.jsonl"), CodexKey.loadOrCreate(folder.resolve("codex.pem")));
        inbox = EscalationInbox.builder(folder.resolve("escalation-inbox.jsonl"))
                .capacity(1_000_000)
                .compactAt(16_384)
                .lookEvery(Duration.ofMillis(5))
                .build();
        sink = FileEscalationSink.builder(folder.resolve("escalation.txt"))
                .inbox(inbox)
                .pause(Duration.ZERO)
                .build();
        loop = ReflexLoop.builder(schema, ScriptedModel.answering("fight"))
                .budget(Duration.ofSeconds(2))
                .escalateWhen(EscalationPolicy.builder()
                        .when(
                                Situation.Kind.DIALOGUE,
                                seen -> true,
                                seen -> seen.text("speaker", "Somebody") + " waits for an answer.",
                                Situation.Option.choicesOf("talk"))
                        .build())
                .escalationsPerMinute(1_000_000)
                .escalateTo(sink)
                .onGuidance(inbox)
                .guard(LoopGuard.builder(relay).build())
                .logger(log)
                .session("full")
                .goal(Goal.of("goal 0"))
                .build();
        inbox.guides(loop::guide);
    }

    /** Plays, and prints what is safe from now on: {@code E id}, {@code C hash}. */
    private void play() {
        for (int i = 0; i < TICKS; i++, tick++) {
            Decision decision = loop.decide(Perception.builder("hero", tick)
                    .fact("speaker", "Citizen " + tick)
                    .choices(List.of("Yes", "No"))
                    .build());
            loop.outcome(Outcome.of(decision, 1, "told"));
            String id = "direct-" + tick + "-e";
            if (sink.submit(Escalations.guard(id)) == Receipt.ACCEPTED) {
                print("E " + id);
            }
            relay.raise(new Alert(
                    String.format(Locale.ROOT, "%0240d", tick),
                    Alert.Level.INFO,
                    "town",
                    "number " + tick + ";",
                    Instant.now()));
            try {
                print("C "
                        + codex.append(new Change(Change.Kind.POLICY, "margin", "a", "b", "a test", "tick " + tick))
                                .hash());
            } catch (CodexException full) {
                codexFailures++;
            }
        }
        loop.goal(Goal.of("goal " + tick)); // the mission ends, and the guard says so
        missions++;
        log.flush(Duration.ofMillis(50));
    }

    private void report() {
        LoopStats stats = loop.stats();
        InboxStats register = inbox.stats();
        RelayStats relayed = relay.stats();
        print("= decisions=" + stats.decisions()
                + " late=" + stats.late()
                + " loopRejected=" + stats.escalationsRejected()
                + " queueDrops=" + stats.queueDrops()
                + " callbackFailures=" + stats.callbackFailures()
                + " accepted=" + register.accepted()
                + " rejected=" + register.rejected()
                + " fileFailures=" + register.fileFailures()
                + " codexFailures=" + codexFailures
                + " logged=" + log.acknowledged()
                + " logLost=" + log.lost()
                + " missions=" + missions
                + " raised=" + relayed.raised()
                + " stored=" + relayed.acknowledged()
                + " dropped=" + relayed.dropped()
                + " waiting=" + relayed.waiting()
                + " retried=" + relayed.channels().get("messages").retried());
    }

    private static void print(String line) {
        System.out.println(line);
        System.out.flush();
    }

    @Override
    public void close() {
        loop.close();
        sink.close();
        inbox.close();
        relay.close();
        log.close();
        codex.close();
    }

    public static void main(String[] arguments) throws IOException {
        FullDiskGame game = new FullDiskGame(Path.of(arguments[0]));
        try (game;
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String told = in.readLine(); !"end".equals(told); told = in.readLine()) {
                if ("go".equals(told)) {
                    game.play();
                }
                game.report();
            }
        }
        game.report();
    }
}
