package dev.reflexloop.examples.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.net.httpserver.HttpServer;
import dev.reflexloop.Fact;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Probes looking at real servers, processes and disks. */
class ProbesIT {
    private final Http http = new Http();

    @TempDir
    Path folder;

    @AfterEach
    void close() {
        http.close();
    }

    private Probe probe(String address, Duration patience) {
        return new HttpProbe("api", http.client(), URI.create(address), patience, Duration.ofSeconds(1));
    }

    private Probe probe(String address) {
        return probe(address, Duration.ofSeconds(30));
    }

    private static HttpServer server(int status, Map<String, String> headers, AtomicInteger requests) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            requests.incrementAndGet();
            headers.forEach((name, value) -> exchange.getResponseHeaders().add(name, value));
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static String address(HttpServer server) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/health";
    }

    @ParameterizedTest
    @CsvSource({"200, up", "204, up", "404, refuses", "503, fails"})
    void http_answer_isItsStatus(int status, String state) throws Exception {
        HttpServer server = server(status, Map.of(), new AtomicInteger());
        try {
            Map<String, Fact> facts = probe(address(server)).look();
            assertThat(facts).containsEntry("state", Fact.of(state)).containsEntry("status", Fact.of(status));
            assertThat(Probe.number(facts, "latency_ms")).isBetween(0.0, 30_000.0);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void http_redirect_isNotFollowed() throws Exception {
        AtomicInteger elsewhere = new AtomicInteger();
        HttpServer other = server(200, Map.of(), elsewhere);
        HttpServer server = server(302, Map.of("Location", address(other)), new AtomicInteger());
        try {
            assertThat(probe(address(server)).look()).containsEntry("state", Fact.of("redirects"));
            assertThat(elsewhere).hasValue(0);
        } finally {
            server.stop(0);
            other.stop(0);
        }
    }

    @Test
    void http_serverThatSaysNothing_timesOut() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            assertThat(probe("http://127.0.0.1:" + silent.getLocalPort(), Duration.ofMillis(300))
                            .look())
                    .containsExactly(Map.entry("state", Fact.of("timed_out")));
        }
    }

    @Test
    void http_nobodyThere_isDown() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        assertThat(probe("http://127.0.0.1:" + port).look())
                .containsEntry("state", Fact.of("down"))
                .containsEntry("problem", Fact.of("ConnectException"));
    }

    @Test
    void process_thatIsKilled_isGone() throws Exception {
        Process child = Child.hanging();
        Path pidFile = Files.writeString(folder.resolve("worker.pid"), child.pid() + "\n");
        Probe probe = ProcessProbe.ofPidFile("worker", pidFile);
        try {
            assertThat(probe.look()).containsEntry("state", Fact.of("alive"));
        } finally {
            child.destroyForcibly().waitFor();
        }
        assertThat(probe.look())
                .containsEntry("state", Fact.of("gone"))
                .containsEntry("problem", Fact.of("no such process"));
    }

    @Test
    void process_withAnIdThatWasGivenAgain_isGone() throws Exception {
        Path pidFile = Files.writeString(
                folder.resolve("worker.pid"),
                String.valueOf(ProcessHandle.current().pid()));
        Probe probe = ProcessProbe.ofPidFile("worker", pidFile);
        assertThat(probe.look()).containsEntry("state", Fact.of("alive"));
        Files.setLastModifiedTime(pidFile, FileTime.from(Instant.now().minus(Duration.ofDays(1))));

        assertThat(probe.look()).containsEntry("problem", Fact.of("its id belongs to another process"));
    }

    @Test
    void process_pidFileMissingOrGarbage_isGone() throws Exception {
        Path pidFile = folder.resolve("worker.pid");
        Probe probe = ProcessProbe.ofPidFile("worker", pidFile);
        assertThat(probe.look()).containsEntry("problem", Fact.of("no pid file"));

        Files.writeString(pidFile, "x".repeat(1 << 20));
        assertThat(probe.look()).containsEntry("problem", Fact.of("no number in the pid file"));
    }

    @Test
    void process_byName_isFoundAmongThoseOfThisUser() throws Exception {
        Map<String, Fact> facts = ProcessProbe.ofCommand("java", "java").look();
        assertThat(facts).containsEntry("state", Fact.of("alive"));
        assertThat(Probe.number(facts, "processes")).isPositive();
        assertThat(ProcessProbe.ofCommand("other", "no-such-program").look()).containsEntry("state", Fact.of("gone"));
    }

    @Test
    void disk_ofTheTest_isMeasured() throws Exception {
        Map<String, Fact> facts = new DiskProbe("disk", folder).look();
        double usable = 100.0
                * Files.getFileStore(folder).getUsableSpace()
                / Files.getFileStore(folder).getTotalSpace();

        assertThat(Probe.number(facts, "usable_percent")).isCloseTo(usable, within(2.0));
        assertThatThrownBy(() -> new DiskProbe("disk", folder.resolve("missing")).look())
                .hasMessageContaining("missing");
    }
}
