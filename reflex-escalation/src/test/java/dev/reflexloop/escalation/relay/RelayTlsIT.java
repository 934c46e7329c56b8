package dev.reflexloop.escalation.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Deadline;
import dev.reflexloop.ReflexClock;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom a relay believes. What a JVM trusts is fixed when it is first asked, so each case has a JVM of its own. */
class RelayTlsIT {
    private static final String PASSWORD = "password";

    @TempDir
    Path folder;

    @Test
    void certificate_thatIsTrustedAndOfThisHost_isTheOnlyOneThatIsBelieved() throws Exception {
        Path keys = folder.resolve("keys.p12");
        run(List.of(
                tool("keytool"),
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "SAN=DNS:localhost",
                "-storetype",
                "PKCS12",
                "-keystore",
                keys.toString(),
                "-storepass",
                PASSWORD));
        String[] trusted = {
            "-Djavax.net.ssl.trustStore=" + keys, "-Djavax.net.ssl.trustStorePassword=" + PASSWORD,
        };

        assertThat(delivery(keys, "localhost", trusted)).contains("DELIVERED");
        assertThat(delivery(keys, "127.0.0.1", trusted)).contains("RETRY", "no secure connection");
        assertThat(delivery(keys, "localhost")).contains("RETRY", "no secure connection");
    }

    private static String tool(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name).toString();
    }

    private static String delivery(Path keys, String host, String... trust) throws Exception {
        List<String> command = new ArrayList<>(
                List.of(tool("java"), "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"));
        command.addAll(List.of(trust));
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), Child.class.getName(), keys.toString(), host));
        return run(command);
    }

    private static String run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(printed).isZero();
        return printed;
    }

    /** A server with the certificate, and a webhook that posts to it. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws Exception {
            KeyStore store = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(Path.of(arguments[0]))) {
                store.load(in, PASSWORD.toCharArray());
            }
            KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
            keys.init(store, PASSWORD.toCharArray());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            SSLServerSocket server = (SSLServerSocket)
                    context.getServerSocketFactory().createServerSocket(0, 5, InetAddress.getLoopbackAddress());
            Thread serving = new Thread(() -> serve(server));
            serving.setDaemon(true);
            serving.start();
            Secret address = Secret.of("https://" + arguments[1] + ":" + server.getLocalPort() + "/hook");
            try (RelayChannel channel = RelayChannel.webhook(address)) {
                System.out.println(
                        channel.deliver(Alerts.alert("a"), Deadline.in(Duration.ofSeconds(30), ReflexClock.system())));
            }
        }

        private static void serve(SSLServerSocket server) {
            try (Socket socket = server.accept()) {
                socket.getInputStream().read();
                socket.getOutputStream()
                        .write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                socket.getOutputStream().flush();
                while (socket.getInputStream().read() >= 0) {
                    // until the relay has read the answer and closes
                }
            } catch (IOException refused) {
                // the relay did not believe it
            }
        }
    }
}
