package dev.reflexloop.llm.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.ModelBusyException;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.llm.ChatPrompt;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model behind a real program, which a JVM runs. */
final class CommandLineModelIT {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final ActionSchema SCHEMA = ActionSchema.builder("duel")
            .action("fight", "")
            .action("flee", "")
            .action("wait", "")
            .idle("wait")
            .build();

    @TempDir
    Path folder;

    private static Question question() {
        return Question.about(
                SCHEMA, Perception.builder("bot", 1).fact("place", "caf\u00e9").build());
    }

    private static Answer answer(CommandLineModel model) throws Exception {
        return model.ask(question(), Deadline.in(LONG, ReflexClock.system())).get(LONG.toSeconds(), TimeUnit.SECONDS);
    }

    private static Throwable failure(CompletableFuture<?> future) throws Exception {
        try {
            throw new AssertionError("answered " + future.get(LONG.toSeconds(), TimeUnit.SECONDS));
        } catch (ExecutionException failure) {
            return failure.getCause();
        }
    }

    @Test
    void ask_programThatObeys_isCertainOfTheNamedAction() throws Exception {
        try (CommandLineModel model = FakeHarness.command("obey", "{prompt}").build()) {
            Answer answer = answer(model);

            assertThat(answer.probabilities()).containsOnly(Map.entry("fight", 1.0));
            assertThat(answer.model()).isEqualTo("harness");
            assertThat(answer.prompt()).contains(ChatPrompt.plain().render(question()));
        }
    }

    @Test
    void ask_replyThatNamesTwoActions_isAnAnswerWithoutProbabilities() throws Exception {
        try (CommandLineModel model = FakeHarness.command("say", "{prompt}", "fight or flee, I cannot say")
                .build()) {
            assertThat(answer(model).probabilities()).isEmpty();
        }
    }

    @Test
    void ask_originalPrompt_reachesTheProgram() throws Exception {
        try (CommandLineModel model = FakeHarness.command("say", "{prompt}", "Flee.")
                .prompt(ChatPrompt.original())
                .build()) {
            Answer answer = answer(model);

            assertThat(answer.probabilities()).containsOnlyKeys("flee");
            assertThat(answer.prompt().orElseThrow()).startsWith("Game state: {\"place\":\"caf\u00e9\"}. Goal: ");
        }
    }

    @Test
    void call_onStandardInput_sendsTagAndPromptUnharmedAndStripsSessionLines() throws Exception {
        String hostile = "caf\u00e9 \ud83d\ude00 \"; rm -rf / $(exit 9) `ls` %PATH% && | > \\ ' {prompt} *";
        try (CommandLineModel model =
                FakeHarness.command("echo", "-").tag("[reflex]").build()) {
            assertThat(model.call(hostile, LONG, 0)).isEqualTo("[reflex] " + hostile);
            String large = "x".repeat(40_000);
            assertThat(model.call(large, LONG, 0)).isEqualTo("[reflex] " + large);
        }
    }

    @Test
    void call_onTheCommandLine_isOneArgumentThatNoShellReads() throws Exception {
        String hostile = "a b \"; rm -rf / $(exit 9) `ls` %PATH% && | > \\ ' {prompt} * \0 end";
        try (CommandLineModel model = FakeHarness.command("echo", "{prompt}").build()) {
            assertThat(model.call(hostile, LONG, 0)).isEqualTo(hostile.replace('\0', ' '));
        }
    }

    @Test
    void call_environment_reachesTheProgram() throws Exception {
        try (CommandLineModel model = FakeHarness.command("variable", "{prompt}")
                .environment("HARNESS_MODEL", "qwen")
                .build()) {
            assertThat(model.call("HARNESS_MODEL", LONG, 0)).isEqualTo("qwen");
        }
    }

    @Test
    void call_programThatFailsTwice_isRetriedAsOftenAsAllowed() throws Exception {
        Path count = folder.resolve("count");
        try (CommandLineModel model =
                FakeHarness.command("fail-twice", "{prompt}", count.toString()).build()) {
            assertThatThrownBy(() -> model.call("plan", LONG, 0)).hasMessageContaining("exit code 1");
            assertThat(model.call("plan", LONG, 1)).isEqualTo("the third time");
            assertThat(count).hasContent("3");
        }
    }

