package dev.reflexloop.llm.decorator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class NoticesTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void subject_thatComesAndGoes_isSpokenOfOnceInTenSeconds() throws Exception {
        BlockingQueue<String> said = new LinkedBlockingQueue<>();
        try (Notices notices = new Notices("test")) {
            Notices.Subject subject = notices.subject();
            long start = Long.MAX_VALUE - 5 * SECOND; // the counter's origin is arbitrary, it overflows meanwhile
            for (int second = 0; second < 12; second++) {
                long now = start + second * SECOND;
                int at = second;
                subject.lost(now, () -> said.add("lost " + at));
                subject.back(() -> said.add("back " + at));
            }
            List<String> heard = List.of(take(said), take(said), take(said), take(said));
            assertThat(heard).containsExactly("lost 0", "back 0", "lost 10", "back 10");
            assertThat(said).isEmpty();
        }
    }

    private static String take(BlockingQueue<String> said) throws InterruptedException {
        String next = said.poll(20, TimeUnit.SECONDS);
        return next == null ? "nothing" : next;
    }
}
