package dev.reflexloop.escalation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflexloop.Escalation;
import dev.reflexloop.Guidance;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Situation;
import dev.reflexloop.llm.program.CommandLineModel;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A strategist behind a real program, which a JVM runs. */
@Timeout(120)
class CommandStrategistIT {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private static CommandLineModel program(String behaviour) {
        List<String> arguments = new ArrayList<>(List.of(
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Oracle.class.getName(),
                behaviour));
        String java = Path.of(System.getProperty("java.home"), "bin", File.separatorChar == '\\' ? "java.exe" : "java")
                .toString();
        return CommandLineModel.builder(java, arguments.toArray(new String[0]))
                .tag("[strategist]")
                .id("oracle")
                .build();
    }

    @Test
    void program_thatReadsItsPrompt_answersThroughADesk() throws Exception {
        BlockingQueue<Guidance> guided = new LinkedBlockingQueue<>();
        try (CommandLineModel program = program("answer");
                EscalationInbox inbox =
                        EscalationInbox.builder(folder.resolve("inbox.jsonl")).build();
                StrategistDesk desk = StrategistDesk.builder(
                                inbox, CommandStrategist.of(program, StrategistPrompt.plain(), LONG))
                        .build()) {
            inbox.guides(guided::add);
            desk.submit(Escalations.guard("a-e"));
            Guidance guidance = guided.poll(LONG.toSeconds(), TimeUnit.SECONDS);
            assertThat(guidance).isNotNull();
            assertThat(guidance.action()).contains("fight");
            assertThat(guidance.goal().orElseThrow().text()).isEqualTo("caf\u00e9");
        }
    }

    @Test
    void program_thatFails_saysWhy() throws Exception {
        try (CommandLineModel program = program("fail")) {
            assertThatThrownBy(() -> CommandStrategist.of(program, StrategistPrompt.plain(), LONG)
                            .consider(cafe(), plan -> {}))
                    .isInstanceOf(ModelUnavailableException.class)
                    .hasMessageContaining("exit code 7");
        }
    }

    @Test
    void program_thatHangs_isKilledWhenTheDeskGivesUp() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        try (CommandLineModel program = program("hang");
                EscalationInbox inbox =
                        EscalationInbox.builder(folder.resolve("inbox.jsonl")).build();
                StrategistDesk desk = StrategistDesk.builder(inbox, (escalation, plan) -> {
                            try {
                                return CommandStrategist.of(program, StrategistPrompt.plain(), LONG)
                                        .consider(escalation, plan);
                            } finally {
                                ended.countDown();
                            }
                        })
                        .timeout(Duration.ofMillis(300))
                        .build()) {
            desk.submit(Escalations.guard("a-e"));
            assertThat(ended.await(30, TimeUnit.SECONDS))
                    .as("long before the program's own %s", LONG)
                    .isTrue();
            assertThat(inbox.pending()).hasSize(1);
        }
        for (ProcessHandle left : ProcessHandle.current().children().toList()) {
            assertThat(left.onExit().get(30, TimeUnit.SECONDS).isAlive())
                    .as("the program was killed")
                    .isFalse();
        }
    }

    private static Escalation cafe() {
        return Escalations.of(
                "c-e",
                "hero",
                "caf\u00e9",
                Escalations.AT,
                List.of(new Situation.Option("Go", "wait", Optional.empty())));
    }

    /** What stands in for a harness: reads its prompt on standard input. */
    static final class Oracle {
        private Oracle() {}

        public static void main(String[] arguments) throws Exception {
            String prompt = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
            switch (arguments[0]) {
                case "answer" -> {
                    boolean isAsked =
                            prompt.startsWith("[strategist] You are") && prompt.contains("2) Resist arrest\n");
                    System.out.write(("session_id: 42\nHm.\n```json\n{\"answer\": " + (isAsked ? 2 : 1)
                                    + ", \"goal\": \"caf\u00e9\"}\n```\n")
                            .getBytes(StandardCharsets.UTF_8));
                    System.out.flush();
                }
                case "fail" -> System.exit(7);
                default -> new CountDownLatch(1).await();
            }
        }
    }
}
