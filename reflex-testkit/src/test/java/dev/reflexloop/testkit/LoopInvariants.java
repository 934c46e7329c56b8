package dev.reflexloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Cause;
import dev.reflexloop.Decision;
import dev.reflexloop.LoopStats;
import dev.reflexloop.Served;
import java.util.Optional;

/** What is true of every loop at every moment. */
final class LoopInvariants {
    private LoopInvariants() {}

    static void check(LoopStats stats) {
        long sum = stats.served().values().stream().mapToLong(Long::longValue).sum();
        assertThat(stats.decisions()).as("decisions = sum over how served").isEqualTo(sum);
        long reasons =
                stats.because().values().stream().mapToLong(Long::longValue).sum();
        assertThat(reasons)
                .as("a reason for each decision that is not simply the model's")
                .isEqualTo(stats.served(Served.FALLBACK)
                        + stats.served(Served.SHIELD)
                        + stats.served(Served.HOLD)
                        + stats.because(Cause.STEADIED));
        assertThat(stats.onTime() + stats.late()).isEqualTo(stats.decisions());
        LoopStats.Closure closure = stats.closure();
        assertThat(closure.opened())
                .as("opened steps = closed and open ones")
                .isEqualTo(closure.byGame() + closure.byTimeout() + closure.byShutdown() + closure.open());
        assertThat(closure.opened()).isEqualTo(stats.decisions());
        assertThat(stats.overridden()).isEqualTo(stats.served(Served.SHIELD));
    }

    static void check(Decision decision) {
        assertThat(decision.legal()).contains(decision.action());
        boolean reasoned = decision.served() == Served.FALLBACK
                || decision.served() == Served.SHIELD
                || decision.served() == Served.HOLD
                || decision.because().equals(Optional.of(Cause.STEADIED));
        assertThat(decision.because().isPresent())
                .as(decision.served() + " has a reason")
                .isEqualTo(reasoned);
        assertThat(decision.vetoed().isPresent()).isEqualTo(decision.served() == Served.SHIELD);
        if (decision.served() == Served.MODEL || decision.served() == Served.CACHE) {
            assertThat(decision.answer()).isNotEqualTo(Optional.empty());
        }
    }
}
