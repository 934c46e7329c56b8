package dev.reflexloop.escalation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reflexloop.EscalationSink.Receipt;
import dev.reflexloop.Guidance;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A strategist in Python on the other side of the files, killed and restarted while it reads, thinks and writes. */
@Timeout(180)
class FileEscalationSinkIT {
    private static final int KILLS = 10;
    private static final int ESCALATIONS = 30;
    private static final long SEED = 20_261_121;

    @TempDir
    Path folder;

    @Test
    void strategist_killedTenTimes_answersEveryEscalationOnce() throws Exception {
        Path script = copyScript();
        BlockingQueue<Guidance> guided = new LinkedBlockingQueue<>();
        EscalationInbox inbox = EscalationInbox.builder(folder.resolve("escalation-inbox.jsonl"))
                .lookEvery(Duration.ofMillis(10))
                .build();
        inbox.guides(guided::add);
        FileEscalationSink sink = FileEscalationSink.builder(folder.resolve("escalation.txt"))
                .inbox(inbox)
                .pause(Duration.ofMillis(20))
                .build();
        Random random = new Random(SEED);
        Process strategist = start(script);
        int kills = 0;
        try {
            for (int i = 0; i < ESCALATIONS; i++) {
                assertThat(sink.submit(Escalations.of(
                                "run-" + i + "-e", "hero", "Escalation " + i + ".", Escalations.AT.plusSeconds(i))))
                        .isEqualTo(Receipt.ACCEPTED);
                if (i % 3 == 1 && kills < KILLS) {
                    LockSupport.parkNanos(1_000_000L * random.nextInt(120)); // the random moment of the kill
                    strategist.destroyForcibly();
                    assertThat(strategist.waitFor(20, TimeUnit.SECONDS)).isTrue();
                    kills++;
                    strategist = start(script);
                }
                if (i % 2 == 1) {
                    assertThat(guided.poll(60, TimeUnit.SECONDS)).isNotNull();
                    assertThat(guided.poll(60, TimeUnit.SECONDS)).isNotNull();
                }
            }
        } finally {
            strategist.destroyForcibly();
            sink.close();
            inbox.close();
        }
        assertThat(kills).isEqualTo(KILLS);
        assertThat(guided).as("no escalation is answered twice").isEmpty();
        assertThat(inbox.stats().answered()).isEqualTo(ESCALATIONS);
        for (InboxEntry entry : inbox.entries()) {
            long option = 1 + entry.at().getEpochSecond() % 2;
            assertThat(entry.response().orElseThrow().option())
                    .as("the answer to %s", entry.id())
                    .contains(entry.situation().options().get((int) option - 1));
        }
        assertThat(Files.readAllLines(folder.resolve("read.log")).stream()
                        .map(line -> line.substring(0, line.indexOf('.')))
                        .distinct())
                .as("every escalation was read")
                .containsExactlyInAnyOrderElementsOf(IntStream.range(0, ESCALATIONS)
                        .mapToObj(i -> "Escalation " + i)
                        .toList());
        assertThat(Files.readAllLines(folder.resolve("escalation-inbox.jsonl")).stream()
                        .filter(line -> line.startsWith("{\"type\":\"shown\"")))
                .as("every escalation was shown once")
                .hasSize(ESCALATIONS);
    }

    private Path copyScript() throws IOException {
        Path script = folder.resolve("strategist.py");
        try (InputStream in = FileEscalationSinkIT.class.getResourceAsStream("/strategist.py")) {
            assertThat(in).isNotNull();
            Files.copy(in, script);
        }
        return script;
    }

    private Process start(Path script) throws IOException {
        Process process;
        try {
            process = new ProcessBuilder(List.of("python3", script.toString(), folder.toString()))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException missing) {
            assumeTrue(false, "python3 is not installed, so there is no strategist to kill");
            throw missing;
        }
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        assertThat(out.readLine()).isEqualTo("ready");
        return process;
    }
}
