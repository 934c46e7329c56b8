package dev.reflexloop.training;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HalfFloatTest {

    @Test
    void of_everyHalf_isItself() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float value = HalfFloat.toFloat((short) bits);
            if (!Float.isNaN(value)) {
                assertThat(HalfFloat.of(value)).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void of_valuesBetweenHalves_roundsToNearestThenEven() {
        assertThat(HalfFloat.toFloat(HalfFloat.of(1 + 0x1p-12f))).isEqualTo(1f);
        assertThat(HalfFloat.toFloat(HalfFloat.of(1 + 0x1p-11f))).isEqualTo(1f);
        assertThat(HalfFloat.toFloat(HalfFloat.of(1 + 3 * 0x1p-11f))).isEqualTo(1 + 0x1p-9f);
        assertThat(HalfFloat.toFloat(HalfFloat.of(0x1p-25f))).isZero();
        assertThat(HalfFloat.toFloat(HalfFloat.of(0x1.8p-25f))).isEqualTo(0x1p-24f);
    }

    @Test
    void of_valuesBeyondTheRange_isInfiniteOrZeroOrNaN() {
        assertThat(HalfFloat.toFloat(HalfFloat.of(65_520f))).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(HalfFloat.toFloat(HalfFloat.of(65_519f))).isEqualTo(65_504f);
        assertThat(HalfFloat.toFloat(HalfFloat.of(-1e30f))).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(HalfFloat.toFloat(HalfFloat.of(Float.NaN))).isNaN();
        assertThat(HalfFloat.of(-0f)).isEqualTo((short) 0x8000);
    }
}
