package dev.reflexloop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LookTimesTest {
    private static final long PERIOD = 500;
    private static final long START = nearOverflow();

    private final LookTimes times = new LookTimes(PERIOD, START);

    /** The counter's origin is arbitrary: it may overflow on the way. */
    private static long nearOverflow() {
        return Long.MAX_VALUE - 1_000;
    }

    @Test
    void untilNext_looksThatTakeTime_keepTheRate() {
        assertThat(times.untilNext(START + 3)).isEqualTo(PERIOD - 3);
        assertThat(times.untilNext(START + PERIOD + 20)).isEqualTo(PERIOD - 20);
        assertThat(times.untilNext(START + 2 * PERIOD)).isEqualTo(PERIOD);
    }

    @Test
    void untilNext_afterAStall_skipsWhatWasMissedAndKeepsThePhase() {
        assertThat(times.untilNext(START + 3 * PERIOD + 120)).isEqualTo(PERIOD - 120);
        assertThat(times.untilNext(START + 4 * PERIOD)).isEqualTo(PERIOD);
    }

    @Test
    void putOff_throttleStillClosed_movesThisLookAndTheLaterOnes() {
        assertThat(times.putOff(200, START)).isEqualTo(200);
        assertThat(times.putOff(1, START + 200)).as("once only").isZero();
        assertThat(times.untilNext(START + 200)).isEqualTo(PERIOD);
    }

    @Test
    void putOff_nextLook_mayBePutOffAgain() {
        times.putOff(200, START);
        times.putOff(0, START + 200);
        times.untilNext(START + 200);

        assertThat(times.putOff(10, START + 200 + PERIOD)).isEqualTo(10);
    }

    @Test
    void putOff_throttleOpenOrLongerThanThePeriod_looksNow() {
        assertThat(times.putOff(0, START)).isZero();
        assertThat(times.putOff(-5, START)).isZero();
        assertThat(times.putOff(PERIOD, START)).isZero();
    }
}
