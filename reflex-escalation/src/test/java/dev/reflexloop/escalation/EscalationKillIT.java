package dev.reflexloop.escalation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.EscalationSink.Receipt;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} at random moments of a process that escalates: whatever was acknowledged is in the inbox, and the inbox can be read and
 * continued. What the killed process printed is what the test believes.
 */
class EscalationKillIT {
    private static final int KILLS = 20;
    private static final long SEED = 20_261_121;
    private static final int MAX_ALIVE_MICROS = 40_000;

    @TempDir
    Path folder;

    @Test
    void kill_atTwentyRandomMoments_losesNoAcknowledgedEscalation() throws Exception {
        Random random = new Random(SEED);
        Path shown = folder.resolve("escalation.txt");
        List<String> acknowledged = new ArrayList<>();
        for (int run = 0; run < KILLS; run++) {
            List<String> printed = KilledProcess.acknowledged(
                    Child.class, random.nextInt(MAX_ALIVE_MICROS), shown.toString(), Integer.toString(run));
            assertThat(printed).as("run %s acknowledged something", run).isNotEmpty();
            acknowledged.addAll(printed);
        }
        EscalationInbox inbox = EscalationInbox.builder(folder.resolve("escalation-inbox.jsonl"))
                .unwatched()
                .capacity(1_000_000)
                .build();
        try (inbox) {
            Set<String> kept = new HashSet<>();
            for (InboxEntry entry : inbox.entries()) {
                assertThat(kept.add(entry.id()))
                        .as("%s is there once", entry.id())
                        .isTrue();
            }
            assertThat(kept).containsAll(acknowledged);
            assertThat(shown)
                    .content()
                    .startsWith("{\"situation\": \"A guard stops you, run")
                    .endsWith("}");
            assertThat(inbox.submit(Escalations.guard("afterwards-e"))).isEqualTo(Receipt.ACCEPTED);
        }
        assertThat(Files.readAllLines(folder.resolve("escalation-inbox.jsonl")).stream()
                        .filter(line -> line.startsWith("{\"type\":\"shown\"")))
                .as("nothing was shown but the first, which nobody answered")
                .hasSize(1);
    }

    /** The process that is killed: escalates as fast as it can, and prints what was acknowledged. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) {
            Path shown = Path.of(arguments[0]);
            EscalationInbox inbox = EscalationInbox.builder(shown.resolveSibling("escalation-inbox.jsonl"))
                    .capacity(1_000_000)
                    .lookEvery(Duration.ofMillis(2))
                    .build();
            FileEscalationSink sink =
                    FileEscalationSink.builder(shown).inbox(inbox).build();
            for (int i = 0; ; i++) {
                String id = "run" + arguments[1] + "-" + i + "-e";
                if (sink.submit(Escalations.guard(id)) == Receipt.ACCEPTED) {
                    System.out.println(id + ";");
                    System.out.flush();
                }
            }
        }
    }
}
