package dev.reflexloop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignalTest {
    @ParameterizedTest
    @CsvSource({"0, COMPLETE", "1, CONTINUE", "2, SUMMARY_ONLY", "3, FORCED_STOP", "-1, PARSE_FAILURE"})
    void of_anExitCode_isItsSignal(int exitCode, Signal signal) {
        assertThat(Signal.of(exitCode)).isEqualTo(signal);
    }

    @ParameterizedTest
    @EnumSource
    void of_theExitCodeOfASignal_isTheSignal(Signal signal) {
        assertThat(Signal.of(signal.exitCode())).isEqualTo(signal);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5, -2, 255, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void of_aNumberThatStandsForNothing_isAParseFailure(int exitCode) {
        assertThat(Signal.of(exitCode)).isEqualTo(Signal.PARSE_FAILURE);
    }
}
