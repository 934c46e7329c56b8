package dev.reflexloop.escalation.relay;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflexloop.Alert;
import dev.reflexloop.Deadline;
import dev.reflexloop.escalation.KilledProcess;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} at random moments: whatever was acknowledged arrives, and no more of it twice than was under way when the process died. The
 * processes are real ones, and so is what they print of their secrets.
 */
class RelayKillIT {
    private static final int KILLS = 12;
    private static final long SEED = 20_261_121;
    private static final int MAX_ALIVE_MICROS = 150_000;
    private static final String TOKEN = "123456:AAF-secret_Token";

    @TempDir
    Path folder;

    @Test
    void kill_atRandomMoments_losesNoAcknowledgedAlert() throws Exception {
        Random random = new Random(SEED);
        Map<Integer, Long> acknowledged = new HashMap<>();
        Map<String, Integer> arrived = new HashMap<>();
        try (FakeService service = new FakeService(FakeService.says(200, "{}"))) {
            Path spool = folder.resolve("spool");
            for (int run = 0; run < KILLS; run++) {
                acknowledged.put(run, killed(spool, run, service.address(), random));
            }
            AlertRelay relay = AlertRelay.builder()
                    .channel("hook", unhurried(service.address()))
                    .spool(spool)
                    .closeWithin(Duration.ofSeconds(60))
                    .build();
            relay.close();
            assertThat(relay.stats().waiting()).isZero();
            while (service.left() > 0) {
                String id = new ObjectMapper()
                        .readTree(service.take().body())
                        .path("id")
                        .asText();
                arrived.merge(id, 1, Integer::sum);
            }
        }
        acknowledged.forEach((run, count) -> {
            for (long i = 0; i < count; i++) {
                assertThat(arrived).as("acknowledged alerts of run %s", run).containsKey(run + "-" + i);
            }
        });
        assertThat(acknowledged.values().stream().mapToLong(Long::longValue).sum())
                .isGreaterThan(KILLS);
        assertThat(arrived.values().stream().mapToInt(times -> times - 1).sum())
                .as("deliveries beyond the first, one for each process that died while it delivered")
                .isLessThanOrEqualTo(KILLS);
    }

    /** Returns how many alerts the child had acknowledged when it was killed, as far as it could say so. */
    private static long killed(Path spool, int run, String address, Random random) throws Exception {
        List<String> counts = KilledProcess.acknowledged(
                Raiser.class, random.nextInt(MAX_ALIVE_MICROS), spool.toString(), Integer.toString(run), address);
        assertThat(counts).as("run %s acknowledged something", run).isNotEmpty();
        return Long.parseLong(counts.get(counts.size() - 1));
    }

    /** A webhook without a pace. */
    private static RelayChannel unhurried(String address) {
        RelayChannel hook = RelayChannel.webhook(Secret.of(address + "/hook"));
        return new RelayChannel() {
            @Override
            public Delivery deliver(Alert alert, Deadline deadline) {
                return hook.deliver(alert, deadline);
            }

            @Override
            public Pace pace() {
                return new Pace(1_000, Duration.ofMillis(1));
            }

            @Override
            public void close() {
                hook.close();
            }
        };
    }

    /** The process that is killed: raises alerts and prints how many are acknowledged. */
    static final class Raiser {
        private Raiser() {}

        public static void main(String[] arguments) {
            AlertRelay relay = AlertRelay.builder()
                    .channel("hook", unhurried(arguments[2]))
                    .spool(Path.of(arguments[0]))
                    .build();
            long printed = 0;
            for (long i = 0; ; ) {
                if (relay.stats().waiting() < 50) {
                    relay.raise(Alerts.alert(arguments[1] + "-" + i++));
                } else {
                    LockSupport.parkNanos(200_000);
                }
                long acknowledged = relay.stats().acknowledged();
                if (acknowledged > printed) {
                    printed = acknowledged;
                    System.out.println(printed + ";");
                    System.out.flush();
                }
            }
        }
    }

    @Test
    void secrets_inAProcessThatLogsEverything_areNeverPrinted() throws Exception {
        try (FakeService service = new FakeService((request, socket) ->
                FakeService.says(401, "{\"description\":\"no " + TOKEN + "\"}").answer(request, socket))) {
            Process child = KilledProcess.jvm(
                            Talker.class, List.of("-Dorg.slf4j.simpleLogger.defaultLogLevel=trace"), service.address())
                    .redirectErrorStream(true)
                    .start();
            String printed = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(child.exitValue()).as(printed).isZero();
            assertThat(service.take().line()).contains(TOKEN);
            assertThat(printed)
                    .as("it logged and failed as it should")
                    .contains("answered 401", "broke off", "nothing listens", "still cannot deliver")
                    .doesNotContain(TOKEN)
                    .doesNotContain(TOKEN.substring(7));
        }
    }

    /** Delivers through a Telegram bot that answers 401, then breaks off, then is not there. */
    static final class Talker {
        private Talker() {}

        public static void main(String[] arguments) {
            FakeService gone = new FakeService(FakeService.says(200, "{}"));
            gone.close();
            FakeService broken = new FakeService((request, socket) -> {});
            AlertRelay.Builder relay = AlertRelay.builder()
                    .pauses(Duration.ofMillis(1), Duration.ofMillis(1))
                    .closeWithin(Duration.ofSeconds(3));
            for (String address : List.of(arguments[0], broken.address(), gone.address())) {
                relay.channel(
                        "to" + address.substring(address.lastIndexOf(':') + 1),
                        RelayChannel.telegram(Secret.of(TOKEN), "1", URI.create(address)));
            }
            try (AlertRelay open = relay.build()) {
                open.raise(Alerts.alert("a"));
            }
        }
    }
}
