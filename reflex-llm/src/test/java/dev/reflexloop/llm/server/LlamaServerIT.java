package dev.reflexloop.llm.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reflexloop.Deadline;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.UnusableModelException;
import dev.reflexloop.llm.GgufFixture;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real llama-server under our management: it comes, it comes back, and it goes, whatever happens to whom. */
final class LlamaServerIT {
    private static final long PATIENCE_SECONDS = 20;

    @TempDir
    Path folder;

    private Path model = Path.of("unset");

    @BeforeAll
    static void requireServer() {
        ServedModels.requireServer();
    }

    @BeforeEach
    void writeModel() {
        model = GgufFixture.model(GgufFixture.Shape.tiny(), List.of(), GgufFixture.Type.F32, 1)
                .write(folder.resolve("tiny.gguf"));
    }

    private LlamaServer.Builder server() {
        return LlamaServer.builder(model).threads(1).context(64).startWithin(Duration.ofSeconds(PATIENCE_SECONDS));
    }

    /** One real answer: the number of slots, which only callers with the key get. */
    private static int slots(Endpoint endpoint) throws Exception {
        try (ServerClient client = new ServerClient(endpoint, "test")) {
            Deadline deadline = Deadline.in(Duration.ofSeconds(5), ReflexClock.system());
            return client.get(
                            "/props",
                            deadline,
                            reply -> reply.path("total_slots").asInt())
                    .get(5, TimeUnit.SECONDS);
        }
    }

    private static ProcessHandle process(LlamaServer server) {
        return ProcessHandle.of(server.pid().orElseThrow()).orElseThrow();
    }

