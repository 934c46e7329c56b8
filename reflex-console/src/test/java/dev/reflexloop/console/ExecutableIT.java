package dev.reflexloop.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code package} leaves in {@code target/reflexloop}, run as its user runs it. */
@Timeout(240)
class ExecutableIT {
    private static final Path BUILT = Path.of("target", "reflexloop").toAbsolutePath();

    @TempDir
    Path folder;

    private Path command;
    private String printed = "";

    @BeforeEach
    void setUp() throws IOException {
        assumeTrue(Files.isExecutable(BUILT.resolve("bin/reflexloop")), "not packaged; run mvn verify");
        assumeTrue(File.separatorChar == '/', "the script is one of a Unix shell");
        Path home = Files.createDirectories(folder.resolve("a folder with spaces"));
        copy(BUILT, home.resolve("reflexloop"));
        Path bin = Files.createDirectories(folder.resolve("bin"));
        Path inner = Files.createSymbolicLink(
                bin.resolve("inner"), Path.of("../a folder with spaces/reflexloop/bin/reflexloop"));
        command = Files.createSymbolicLink(bin.resolve("reflexloop"), inner);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : (Iterable<Path>) all::iterator) {
                Path target = to.resolve(from.relativize(each).toString());
                if (Files.isDirectory(each)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(each, target);
                }
            }
        }
    }

    private int run(Map<String, String> environment, String... words) throws IOException, InterruptedException {
        Path out = Files.createTempFile(folder, "run", ".out");
        ProcessBuilder builder = new ProcessBuilder(Stream.concat(Stream.of(command.toString()), Stream.of(words))
                        .toList())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile());
        builder.environment().keySet().removeAll(List.of("JAVA_HOME", "JAVA_OPTS", "JAVA_TOOL_OPTIONS"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
            printed = Files.readString(out);
            return process.exitValue();
        } finally {
            process.destroyForcibly();
        }
    }

    private static Map<String, String> thisJava() {
        return Map.of("JAVA_HOME", System.getProperty("java.home"));
    }

    @Test
    void command_behindLinksInAFolderWithSpaces_runsWithAllItNeeds() throws Exception {
        assertThat(run(thisJava(), "--version")).as(printed).isZero();
        assertThat(printed).startsWith("reflexloop ").doesNotContain("unreleased");
        assertThat(run(thisJava(), "dashboard", "--width=80", "a folder with spaces"))
                .as(printed)
                .isZero();
        assertThat(printed).contains("DECISIONS").doesNotContain("\u001b");
        run(thisJava(), "doctor");
        assertThat(printed).containsPattern("OK +java +" + Runtime.version().feature() + "\\.");
    }

    @Test
    void exitStatus_ofACommand_isTheScripts() throws Exception {
        assertThat(run(thisJava(), "no-such-command")).isEqualTo(2);
        assertThat(run(thisJava(), "logs", "bin")).isEqualTo(1);
        assertThat(run(thisJava(), "codex", "verify", "none.jsonl")).isEqualTo(3);
    }

    @Test
    void words_withSpaces_stayWords() throws Exception {
        assertThat(run(thisJava(), "logs", "no such folder")).isEqualTo(2);
        assertThat(printed).contains("no such folder");
    }

    @Test
    void javaOpts_given_reachTheJvm() throws Exception {
        Map<String, String> environment =
                Map.of("JAVA_HOME", System.getProperty("java.home"), "JAVA_OPTS", "-Xmx333m -Dsome.thing=else");

        run(environment, "doctor");
        assertThat(printed).contains("options -Xmx333m -Dsome.thing=else");
    }

    @Test
    void javaHome_withoutJava_isToldWithTheRemedy() throws Exception {
        assertThat(run(Map.of("JAVA_HOME", folder.toString()), "--version")).isEqualTo(1);
        assertThat(printed).contains(folder.toString()).contains("17 or later");
    }

    @Test
    void java_thatIsTooOld_isToldWithTheRemedy() throws Exception {
        Path old = Files.createDirectories(folder.resolve("old/bin")).resolve("java");
        Files.writeString(old, "#!/bin/sh\necho '    java.specification.version = 1.8' >&2\n");
        assertThat(old.toFile().setExecutable(true)).isTrue();

        assertThat(run(Map.of("JAVA_HOME", folder.resolve("old").toString()), "--version"))
                .isEqualTo(1);
        assertThat(printed).contains("version 1.8").contains("17 or later");
    }
}
