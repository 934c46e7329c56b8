package dev.reflexloop.llm.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class Float16Test {

    @Test
    void of_everyHalf_isItself() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float value = Float16.toFloat((short) bits);
            if (!Float.isNaN(value)) {
                assertThat(Float16.of(value)).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void of_valuesBetweenHalves_roundsToNearestThenEven() {
        assertThat(Float16.toFloat(Float16.of(1 + 0x1p-12f))).isEqualTo(1f);
        assertThat(Float16.toFloat(Float16.of(1 + 0x1p-11f))).isEqualTo(1f);
        assertThat(Float16.toFloat(Float16.of(1 + 3 * 0x1p-11f))).isEqualTo(1 + 0x1p-9f);
        assertThat(Float16.toFloat(Float16.of(0x1p-25f))).isZero();
        assertThat(Float16.toFloat(Float16.of(0x1.8p-25f))).isEqualTo(0x1p-24f);
    }

    @Test
    void of_valuesBeyondTheRange_isInfiniteOrZeroOrNaN() {
        assertThat(Float16.toFloat(Float16.of(65_520f))).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(Float16.toFloat(Float16.of(65_519f))).isEqualTo(65_504f);
        assertThat(Float16.toFloat(Float16.of(-1e30f))).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(Float16.toFloat(Float16.of(Float.NaN))).isNaN();
        assertThat(Float16.of(-0f)).isEqualTo((short) 0x8000);
    }
}
