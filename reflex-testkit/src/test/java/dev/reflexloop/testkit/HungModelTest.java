package dev.reflexloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Cause;
import dev.reflexloop.Decision;
import dev.reflexloop.LoopStats;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.Served;
import dev.reflexloop.testkit.FaultyModel.Fault;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A model that hangs for ever, on the system's clock: the short form of the benchmark. */
class HungModelTest {
    private static final int TICKS = 400;
    private static final Duration BUDGET = Duration.ofMillis(5);

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"NEVER", "IGNORE_CANCEL", "STALL_IN_ASK", "STALL_IN_CANCEL"})
    void decide_withAModelThatHangs_servesEveryTickByTheFallbackAndLeaksNoThread(Fault fault) throws Exception {
        Set<Thread> before = ours();
        try (FaultyModel model = FaultyModel.always(fault);
                ReflexLoop loop = ReflexLoop.builder(Samples.schema(), model)
                        .budget(BUDGET)
                        .build()) {
            int most = 0;
            for (int tick = 0; tick < TICKS; tick++) {
                Decision decision = loop.decide(Perception.builder("bot", tick).build());
                assertThat(decision.served()).isEqualTo(Served.FALLBACK);
                assertThat(decision.because().orElseThrow()).isIn(Cause.DEADLINE, Cause.BUSY);
                if (tick % 50 == 49) {
                    most = Math.max(most, startedSince(before).size());
                }
            }
            assertThat(most).as("threads while it hangs").isLessThanOrEqualTo(8);
            LoopStats stats = loop.stats();
            assertThat(stats.decisions()).isEqualTo(TICKS);
            // How exact a loaded machine keeps a moment is the benchmark's to say, beside a control thread; here:
            // nobody waits for the model.
            assertThat(stats.latency().p50()).isLessThan(BUDGET.multipliedBy(10));
        }
        for (Thread thread : startedSince(before)) {
            thread.join(TimeUnit.SECONDS.toMillis(10));
            assertThat(thread.isAlive()).as(thread.getName() + " is left").isFalse();
        }
    }

    /** The threads on which models are asked. */
    private static Set<Thread> ours() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("reflex-ask"))
                .collect(Collectors.toSet());
    }

    private static Set<Thread> startedSince(Set<Thread> before) {
        Set<Thread> since = ours();
        since.removeAll(before);
        return since;
    }
}
