package dev.reflexloop.escalation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Decision;
import dev.reflexloop.EscalationPolicy;
import dev.reflexloop.LoopGuard;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.Served;
import dev.reflexloop.Situation;
import dev.reflexloop.Target;
import dev.reflexloop.codex.Change;
import dev.reflexloop.codex.Codex;
import dev.reflexloop.codex.CodexEntry;
import dev.reflexloop.codex.CodexKey;
import dev.reflexloop.codex.CodexReport;
import dev.reflexloop.escalation.relay.AlertRelay;
import dev.reflexloop.escalation.relay.RelayChannel;
import dev.reflexloop.testkit.ScriptedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java of docs/escalation.md: what stands there is what is compiled and run here, with real files. */
class EscalationPageIT {
    private static final Path PAGE = Path.of("../docs/escalation.md");
    private static final Path SOURCE = Path.of("src/test/java/dev/reflexloop/escalation/EscalationPageIT.java");
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    @Test
    void lines_ofThePage_handADialogueOverAndServeTheAnswer() throws IOException {
        ReflexModel model = ScriptedModel.answering("explore");
        ActionSchema schema = ActionSchema.builder("town")
                .action("explore", "")
                .action("wait", "")
                .action("talk", "")
                .targets("talk", seen -> seen.choices().stream().map(Target::of).toList())
                .idle("wait")
                .build();
        // page
        FileEscalationSink strategist =
                FileEscalationSink.builder(folder.resolve("escalation.txt")).build();
        AlertRelay alerts = AlertRelay.builder()
                .channel("log", RelayChannel.log())
                .spool(folder.resolve("alerts"))
                .build();
        LoopGuard guard = LoopGuard.builder(alerts).build();
        CodexKey key = CodexKey.loadOrCreate(folder.resolve("codex.pem"));
        Codex codex = Codex.open(folder.resolve("codex.jsonl"), key);
        ReflexLoop loop = ReflexLoop.builder(schema, model)
                .escalateWhen(EscalationPolicy.builder()
                        .when(
                                Situation.Kind.DIALOGUE,
                                seen -> !seen.choices().isEmpty(),
                                seen -> "Somebody waits for an answer.",
                                Situation.Option.choicesOf("talk"))
                        .marginBelow(0.1)
                        .build())
                .escalateTo(strategist)
                .onGuidance(strategist.inbox())
                .guard(guard)
                .codex(codex)
                .build();
        codex.close();
        strategist.inbox().guides(loop::guide);
        strategist.inbox().guards(guard);
        // end
        try (strategist;
                alerts;
                loop) {
            assertThat(decide(loop, 1).served()).isEqualTo(Served.HOLD);
            await(() -> Files.exists(folder.resolve("escalation.txt")));
            assertThat(folder.resolve("escalation.txt"))
                    .content()
                    .contains("Somebody waits for an answer. Options: 1) Pay the fine, 2) Resist arrest\"");
            Files.writeString(folder.resolve("escalation-answer.json"), "{\"answer\": 2}");
            int[] tick = {1};
            Decision[] last = new Decision[1];
            await(() -> {
                last[0] = decide(loop, ++tick[0]);
                return last[0].served() == Served.GUIDANCE;
            });
            assertThat(last[0].action().name()).isEqualTo("talk");
            assertThat(last[0].target()).contains(Target.of("Resist arrest"));
        }
        CodexReport report = Codex.verify(folder.resolve("codex.jsonl"));
        assertThat(report.sound()).isTrue();
        assertThat(report.toMarkdown())
                .contains("## 3. policy: ` town `", "- after: ` when=[DIALOGUE], marginBelow=0.1, ");
        String page = Files.readString(PAGE);
        for (CodexEntry entry : report.entries()) {
            Change change = entry.change();
            String kind = change.kind().name().toLowerCase(Locale.ROOT);
            assertThat(page).contains("| " + kind + " | `" + change.subject() + "` | ");
        }
    }

    private static Decision decide(ReflexLoop loop, int tick) {
        return loop.decide(Perception.builder("bot", tick)
                .choices(List.of("Pay the fine", "Resist arrest"))
                .build());
    }

    private static void await(BooleanSupplier reached) {
        long end = System.nanoTime() + LONG.toNanos();
        while (!reached.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
            LockSupport.parkNanos(10_000_000);
        }
    }

    @Test
    void lines_ofThePage_areThoseThatRun() throws IOException {
        String source = Files.readString(SOURCE);
        String run = source.substring(source.indexOf("// page\n") + 8, source.indexOf("// end\n"))
                .stripIndent()
                .strip();
        assertThat(Files.readString(PAGE)).contains("```java\n" + run + "\n```");
    }
}
