package dev.reflexloop.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class NumberBandsTest {

    @Test
    void edges_labelChangesAtThresholds_findsThemAsRoundNumbers() {
        NumberBands bands = new NumberBands();
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            double value = random.nextDouble() * 900;
            boolean noise = random.nextInt(5) == 0;
            bands.add(value, noise ? 3 : value < 150 ? 0 : value < 437.5 ? 1 : 2);
        }

        assertThat(bands.edges(20)).hasSize(20).isSorted().contains(150, 437.5);
    }

    @Test
    void edges_labelIndependentOfValue_dividesTheSampleEvenly() {
        NumberBands bands = new NumberBands();
        Random random = new Random(2);
        for (int i = 0; i < 10_000; i++) {
            bands.add(random.nextDouble(), random.nextInt(4));
        }

        double[] edges = bands.edges(7);
        assertThat(edges).hasSize(7).isSorted();
        assertThat(edges[3]).isBetween(0.45, 0.55);
    }

    @Test
    void edges_declared_areAllKept() {
        NumberBands bands = new NumberBands();
        for (int i = 0; i < 1000; i++) {
            bands.add(i, i % 2);
        }

        assertThat(bands.edges(4, 17.25, 600, 5000)).contains(17.25, 600, 5000).hasSize(4);
        assertThat(bands.edges(1, 1, 2, 3)).containsExactly(1, 2, 3);
    }

    @Test
    void edges_fewDistinctIntegers_giveEachItsBand() {
        NumberBands bands = new NumberBands();
        for (int i = 0; i < 500; i++) {
            bands.add(i % 4, 0);
        }

        assertThat(bands.edges(20)).containsExactly(1, 2, 3);
    }

    @Test
    @Timeout(20)
    void edges_fewDistinctValuesBesideAFrequentOne_comeToAnEnd() {
        NumberBands bands = new NumberBands();
        for (int i = 0; i < 20_000; i++) {
            bands.add(i % 1000 < 12 ? 90 + i % 1000 / 2.0 : 99, 0);
        }

        double[] edges = bands.edges(20, 93);
        assertThat(edges).isSorted().doesNotHaveDuplicates().contains(93).hasSizeGreaterThan(5);
    }

    @Test
    void edges_constantOrEmpty_areNone() {
        NumberBands bands = new NumberBands();
        assertThat(bands.edges(20)).isEmpty();
        bands.add(5, 0);
        bands.add(5, 1);
        assertThat(bands.constant()).isTrue();
        assertThat(bands.edges(20)).isEmpty();
    }

    @Test
    void edges_moreValuesThanTheSampleHolds_areTheSameEveryTime() {
        double[] first = filled().edges(12);
        assertThat(filled().edges(12)).containsExactly(first);
    }

    private static NumberBands filled() {
        NumberBands bands = new NumberBands();
        Random random = new Random(5);
        for (int i = 0; i < 100_000; i++) {
            double value = random.nextGaussian() * 1e-3;
            bands.add(value, value > 1e-4 ? 1 : 0);
        }
        return bands;
    }

    @Test
    void shortestBetween_neighbours_isTheShortestDecimal() {
        assertThat(NumberBands.shortestBetween(149.98, 150.01)).isEqualTo(150);
        assertThat(NumberBands.shortestBetween(-3.2, 0.1)).isZero();
        assertThat(NumberBands.shortestBetween(-3.2, -2.9)).isEqualTo(-3);
        assertThat(NumberBands.shortestBetween(0.1234, 0.1299))
                .isEqualTo(0.125, org.assertj.core.data.Offset.offset(0.0051));
        assertThat(NumberBands.shortestBetween(1e-9, 2e-9)).isEqualTo(2e-9);
        assertThat(NumberBands.shortestBetween(7, 8)).isEqualTo(8);
        double low = Math.nextDown(1e17);
        assertThat(NumberBands.shortestBetween(low, 1e17)).isGreaterThan(low).isLessThanOrEqualTo(1e17);
    }
}
