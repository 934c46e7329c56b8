package dev.reflexloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ManualClockTest {
    private final ManualClock clock = new ManualClock();

    @Test
    void advance_throughEvents_runsThemInOrderAtTheirTimes() {
        List<String> seen = new ArrayList<>();
        clock.schedule(
                Duration.ofMillis(20), () -> seen.add("b@" + clock.elapsed().toMillis()));
        clock.schedule(
                Duration.ofMillis(10), () -> seen.add("a@" + clock.elapsed().toMillis()));
        clock.schedule(
                Duration.ofMillis(20), () -> seen.add("c@" + clock.elapsed().toMillis()));
        clock.schedule(Duration.ofMillis(31), () -> seen.add("never"));
        clock.advance(Duration.ofMillis(30));
        assertThat(seen).containsExactly("a@10", "b@20", "c@20");
        assertThat(clock.elapsed()).isEqualTo(Duration.ofMillis(30));
        assertThat(clock.scheduled()).isEqualTo(1);
    }

    @Test
    void await_ofAFutureThatAnEventCompletes_stopsThere() throws Exception {
        CompletableFuture<String> future = new CompletableFuture<>();
        clock.schedule(Duration.ofMillis(7), () -> future.complete("done"));
        clock.await(future, clock.nanos() + Duration.ofMillis(50).toNanos());
        assertThat(future).isCompletedWithValue("done");
        assertThat(clock.elapsed()).isEqualTo(Duration.ofMillis(7));
    }

    @Test
    void await_ofAFutureThatNothingCompletes_endsAtTheMoment() throws Exception {
        clock.await(new CompletableFuture<>(), clock.nanos() + 50);
        assertThat(clock.elapsed()).isEqualTo(Duration.ofNanos(50));
        clock.await(new CompletableFuture<>(), clock.nanos() - 50);
        assertThat(clock.elapsed()).isEqualTo(Duration.ofNanos(50));
    }

    @Test
    void await_onAnInterruptedThread_throwsAndClearsTheFlag() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> clock.await(new CompletableFuture<>(), clock.nanos() + 1))
                .isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void nanos_afterASecond_hasOverflown() {
        long before = clock.nanos();
        clock.advance(Duration.ofSeconds(2));
        assertThat(clock.nanos()).isNegative();
        assertThat(clock.nanos() - before).isEqualTo(2_000_000_000L);
    }

    @Test
    void jumpWallClock_inEitherDirection_leavesNanosAlone() {
        Instant before = clock.instant();
        long nanos = clock.nanos();
        clock.jumpWallClock(Duration.ofDays(-3));
        assertThat(clock.instant()).isEqualTo(before.minus(Duration.ofDays(3)));
        assertThat(clock.nanos()).isEqualTo(nanos);
        clock.advance(Duration.ofSeconds(1));
        assertThat(clock.instant()).isEqualTo(before.minus(Duration.ofDays(3)).plusSeconds(1));
    }

    @Test
    void advance_byANegativeTime_saysWhatToUseInstead() {
        assertThatThrownBy(() -> clock.advance(Duration.ofNanos(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("wall clock");
        assertThatThrownBy(() -> clock.schedule(Duration.ofNanos(-1), () -> {}))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
