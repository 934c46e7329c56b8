package dev.reflexloop.examples.robocode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecoveryTest {
    private final Recovery recovery = new Recovery(rounds(40), rounds(80));

    private static List<Engine.Round> rounds(double ours) {
        return Collections.nCopies(30, new Engine.Round(ours, 100, false));
    }

    @Test
    void recovered_threeQuartersOfTheGap_isThat() {
        Tally.Estimate recovered = recovery.of(rounds(70));

        assertThat(recovered.value()).isCloseTo(0.75, within(1e-9));
        assertThat(recovered.low()).isCloseTo(0.75, within(1e-9));
        assertThat(recovered.high()).isCloseTo(0.75, within(1e-9));
    }

    @Test
    void ratio_threeTimesAsMuchAsTheOther_isThree() {
        assertThat(recovery.ratio(rounds(70), rounds(50)).value()).isCloseTo(3, within(1e-9));
    }
}
