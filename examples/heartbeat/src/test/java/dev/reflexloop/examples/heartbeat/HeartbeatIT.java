package dev.reflexloop.examples.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.reflexloop.Alert;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.UnusableModelException;
import dev.reflexloop.llm.gguf.DecisionStamp;
import dev.reflexloop.llm.server.LlamaServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The monitor on real things: a server, a process, a disk, a model server, and itself killed. */
class HeartbeatIT {
    private static final String ACTIONS = """
            "actions":[{"name":"restart_api","description":"Restarts the API","command":["true"],
              "rule":{"probe":"api","severity":"critical"}},
             {"name":"page_operator","description":"Calls somebody","alert":true}]""";

    @TempDir
    Path folder;

    private final List<Alert> alerts = new CopyOnWriteArrayList<>();
    private final Http http = new Http();
    private Watched watched;

    @BeforeEach
    void start() throws Exception {
        watched = new Watched(folder);
    }

    @AfterEach
    void stop() {
        watched.close();
        http.close();
    }

    private Monitor monitor(Configuration configuration, ReflexModel model) {
        MonitorSettings settings = configuration.settings(false);
        Optional<Reasoning> reasoning = configuration.reasoning() == null
                ? Optional.empty()
                : Minds.explaining(configuration.reasoning(), settings.reasoningPatience(), http, Map.of());
        return new Monitor(
                settings,
                configuration.probes(http),
                model,
                reasoning,
                alerts::add,
                ReflexClock.system(),
                Crew.ofThreads(settings.reasoningPatience()));
    }

    private static String state(Tick tick, String fact) {
        return tick.decision().perception().text(fact, "");
    }

    @Test
    void monitor_withoutAModel_seesTheServiceGoAndComeBack() throws Exception {
        try (ReflexModel none = Minds.open("none", Map.of());
                Monitor monitor = monitor(watched.configuration(ACTIONS), none)) {
            Tick well = monitor.tick();
            watched.goesDown();
            Tick down = monitor.tick();
            Tick still = monitor.tick();
            watched.comesBack();
            Tick back = monitor.tick();
            watched.answers(503);
            Tick failing = monitor.tick();
            watched.answers(200);
            watched.workerDies();
            Tick dead = monitor.tick();

            assertThat(state(well, "api.state")).isEqualTo("up");
            assertThat(well.judgement().severity()).isEqualTo(Severity.OK);
            assertThat(state(down, "api.state")).isEqualTo("down");
            assertThat(down.judgement().actions()).containsExactly("restart_api");
            assertThat(still.taken()).containsEntry("restart_api", Hooks.Taken.COOLDOWN);
            assertThat(state(back, "api.state")).isEqualTo("up");
            assertThat(state(failing, "api.state")).isEqualTo("fails");
            assertThat(state(dead, "worker.state")).isEqualTo("gone");
            assertThat(dead.judgement().words()).isEqualTo("worker: is gone: no such process");
        }
        assertThat(alerts)
                .extracting(Alert::level)
                .containsExactly(Alert.Level.CRITICAL, Alert.Level.INFO, Alert.Level.CRITICAL);
        assertThat(watched.logged())
                .hasSize(6)
                .allSatisfy(tick -> {
                    assertThat(tick.at("/decision/severity").asText()).isEqualTo("fallback");
                    assertThat(tick.at("/decision/because").asText()).isEqualTo("MODEL_DOWN");
                })
                .extracting(tick -> tick.at("/decision/rule_severity").asText())
                .containsExactly("ok", "critical", "critical", "ok", "critical", "critical");
    }

