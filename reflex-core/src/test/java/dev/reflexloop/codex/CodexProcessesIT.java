package dev.reflexloop.codex;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several processes, real ones, want to write one ledger. */
class CodexProcessesIT {
    private static final int CHILDREN = 3;
    private static final int ENTRIES = 10;

    @TempDir
    Path folder;

    private Path file;
    private Path keyFile;

    @BeforeEach
    void makeKey() {
        file = folder.resolve("codex.jsonl");
        keyFile = folder.resolve("key.pem");
        CodexKey.loadOrCreate(keyFile);
    }

    private Process child(String job, String name) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        job,
                        name,
                        file.toString(),
                        keyFile.toString())
                .redirectErrorStream(true)
                .start();
    }

    private static String ended(Process child) throws Exception {
        try {
            String printed = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(child.exitValue()).as(printed).isZero();
            return printed;
        } finally {
            child.destroyForcibly();
        }
    }

    private void together(String job) throws Exception {
        List<Process> children = new ArrayList<>();
        try {
            for (int i = 0; i < CHILDREN; i++) {
                children.add(child(job, "child" + i));
            }
            for (Process each : children) {
                ended(each);
            }
        } finally {
            children.forEach(Process::destroyForcibly);
        }
    }

    @Test
    void processes_thatWriteInTurns_keepTheChainWhole() throws Exception {
        together("append");

        CodexReport report = Codex.verify(file);
        assertThat(report.sound()).as(report.reason()).isTrue();
        assertThat(report.tornBytes()).isZero();
        for (int i = 0; i < CHILDREN; i++) {
            String name = "child" + i;
            assertThat(report.entries().stream()
                            .map(CodexEntry::change)
                            .filter(change -> change.who().equals(name))
                            .map(Change::after))
                    .as("changes of " + name)
                    .containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
        }
    }

    @Test
    void processes_thatStartTheSameLoopAtOnce_recordItOnce() throws Exception {
        together("start");

        CodexReport report = Codex.verify(file);
        assertThat(report.sound()).as(report.reason()).isTrue();
        assertThat(report.entries())
                .extracting(entry -> entry.change().kind())
                .containsExactly(
                        Change.Kind.SCHEMA,
                        Change.Kind.MODEL,
                        Change.Kind.POLICY,
                        Change.Kind.POLICY,
                        Change.Kind.GUARD,
                        Change.Kind.OTHER);
        assertThat(report.toMarkdown()).contains("- after: ` wait (idle); fight `");
    }

    /** A process used to lose its lock as soon as it had read the ledger, which it does while it opens it. */
    @Test
    void process_thatFindsTheLedgerOpen_isRefusedWithTheReason() throws Exception {
        try (Codex codex = Codex.open(file, CodexKey.load(keyFile))) {
            Codex.verify(file);
            assertThat(ended(child("refused", "child")))
                    .contains(file.toString(), "another process has it open", "close it there");
            codex.append(new Change(Change.Kind.GUARD, "rounds", "", "5", "parent", ""));
        }
        CodexReport report = Codex.verify(file);
        assertThat(report.sound()).as(report.reason()).isTrue();
        assertThat(report.entries())
                .singleElement()
                .extracting(entry -> entry.change().who())
                .isEqualTo("parent");
    }

    /** The other process. */
    static final class Child {
        private static final ActionSchema SCHEMA = ActionSchema.builder("town")
                .action(Action.of("wait"))
                .action(Action.of("fight"))
                .idle("wait")
                .build();

        private Child() {}

        public static void main(String[] arguments) {
            String name = arguments[1];
            Path file = Path.of(arguments[2]);
            CodexKey key = CodexKey.load(Path.of(arguments[3]));
            switch (arguments[0]) {
                case "append" -> {
                    for (int i = 0; i < ENTRIES; i++) {
                        try (Codex codex = patiently(file, key)) {
                            codex.append(new Change(Change.Kind.OTHER, name, "", "" + i, name, ""));
                        }
                    }
                }
                case "start" -> {
                    try (Codex codex = patiently(file, key);
                            ReflexLoop loop = ReflexLoop.builder(SCHEMA, model())
                                    .codex(codex)
                                    .build()) {
                        System.out.println(loop.session());
                    }
                }
                default -> {
                    try (Codex open = Codex.open(file, key, ReflexClock.system(), Duration.ZERO)) {
                        throw new IllegalStateException("two processes have it open, at " + open.lastHash());
                    } catch (CodexException refused) {
                        System.out.println(refused.getMessage());
                    }
                }
            }
        }

        /** On a machine with enough to do, others may come first for longer than a ledger is waited for. */
        private static Codex patiently(Path file, CodexKey key) {
            return Codex.open(file, key, ReflexClock.system(), Duration.ofMinutes(1));
        }

        private static ReflexModel model() {
            return (question, deadline) -> CompletableFuture.completedFuture(Answer.of("sure", Map.of("wait", 1.0)));
        }
    }
}
