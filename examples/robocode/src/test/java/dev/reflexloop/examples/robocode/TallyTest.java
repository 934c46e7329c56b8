package dev.reflexloop.examples.robocode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class TallyTest {
    @Test
    void share_twoPairings_isTheMeanOfTheirShares() {
        Tally tally = new Tally()
                .add(List.of(new Engine.Round(90, 100, true), new Engine.Round(10, 100, false)))
                .add(List.of(new Engine.Round(100, 100, true)));

        assertThat(tally.share().value()).isCloseTo(0.75, within(1e-9));
        assertThat(tally.winRate().value()).isCloseTo(0.75, within(1e-9));
        assertThat(tally.rounds()).isEqualTo(3);
    }

    @Test
    void interval_equalRounds_isThePoint() {
        Tally tally = new Tally().add(Collections.nCopies(50, new Engine.Round(60, 100, true)));

        assertThat(tally.share()).isEqualTo(new Tally.Estimate(0.6, 0.6, 0.6));
    }

    @Test
    void interval_mixedRounds_holdsTheValueBetweenItsEnds() {
        Tally tally = new Tally()
                .add(Collections.nCopies(50, new Engine.Round(90, 100, true)))
                .add(List.of(new Engine.Round(20, 100, false), new Engine.Round(80, 100, true)));

        Tally.Estimate share = tally.share();
        assertThat(share.low()).isLessThan(share.value());
        assertThat(share.high()).isGreaterThan(share.value());
    }

    @Test
    void tally_noRounds_isZero() {
        assertThat(new Tally().add(List.of()).share().value()).isZero();
    }
}
