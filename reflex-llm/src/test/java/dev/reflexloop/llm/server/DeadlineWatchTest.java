package dev.reflexloop.llm.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Deadline;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.testkit.ManualClock;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DeadlineWatchTest {
    private static final AtomicInteger WATCHES = new AtomicInteger();
    private static final Duration LONG = Duration.ofSeconds(50);

    private final String name = "watch-testee-" + WATCHES.getAndIncrement();
    private final Set<Call> calls = ConcurrentHashMap.newKeySet();

    private record Call(Deadline deadline, CompletableFuture<Long> lateAt) implements DeadlineWatch.Call {
        Call(Duration given, ReflexClock clock) {
            this(Deadline.in(given, clock), new CompletableFuture<>());
        }

        Call(Duration given) {
            this(given, ReflexClock.system());
        }

        @Override
        public void late() {
            lateAt.complete(deadline.clock().nanos());
        }

        void isLate() throws Exception {
            assertThat(lateAt.get(50, TimeUnit.SECONDS) - deadline.atNanos()).isNotNegative();
        }
    }

    private DeadlineWatch watch(Duration keep) {
        return new DeadlineWatch(name, calls, keep);
    }

    private Call begin(DeadlineWatch watch, Call call) {
        calls.add(call);
        watch.begin(call);
        return call;
    }

    private Optional<Thread> thread() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(name))
                .findFirst();
    }

    private Thread restingThread() {
        await(() -> thread().filter(each -> each.getState() == Thread.State.TIMED_WAITING)
                .isPresent());
        return thread().orElseThrow();
    }

    private static long waits(Thread thread) {
        return ManagementFactory.getThreadMXBean().getThreadInfo(thread.getId()).getWaitedCount();
    }

    @Test
    void calls_thatEndInTime_wakeNobody() {
        try (DeadlineWatch watch = watch(LONG)) {
            calls.remove(begin(watch, new Call(LONG)));
            Thread thread = restingThread();
            await(() -> waits(thread) > 0);
            long before = waits(thread);
            for (int i = 0; i < 10_000; i++) {
                calls.remove(begin(watch, new Call(LONG)));
            }
            assertThat(waits(thread)).as("one for its start, perhaps").isBetween(before, before + 1);
            assertThat(thread().orElseThrow()).isSameAs(thread);
            assertThat(thread.isDaemon()).isTrue();
        }
    }

    @Test
    void call_thatIsLate_isEndedAndNotBefore() throws Exception {
        try (DeadlineWatch watch = watch(LONG)) {
            begin(watch, new Call(Duration.ofMillis(30))).isLate();
        }
    }

    @Test
    void call_withLessTimeThanTheOthers_isEndedFirst() throws Exception {
        try (DeadlineWatch watch = watch(LONG)) {
            Call patient = begin(watch, new Call(LONG));
            restingThread();
            begin(watch, new Call(Duration.ofMillis(20))).isLate();
            assertThat(patient.lateAt()).isNotDone();
        }
    }

    @Test
    void call_afterOthersEndedInTime_isEndedWhenLate() throws Exception {
        try (DeadlineWatch watch = watch(LONG)) {
            for (int i = 0; i < 20; i++) {
                calls.remove(begin(watch, new Call(Duration.ofMillis(5))));
                begin(watch, new Call(Duration.ofMillis(5))).isLate();
                calls.clear();
            }
        }
    }

    @Test
    void call_onAManualClock_isEndedWhenThatClockIsMoved() throws Exception {
        ManualClock clock = new ManualClock();
        try (DeadlineWatch watch = watch(LONG)) {
            Call later = begin(watch, new Call(Duration.ofSeconds(9), clock));
            Call call = begin(watch, new Call(Duration.ofSeconds(2), clock));
            restingThread();
            clock.advance(Duration.ofSeconds(3));
            call.isLate();
            assertThat(later.lateAt()).isNotDone();
        }
    }

    @Test
    void thread_withoutCalls_goesAndComesBack() throws Exception {
        try (DeadlineWatch watch = watch(Duration.ofMillis(5))) {
            for (int i = 0; i < 3; i++) {
                calls.remove(begin(watch, new Call(Duration.ofMillis(5))));
                await(() -> thread().isEmpty());
            }
            begin(watch, new Call(Duration.ofMillis(20))).isLate();
        }
    }

    @Test
    void close_withACallInFlight_leavesNoThread() {
        DeadlineWatch watch = watch(LONG);
        begin(watch, new Call(LONG));
        restingThread();
        watch.close();
        watch.close();
        await(() -> thread().isEmpty());
        begin(watch, new Call(Duration.ofMillis(1)));
        assertThat(thread()).isEmpty();
    }

    @Test
    void clock_thatThrows_doesNotEndTheWatch() throws Exception {
        AtomicInteger reads = new AtomicInteger();
        ReflexClock broken = new ReflexClock() {
            @Override
            public long nanos() {
                if (reads.incrementAndGet() > 2) {
                    throw new IllegalStateException("this clock is broken on purpose");
                }
                return 0;
            }

            @Override
            public Instant instant() {
                return Instant.EPOCH;
            }

            @Override
            public void await(CompletableFuture<?> future, long untilNanos) {
                throw new UnsupportedOperationException();
            }
        };
        try (DeadlineWatch watch = watch(LONG)) {
            begin(watch, new Call(LONG, broken));
            await(() -> reads.get() > 2 && thread().isEmpty());
            calls.clear();
            begin(watch, new Call(Duration.ofMillis(20))).isLate();
        }
    }

    /** The watch's thread comes and goes all the time here, and every call begins near a look. */
    @Test
    void calls_ofManyThreads_areAllEnded() throws Exception {
        try (DeadlineWatch watch = watch(Duration.ofMillis(1))) {
            List<Thread> threads = new ArrayList<>();
            List<CompletableFuture<Void>> ended = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Random random = new Random(i);
                CompletableFuture<Void> end = new CompletableFuture<>();
                ended.add(end);
                threads.add(new Thread(() -> {
                    try {
                        for (int n = 0; n < 300; n++) {
                            Call call = begin(watch, new Call(Duration.ofNanos(random.nextInt(3_000_000))));
                            if (random.nextBoolean()) {
                                call.isLate();
                            }
                            calls.remove(call);
                        }
                        end.complete(null);
                    } catch (Throwable failure) {
                        end.completeExceptionally(failure);
                    }
                }));
            }
            threads.forEach(Thread::start);
            for (CompletableFuture<Void> end : ended) {
                end.get(50, TimeUnit.SECONDS);
            }
        }
    }

    /** Waits for something that other threads bring about; the test's time-out ends it when they do not. */
    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }
}
