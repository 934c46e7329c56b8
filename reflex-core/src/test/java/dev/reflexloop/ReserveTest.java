package dev.reflexloop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ReserveTest {
    private static final long MILLI = 1_000_000;

    private final Reserve reserve = new Reserve(200 * MILLI);

    @Test
    void reserve_atTheStart_isAShareOfTheBudgetWithinBounds() {
        assertThat(reserve.nanos()).isEqualTo(4 * MILLI);
        assertThat(new Reserve(20 * MILLI).nanos()).isEqualTo(MILLI);
        assertThat(new Reserve(1_000).nanos()).isEqualTo(500);
        assertThat(new Reserve(Duration.ofHours(1).toNanos()).nanos()).isEqualTo(4 * MILLI);
    }

    @Test
    void reserve_wokenInTime_staysWhatItIs() {
        reserve.overslept(MILLI / 10);
        reserve.overslept(-MILLI);
        assertThat(reserve.nanos()).isEqualTo(4 * MILLI);
    }

    @Test
    void reserve_overslept_isLargerNextTime() {
        reserve.overslept(12 * MILLI);
        assertThat(reserve.nanos()).isEqualTo(15 * MILLI);
    }

    @Test
    void reserve_oversleptForever_leavesMostOfTheBudgetToTheModel() {
        reserve.overslept(Long.MAX_VALUE / 2);
        assertThat(reserve.nanos()).isEqualTo(25 * MILLI);
    }

    @Test
    void reserve_afterManyGoodWaits_isBackWhereItBegan() {
        reserve.overslept(12 * MILLI);
        int waits = 0;
        while (reserve.nanos() > 9 * MILLI + MILLI / 2) {
            reserve.overslept(0);
            waits++;
        }
        assertThat(waits).isBetween(170, 190);
        for (int i = 0; i < 5_000; i++) {
            reserve.overslept(0);
        }
        assertThat(reserve.nanos()).isBetween(4 * MILLI, 4 * MILLI + 1_000);
    }
}
