package dev.reflexloop.llm.decorator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LatencyEstimateTest {
    private final LatencyEstimate estimate = new LatencyEstimate();

    @Test
    void nanos_ofNothingSeen_isZero() {
        estimate.fade();
        assertThat(estimate.nanos()).isZero();
    }

    @Test
    void nanos_ofSteadyLatency_comesCloseToIt() {
        for (int i = 0; i < 50; i++) {
            estimate.saw(1_000_000);
        }
        assertThat(estimate.nanos()).isBetween(1_000_000L, 1_010_000L);
    }

    @Test
    void nanos_ofChangingLatency_isAboveTheMean() {
        for (int i = 0; i < 200; i++) {
            estimate.saw(i % 2 == 0 ? 500_000 : 1_500_000);
        }
        assertThat(estimate.nanos()).isBetween(1_300_000L, 1_700_000L);
    }

    @Test
    void gaveUpAfter_aTime_isMoreThanThatAndFadesAway() {
        estimate.saw(1_000_000);
        estimate.gaveUpAfter(5_000_000);
        long doubted = estimate.nanos();
        assertThat(doubted).isGreaterThan(3_000_000);
        for (int i = 0; i < 60; i++) {
            estimate.fade();
        }
        assertThat(estimate.nanos()).isLessThan(doubted / 10);
    }
}
