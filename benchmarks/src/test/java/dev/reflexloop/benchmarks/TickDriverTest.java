package dev.reflexloop.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reflexloop.testkit.ManualClock;
import java.time.Duration;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class TickDriverTest {
    private static final Duration PERIOD = Duration.ofMillis(100);
    private static final Duration BUDGET = Duration.ofMillis(50);
    private static final Offset<Double> ONE_IN_A_THOUSAND = within(1.0);

    private final ManualClock clock = new ManualClock();
    private final TickDriver driver = new TickDriver(PERIOD, BUDGET, clock);

    @Test
    void drive_ticksThatTakeTen_areTenLateAndMissNothing() throws InterruptedException {
        TickDriver.Report report = driver.drive(20, tick -> clock.advance(Duration.ofMillis(10)));

        assertThat(report.ticks()).isEqualTo(20);
        assertThat(report.p50Millis()).isCloseTo(10, ONE_IN_A_THOUSAND);
        assertThat(report.maxMillis()).isCloseTo(10, ONE_IN_A_THOUSAND);
        assertThat(report.misses()).isZero();
        assertThat(clock.elapsed()).isEqualTo(PERIOD.multipliedBy(20).plusMillis(10));
    }

    @Test
    void drive_oneTickStalls_everyTickThatItHeldUpIsLate() throws InterruptedException {
        TickDriver.Report report = driver.drive(10, tick -> clock.advance(Duration.ofMillis(tick == 2 ? 450 : 0)));

        // due at 300 and done at 750; those due at 400, 500, 600 and 700 are done at 750, too
        assertThat(report.maxMillis()).isCloseTo(450, ONE_IN_A_THOUSAND);
        assertThat(report.misses()).isEqualTo(4);
        assertThat(report.p50Millis()).isCloseTo(0, ONE_IN_A_THOUSAND);
    }

    @Test
    void report_p99AboveLimit_isSlower() {
        TickDriver.Report report = new TickDriver.Report(1_000, 1, 200.5, 201, 202, 11);

        assertThat(report.isSlowerThan(Duration.ofMillis(200))).isTrue();
        assertThat(report.isSlowerThan(Duration.ofMillis(201))).isFalse();
    }

    @Test
    void driver_withoutPeriod_namesIt() {
        assertThatThrownBy(() -> new TickDriver(Duration.ZERO, BUDGET, clock))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("period PT0S");
    }
}