    @Test
    void ask_programThatFails_isNotRetried() throws Exception {
        Path count = folder.resolve("count");
        try (CommandLineModel model =
                FakeHarness.command("fail-twice", "{prompt}", count.toString()).build()) {
            assertThat(failure(model.ask(question(), Deadline.in(LONG, ReflexClock.system()))))
                    .isInstanceOf(ModelUnavailableException.class);
            assertThat(count).hasContent("1");
        }
    }

    @Test
    void ask_programThatExitsWithAnError_saysItsLastWordsWithoutSecrets() throws Exception {
        try (CommandLineModel model = FakeHarness.command("fail", "{prompt}")
                .environment("HARNESS_BASE_URL", "http://127.0.0.1:1")
                .environment("HARNESS_API_KEY", "open-sesame")
                .build()) {
            assertThat(failure(model.ask(question(), Deadline.in(LONG, ReflexClock.system()))))
                    .isInstanceOf(ModelUnavailableException.class)
                    .hasMessageContaining("exit code 7")
                    .hasMessageContaining("cannot reach http://127.0.0.1:1 with ***")
                    .message()
                    .doesNotContain("open-sesame");
        }
    }

    @Test
    void call_programThatFloods_keepsTheBeginningOnly() throws Exception {
        try (CommandLineModel model =
                FakeHarness.command("flood", "{prompt}").maxOutputBytes(1_000).build()) {
            assertThat(model.call("now", LONG, 0)).startsWith("fight").hasSizeLessThanOrEqualTo(1_000);
        }
    }

    @Test
    void ask_programThatHangs_isKilledWithAllBelowAtTheDeadline() throws Exception {
        Path pids = folder.resolve("pids");
        try (CommandLineModel model =
                FakeHarness.command("hang", "{prompt}", pids.toString()).build()) {
            Deadline deadline = Deadline.in(Duration.ofSeconds(8), ReflexClock.system());
            Throwable late = failure(model.ask(question(), deadline));

            assertThat(late).hasMessageContaining("killed");
            assertThat(deadline.expired()).isTrue();
            assertGone(pids);
        }
    }

    @Test
    void cancel_whileTheProgramHangs_killsItWithAllBelow() throws Exception {
        Path pids = folder.resolve("pids");
        try (CommandLineModel model =
                FakeHarness.command("hang", "{prompt}", pids.toString()).build()) {
            CompletableFuture<Answer> future = model.ask(question(), Deadline.in(LONG, ReflexClock.system()));
            awaitFile(pids);
            assertThat(failure(model.ask(question(), Deadline.in(LONG, ReflexClock.system()))))
                    .isInstanceOf(ModelBusyException.class);
            future.cancel(true);
            assertGone(pids);
        }
    }

    @Test
    void close_whileTheProgramHangs_killsItWithAllBelow() throws Exception {
        Path pids = folder.resolve("pids");
        CommandLineModel model =
                FakeHarness.command("hang", "{prompt}", pids.toString()).build();
        CompletableFuture<Answer> future = model.ask(question(), Deadline.in(LONG, ReflexClock.system()));
        awaitFile(pids);
        model.close();
        model.close();

        assertGone(pids);
        assertThat(failure(future)).isNotNull();
        assertThatThrownBy(() -> model.call("again", LONG, 0)).hasMessageContaining("it was closed");
    }

    private void awaitFile(Path file) throws Exception {
        try (WatchService watch = folder.getFileSystem().newWatchService()) {
            folder.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
            while (!Files.exists(file)) {
                WatchKey key = watch.poll(LONG.toSeconds(), TimeUnit.SECONDS);
                assertThat(key).as("%s is written", file).isNotNull();
                key.reset();
            }
        }
    }

    private static void assertGone(Path pids) throws Exception {
        List<String> lines = Files.readAllLines(pids);
        assertThat(lines).hasSize(2);
        for (String pid : lines) {
            ProcessHandle left = ProcessHandle.of(Long.parseLong(pid)).orElse(null);
            if (left != null) {
                left.onExit().get(LONG.toSeconds(), TimeUnit.SECONDS);
            }
        }
    }
}