    private static void assertEnds(ProcessHandle process) throws Exception {
        process.onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void start_ofAModel_servesItWithItsSlots() throws Exception {
        try (LlamaServer server = server().slots(3).start()) {
            assertThat(server.state()).isEqualTo(LlamaServer.State.RUNNING);
            assertThat(slots(server.endpoint())).isEqualTo(3);
            assertThat(server.log()).isNotEmpty();
            assertThat(server.name()).isEqualTo("tiny");
        }
    }

    @Test
    void model_ofAServerStartedTwice_hasTheSameIdWhereverItListens() throws Exception {
        Set<String> ids = new HashSet<>();
        for (int start = 0; start < 2; start++) {
            try (LlamaServer server = server().start();
                    LlamaServerModel served =
                            LlamaServerModel.builder(server.endpoint()).build()) {
                ids.add(served.id());
                assertThat(served.settings()).startsWith("server=tiny, ");
            }
        }
        assertThat(ids).containsExactly("llama:tiny");
    }

    @Test
    void close_twice_endsTheProcessOnce() throws Exception {
        BlockingQueue<LlamaServer.State> states = new LinkedBlockingQueue<>();
        LlamaServer server = server().listener(states::add).start();
        ProcessHandle process = process(server);
        server.close();
        server.close();

        assertEnds(process);
        assertThat(server.state()).isEqualTo(LlamaServer.State.CLOSED);
        assertThat(server.pid()).isEmpty();
        assertThat(states).containsExactly(LlamaServer.State.RUNNING, LlamaServer.State.CLOSED);
    }

    @Test
    void server_killed_comesBackAtTheSameAddress() throws Exception {
        BlockingQueue<LlamaServer.State> states = new LinkedBlockingQueue<>();
        try (LlamaServer server = server().listener(states::add).start()) {
            Endpoint before = server.endpoint();
            states.clear();
            long killed = System.nanoTime();
            process(server).destroyForcibly();

            assertThat(states.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(LlamaServer.State.RESTARTING);
            assertThat(states.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(LlamaServer.State.RUNNING);
            System.out.printf("llama-server was back after %d ms%n", (System.nanoTime() - killed) / 1_000_000);
            assertThat(server.endpoint()).isEqualTo(before);
            assertThat(slots(before)).isEqualTo(1);
            assertThat(server.restarts()).isEqualTo(1);
        }
    }

    @Test
    void keeper_killed_takesTheServerAlongAndBothComeBack() throws Exception {
        BlockingQueue<LlamaServer.State> states = new LinkedBlockingQueue<>();
        try (LlamaServer server = server().listener(states::add).start()) {
            states.clear();
            ProcessHandle orphan = process(server);
            orphan.parent().orElseThrow().destroyForcibly();

            assertThat(states.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(LlamaServer.State.RESTARTING);
            assertThat(states.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(LlamaServer.State.RUNNING);
            assertThat(server.pid().orElseThrow()).isNotEqualTo(orphan.pid());
            assertThat(slots(server.endpoint())).isEqualTo(1);
        }
    }

    @Test
    void server_killedTooOften_staysDownAndSaysSo() throws Exception {
        BlockingQueue<LlamaServer.State> states = new LinkedBlockingQueue<>();
        try (LlamaServer server =
                server().listener(states::add).restartsPerMinute(1).start()) {
            states.clear();
            process(server).destroyForcibly();
            assertThat(states.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(LlamaServer.State.RESTARTING);
            assertThat(states.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(LlamaServer.State.RUNNING);
            process(server).destroyForcibly();
            assertThat(states.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(LlamaServer.State.RESTARTING);
            assertThat(states.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(LlamaServer.State.FAILED);
            assertThat(server.pid()).isEmpty();
        }
    }

    /** How the JVM ends that has a server: by {@code kill -9}, or by {@code System.exit} without closing anything. */
    @ParameterizedTest
    @ValueSource(strings = {"killed", "exit"})
    void jvm_ended_takesItsServerAlong(String how) throws Exception {
        Process child = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        model.toString()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
            String pid = out.readLine();
            assertThat(pid).as("the child started its server").isNotNull();
            ProcessHandle server = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
            ProcessHandle keeper = server.parent().orElseThrow();
            assertThat(keeper.parent().orElseThrow()).isEqualTo(child.toHandle());
            long ended = System.nanoTime();
            if (how.equals("killed")) {
                child.destroyForcibly();
            } else {
                child.getOutputStream().close();
            }
            assertEnds(server);
            System.out.printf("JVM %s, its server gone within %d ms%n", how, (System.nanoTime() - ended) / 1_000_000);
            assertEnds(keeper);
        } finally {
            child.destroyForcibly();
        }
    }

    @Test
    void unixSocket_ofAKilledServer_isUsedAgain() throws Exception {
        assumeTrue(!KeptProcess.isWindows(), "Unix sockets of llama-server are not tried on Windows");
        Path socket = folder.resolve("a.sock");
        BlockingQueue<LlamaServer.State> states = new LinkedBlockingQueue<>();
        try (LlamaServer server =
                server().unixSocket(socket).listener(states::add).start()) {
            states.clear();
            process(server).destroyForcibly();
            assertThat(states.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(LlamaServer.State.RESTARTING);
            assertThat(states.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(LlamaServer.State.RUNNING);
            assertThat(slots(server.endpoint())).isEqualTo(1);
            assertThatThrownBy(() -> server().unixSocket(socket).start())
                    .isInstanceOf(UnusableModelException.class)
                    .hasMessageContaining("somebody listens on");
        }
        assertThat(socket).doesNotExist();
    }

    @Test
    void unixSocket_thatIsAFile_isRefusedAndLeftAlone() throws Exception {
        Path file = Files.writeString(folder.resolve("file.sock"), "precious");

        assertThatThrownBy(() -> server().unixSocket(file).start()).hasMessageContaining("is no socket");
        assertThat(file).hasContent("precious");
    }

    @Test
    void apiKey_ofEitherKind_isNeededAndNotInTheCommandLine() throws Exception {
        try (LlamaServer server = server().apiKey("open-sesame").start()) {
            Endpoint keyless = Endpoint.of(server.endpoint().toString());
            assertThat(slots(server.endpoint())).isEqualTo(1);
            assertThatThrownBy(() -> slots(keyless)).hasMessageContaining("401");
            assertThat(commandLine(process(server))).contains(model.toString()).doesNotContain("open-sesame");
            assertThat(server.toString()).doesNotContain("open-sesame");
            assertThat(server.log()).noneMatch(line -> line.contains("open-sesame"));
        }
        try (LlamaServer server = server().start()) {
            assertThatThrownBy(() -> slots(Endpoint.of(server.endpoint().toString())))
                    .hasMessageContaining("401");
        }
        try (LlamaServer server = server().withoutApiKey().start()) {
            assertThat(slots(Endpoint.of(server.endpoint().toString()))).isEqualTo(1);
        }
    }

    private static String commandLine(ProcessHandle process) {
        return String.join(
                        " ",
                        process.info().command().orElse(""),
                        process.info().commandLine().orElse(""))
                + List.of(process.info().arguments().orElse(new String[0]));
    }

    @Test
    void start_onATakenPort_saysSo() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> server().port(taken.getLocalPort()).start())
                    .isInstanceOf(UnusableModelException.class)
                    .hasMessageContaining("port " + taken.getLocalPort())
                    .hasMessageContaining("end what uses it");
        }
    }

    @Test
    void start_ofADamagedFile_failsWithTheServersLastLines() throws Exception {
        Path damaged = Files.write(folder.resolve("damaged.gguf"), new byte[] {'G', 'G', 'U', 'F', 3, 0, 0, 0, 9});

        assertThatThrownBy(() -> LlamaServer.builder(damaged).start())
                .isInstanceOf(UnusableModelException.class)
                .hasMessageContaining("exit code 1")
                .hasMessageContaining("failed to load model");
    }

    @Test
    void start_withAnUnknownArgument_saysWhatToUpdate() {
        assertThatThrownBy(() -> server().arguments("--of-another-age").start())
                .isInstanceOf(UnusableModelException.class)
                .hasMessageContaining("invalid argument: --of-another-age")
                .hasMessageContaining("update llama.cpp");
    }

    @Test
    void start_thatTakesTooLong_endsWhatItStarted() throws IOException {
        Path never = Files.writeString(folder.resolve("never"), "#!/bin/sh\necho waiting\nexec sleep 100\n");
        assumeTrue(never.toFile().setExecutable(true) && !KeptProcess.isWindows(), "needs a shell");

        assertThatThrownBy(() -> server().executable(never)
                        .startWithin(Duration.ofMillis(1_500))
                        .start())
                .hasMessageContaining("not healthy within PT1.5S")
                .hasMessageContaining("waiting");
        assertThat(ProcessHandle.current().descendants())
                .noneMatch(process -> process.info().commandLine().orElse("").contains("sleep 100"));
    }

    /** Scripts around the server are common; the server below one must go as well. */
    @Test
    void close_ofAScriptAroundTheServer_endsTheServerBelow() throws Exception {
        assumeTrue(!KeptProcess.isWindows(), "needs a shell");
        Path script = Files.writeString(
                folder.resolve("wrapper"),
                "#!/bin/sh\n\"" + LlamaExecutable.ofThisMachine().find(model) + "\" \"$@\"\nexit $?\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        LlamaServer server = server().executable(script).start();
        List<ProcessHandle> tree = process(server).descendants().toList();
        server.close();

        assertThat(tree).isNotEmpty();
        for (ProcessHandle below : tree) {
            assertEnds(below);
        }
    }

    @Test
    void logFile_whereWished_hasAllLinesOfAllRuns() throws Exception {
        Path file = folder.resolve("logs").resolve("server.log");
        server().logFile(file).start().close();
        long once = Files.size(file);
        server().logFile(file).start().close();

        assertThat(Files.size(file)).isGreaterThan(once);
        assertThat(file).content().contains("model loaded");
    }

    /** The JVM that is ended: it starts a server, prints its process id, and exits when its input ends. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws Exception {
            LlamaServer server = LlamaServer.builder(Path.of(arguments[0]))
                    .threads(1)
                    .context(64)
                    .start();
            System.out.println(server.pid().orElseThrow());
            System.out.flush();
            while (System.in.read() >= 0) {
                // only the end counts
            }
            System.exit(3);
        }
    }
}
