package dev.reflexloop.llm.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reflexloop.UnusableModelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CalibrationTest {
    private static final Map<String, Double> SAID =
            new LinkedHashMap<>(Map.of("fight", 0.8, "flee", 0.15, "wait", 0.05));

    @Test
    void apply_ofNone_changesNothing() {
        Calibration.none()
                .apply(SAID)
                .forEach((label, probability) -> assertThat(probability).isCloseTo(SAID.get(label), within(1e-12)));
    }

    @Test
    void apply_temperatureTwo_takesTheSquareRoots() {
        Map<String, Double> calm = new Calibration(Map.of(OptionCount.THREE_TO_FIVE, 2.0), Map.of()).apply(SAID);
        double sum = Math.sqrt(0.8) + Math.sqrt(0.15) + Math.sqrt(0.05);
        assertThat(calm.get("fight")).isCloseTo(Math.sqrt(0.8) / sum, within(1e-12));
        assertThat(calm.keySet()).containsExactlyElementsOf(SAID.keySet());
    }

    @Test
    void apply_prior_isDividedOut() {
        Map<String, Double> fair = new Calibration(Map.of(), Map.of("fight", 4.0)).apply(SAID);
        assertThat(fair.get("fight")).isCloseTo(0.5, within(1e-12));
        assertThat(fair.values().stream().mapToDouble(Double::doubleValue).sum())
                .isCloseTo(1, within(1e-12));
    }

    @Test
    void apply_certainty_staysFinite() {
        Map<String, Double> certain =
                new Calibration(Map.of(OptionCount.TWO, 3.0), Map.of()).apply(Map.of("fight", 1.0, "flee", 0.0));
        assertThat(certain.get("fight")).isBetween(0.9, 1.0);
        assertThat(certain.get("flee")).isGreaterThan(0);
    }

    @Test
    void apply_oneOption_isLeftAlone() {
        assertThat(Calibration.none().apply(Map.of("wait", 1.0))).containsExactly(Map.entry("wait", 1.0));
    }

    @ParameterizedTest
    @CsvSource({"2,2", "3,3_5", "5,3_5", "6,6_10", "10,6_10", "11,11", "255,11"})
    void optionCount_ofANumber_isTheGroupOfTheServers(int options, String key) {
        assertThat(OptionCount.of(options).key()).isEqualTo(key);
    }

    @Test
    void json_backAndForth_isTheSame(@TempDir Path folder) throws Exception {
        Calibration calibration = new Calibration(
                Map.of(OptionCount.TWO, 1.25, OptionCount.ELEVEN_OR_MORE, 2.5), Map.of("flee", 0.5, "fight", 2.0));
        assertThat(Calibration.fromJson(calibration.toJson())).isEqualTo(calibration);
        Path file = Files.writeString(folder.resolve("calibration.json"), calibration.toJson());
        assertThat(Calibration.read(file)).isEqualTo(calibration);
    }

    @Test
    void json_ofVersionOne_isReadForEver() {
        assertThat(Calibration.fromJson("""
                        {"format":"reflex-calibration","version":1,"temperature":{"3_5":1.5},"prior":{"fight":2}}"""))
                .isEqualTo(new Calibration(Map.of(OptionCount.THREE_TO_FIVE, 1.5), Map.of("fight", 2.0)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "[]",
                "{}",
                "{\"format\":\"reflex-calibration\",\"version\":2}",
                "{\"format\":\"reflex-calibration\",\"version\":1,\"temperature\":{\"2\":0}}",
                "{\"format\":\"reflex-calibration\",\"version\":1,\"temperature\":{\"2\":\"hot\"}}",
                "{\"format\":\"reflex-calibration\",\"version\":1,\"prior\":{\"fight\":-1}}"
            })
    void read_whatIsNoCalibration_isRefusedWithTheFile(String text, @TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("broken.json"), text);
        assertThatThrownBy(() -> Calibration.read(file))
                .isInstanceOf(UnusableModelException.class)
                .hasMessageContaining("broken.json");
    }

    @Test
    void read_missingFile_isRefusedWithTheFile(@TempDir Path folder) {
        assertThatThrownBy(() -> Calibration.read(folder.resolve("none.json")))
                .isInstanceOf(UnusableModelException.class)
                .hasMessageContaining("none.json");
    }
}
