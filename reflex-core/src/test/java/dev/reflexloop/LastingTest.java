package dev.reflexloop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LastingTest {

    @ParameterizedTest
    @CsvSource({
        "PT0S, 0 ns",
        "PT0.000001999S, 1999 ns",
        "PT0.000002S, 2 \u00b5s",
        "PT0.75S, 750 ms",
        "PT1.5S, 1500 ms",
        "PT2.9S, 2 s",
        "PT119S, 119 s",
        "PT2M, 2 min",
        "PT119M59S, 119 min",
        "PT47H, 47 h",
        "PT48H, 2 d",
        "PT2562047H, 106751 d"
    })
    void text_ofADuration_hasAFittingUnit(Duration duration, String text) {
        assertThat(Lasting.text(duration.toNanos())).isEqualTo(text);
    }
}