    @Test
    void reasoning_ofAChatServer_isAskedAfterTheDecisionAndWrittenDown() throws Exception {
        BlockingQueue<String> requests = new LinkedBlockingQueue<>();
        HttpServer chat = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        chat.createContext("/v1/chat/completions", exchange -> {
            requests.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            byte[] reply = "{\"choices\":[{\"message\":{\"content\":\"The worker is gone. So it is.\"}}]}"
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, reply.length);
            exchange.getResponseBody().write(reply);
            exchange.close();
        });
        chat.start();
        String reasoning = "\"reasoning\":{\"chat\":\"http://127.0.0.1:%d\",\"model\":\"mind\",\"timeout_s\":30}"
                .formatted(chat.getAddress().getPort());
        watched.workerDies();
        try (ReflexModel none = Minds.open("none", Map.of());
                Monitor monitor = monitor(watched.configuration(reasoning), none)) {
            monitor.tick();
        } finally {
            chat.stop(0);
        }
        assertThat(watched.logged().get(0).at("/decision/reasoning").asText()).isEqualTo("The worker is gone.");
        assertThat(requests.remove())
                .contains("\"model\":\"mind\"", "worker.state: gone", "rated critical", "\"max_tokens\":60");
    }

    @Test
    void reasoning_ofAProgram_isWhatItSaid() throws Exception {
        List<String> program = Child.command(Child.class, "say", "session_id: 7\n The {prompt} was read. And more.");
        String reasoning =
                "\"reasoning\":{\"program\":" + new ObjectMapper().writeValueAsString(program) + ",\"timeout_s\":30}";
        try (ReflexModel none = Minds.open("none", Map.of());
                Monitor monitor = monitor(watched.configuration(reasoning), none)) {
            monitor.tick();
        }
        assertThat(watched.logged().get(0).at("/decision/reasoning").asText())
                .startsWith("The [heartbeat] You watch a computer system.");
    }

    /** The server goes down between two ticks and is started again at the same address. */
    @Test
    void model_behindARealServer_ratesAndAnswersForEveryAction() throws Exception {
        Path gguf = RandomModel.write(folder.resolve("random.gguf"));
        try (LlamaServer server = serve(gguf);
                ReflexModel model = Minds.open("llama-server:" + server.endpoint(), Map.of());
                Monitor monitor = monitor(watched.configuration(ACTIONS), model)) {
            tickUntilServed(monitor);
            Tick tick = monitor.tick();
            assertRatedByModel(tick);
            long pid = server.pid().orElseThrow();
            ProcessHandle.of(pid).orElseThrow().destroyForcibly();
            ProcessHandle.of(pid).ifPresent(handle -> handle.onExit().join());
            assertThat(monitor.tick().judgement().recordedSeverity()).isEqualTo("fallback");
            tickUntilServed(monitor);

            assertThat(monitor.stats().late()).isZero();
        }
        assertThat(watched.logged())
                .filteredOn(tick -> tick.at("/decision/served").asText().equals("MODEL"))
                .allSatisfy(tick -> assertThat(
                                tick.at("/decision/probabilities/severity/ok").asDouble(-1))
                        .isBetween(0.0, 1.0));
    }

    @Test
    void decisionModel_behindARealServer_isAskedOnceForAll() throws Exception {
        Path plain = RandomModel.write(folder.resolve("random.gguf"));
        Path stamped = folder.resolve("stamped.gguf");
        DecisionStamp.builder().build().copy(plain, stamped);
        try (LlamaServer server = serve(stamped);
                ReflexModel model = Minds.open("system-one:" + server.endpoint(), Map.of());
                Monitor monitor = monitor(watched.configuration(ACTIONS), model)) {
            tickUntilServed(monitor);
            Tick tick = monitor.tick();
            assertRatedByModel(tick);
            assertThat(tick.decision().answer().orElseThrow().prompt().orElseThrow())
                    .contains("restart_api", "noul", "api.state");
        }
    }

    private static LlamaServer serve(Path gguf) {
        try {
            return LlamaServer.builder(gguf)
                    .threads(1)
                    .slots(4)
                    .context(4_096)
                    .withoutApiKey()
                    .start();
        } catch (UnusableModelException missing) {
            assumeTrue(!missing.getMessage().contains("llama-server"), "no llama-server: " + missing.getMessage());
            throw missing;
        }
    }

    private static void tickUntilServed(Monitor monitor) throws Exception {
        Until.holds("a tick of the model", () -> monitor.tick().judgement().byModel());
    }

    private static void assertRatedByModel(Tick tick) {
        assertThat(tick.judgement().byModel())
                .as("because of %s", tick.decision().because())
                .isTrue();
        assertThat(tick.judgement().odds()).containsOnlyKeys("restart_api", "page_operator");
        assertThat(tick.judgement().odds().values())
                .allSatisfy(yes -> assertThat(yes.orElse(-1.0)).isBetween(0.0, 1.0));
        double sum = tick.decision().answer().orElseThrow().probabilities().values().stream()
                .mapToDouble(Double::doubleValue)
                .sum();
        assertThat(sum).isBetween(0.98, 1.02);
    }

    /** Killed at five moments, and started again each time: every line is whole but the last, and no tick is there twice. */
    @Test
    void command_killedAgainAndAgain_leavesALogThatGoesOn() throws Exception {
        Path config = folder.resolve("shop.json");
        Files.writeString(
                config,
                watched.json()
                        .replace(
                                "\"interval_s\":120,\"probe_s\":30,\"budget_s\":30",
                                "\"interval_s\":0.02,\"probe_s\":0.01,\"budget_s\":0.005"));
        Path output = folder.resolve("output.txt");
        for (int life = 1; life <= 5; life++) {
            int before = watched.logged().size();
            Process process = Child.heartbeat(output.toFile(), "--config", config.toString());
            try {
                int enough = before + 7 * life;
                Until.holds("ticks of life " + life, () -> watched.logged().size() >= enough);
            } finally {
                process.destroyForcibly().waitFor();
            }
        }
        Process last = Child.heartbeat(output.toFile(), "--config", config.toString(), "--once");
        assertThat(last.waitFor(60, TimeUnit.SECONDS)).isTrue();

        List<JsonNode> ticks = watched.logged();
        Set<String> ids = new HashSet<>();
        ticks.forEach(tick -> ids.add(tick.path("tick_id").asText()));
        assertThat(ticks).hasSizeGreaterThan(105);
        assertThat(ids).hasSameSizeAs(ticks);
        JsonNode first = ticks.get(0);
        assertThat(first.at("/perception/previous.severity").isMissingNode()).isTrue();
        assertThat(ticks.subList(1, ticks.size()))
                .allSatisfy(tick -> assertThat(
                                tick.at("/perception/previous.severity").asText())
                        .isNotEmpty());
    }

    @Test
    void command_once_endsWithTheSeverity() throws Exception {
        Path config = Files.writeString(folder.resolve("shop.json"), watched.json());
        Path output = folder.resolve("output.txt");
        assertThat(end(Child.heartbeat(output.toFile(), "--config", config.toString(), "--once")))
                .as(Files.readString(output))
                .isZero();
        assertThat(output).content().contains("  ok        by rules  ");

        watched.goesDown();
        assertThat(end(Child.heartbeat(output.toFile(), "--config", config.toString(), "--once")))
                .isEqualTo(2);
        assertThat(output).content().contains("  critical  by rules  ");
        assertThat(end(Child.heartbeat(output.toFile(), "--config", "missing.json")))
                .isEqualTo(64);
        assertThat(output).content().contains("missing.json", "--config");
        assertThat(watched.logged()).hasSize(2);
    }

    @Test
    void command_onceAndActing_waitsForWhatItDoes() throws Exception {
        Path written = folder.resolve("written");
        String command = new ObjectMapper().writeValueAsString(Child.command(Child.class, "write", written.toString()));
        String actions = "\"actions\":[{\"name\":\"write\",\"description\":\"writes\",\"timeout_s\":60,\"command\":"
                + command + ",\"rule\":{\"severity\":\"ok\"}}]";
        Path config = Files.writeString(folder.resolve("shop.json"), watched.json(actions));
        Path output = folder.resolve("output.txt");

        assertThat(end(Child.heartbeat(output.toFile(), "--config", config.toString(), "--once")))
                .isZero();
        assertThat(written).doesNotExist();
        assertThat(watched.logged().get(0).at("/decision/taken/write").asText()).isEqualTo("dry_run");

        Files.move(folder.resolve("ticks"), folder.resolve("forgotten")); // and with it the cooldown
        assertThat(end(Child.heartbeat(output.toFile(), "--config", config.toString(), "--once", "--act")))
                .isZero();
        assertThat(written).content().contains("write");
    }

    /** Asked to end, as by Ctrl-C or a service manager, it writes what it has and goes. */
    @Test
    void command_thatIsAskedToEnd_endsSoon() throws Exception {
        Path config = Files.writeString(folder.resolve("shop.json"), watched.json());
        Process process = Child.heartbeat(folder.resolve("output.txt").toFile(), "--config", config.toString());
        try {
            Until.holds("a tick", () -> !watched.logged().isEmpty());
            process.destroy();
            assertThat(process.waitFor(15, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(watched.logged()).hasSize(1);
    }

    /** Run every minute, as cron would, while the service is down for some of them and the webhook for the first. */
    @Test
    void alerts_ofACommandRunAgainAndAgain_reachTheRelaysOnceEach() throws Exception {
        BlockingQueue<JsonNode> posted = new LinkedBlockingQueue<>();
        InetSocketAddress free;
        try (ServerSocket nobody = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = new InetSocketAddress(InetAddress.getLoopbackAddress(), nobody.getLocalPort());
        }
        Path config = Files.writeString(folder.resolve("shop.json"), watched.json());
        Path messages = folder.resolve("messages");
        Map<String, String> environment = Map.of(
                Relays.WEBHOOK, "http://127.0.0.1:" + free.getPort() + "/alerts", Relays.MESSAGES, messages.toString());
        String[] once = {"--config", config.toString(), "--once"};
        Path output = folder.resolve("output.txt");

        watched.goesDown();
        assertThat(end(Child.heartbeat(environment, output.toFile(), once))).isEqualTo(2);
        HttpServer webhook = HttpServer.create(free, 0);
        webhook.createContext("/alerts", exchange -> {
            posted.add(new ObjectMapper().readTree(exchange.getRequestBody()));
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        webhook.start();
        try {
            assertThat(end(Child.heartbeat(environment, output.toFile(), once))).isEqualTo(2);
            watched.comesBack();
            assertThat(end(Child.heartbeat(environment, output.toFile(), once))).isZero();
            assertThat(end(Child.heartbeat(environment, output.toFile(), once))).isZero();
        } finally {
            webhook.stop(0);
        }
        assertThat(posted)
                .extracting(alert ->
                        alert.path("level").asText() + ": " + alert.path("text").asText())
                .hasSize(2)
                .satisfiesExactly(
                        down -> assertThat(down).startsWith("CRITICAL: shop is critical. api: cannot be reached"),
                        up -> assertThat(up).startsWith("INFO: shop recovered from critical"));
        try (Stream<Path> files = Files.list(messages)) {
            assertThat(files.filter(file -> file.toString().endsWith(".msg"))).hasSize(2);
        }
    }

    private static int end(Process process) throws InterruptedException {
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return process.exitValue();
        } finally {
            process.destroyForcibly();
        }
    }
}
