package dev.reflexloop.examples.morrowind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.reflexloop.ReflexModel;
import dev.reflexloop.llm.nano.NanoModel;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OptionsTest {
    @Test
    void options_none_areTheDefaults() {
        Options options = Options.parse();
        assertThat(options.folder().path()).isEqualTo(Path.of(System.getProperty("user.home"), ".timmy", "morrowind"));
        assertThat(options.budget()).isEqualTo(Duration.ofMillis(200));
        assertThat(options.every()).isEqualTo(Duration.ofMillis(1_500));
        assertThat(options.between()).isEqualTo(Duration.ofMillis(250));
        assertThat(options.once()).isFalse();
    }

    @Test
    void speed_ofTheGame_makesDecisionsFasterAndLeavesBudgetAndLease() {
        Options options = Options.parse("--speed", "50", "--lease", "400.5");
        assertThat(options.every()).isEqualTo(Duration.ofMillis(30));
        assertThat(options.between()).isEqualTo(Duration.ofMillis(5));
        assertThat(options.budget()).isEqualTo(Duration.ofMillis(200));
        assertThat(options.lease()).isEqualTo(Duration.ofNanos(400_500_000));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"--fast", "--speed", "--speed 0", "--speed -1", "--speed NaN", "--lease soon", "--folder", "now"
            })
    void options_wrong_areNamed(String line) {
        String[] arguments = line.split(" ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Options.parse(arguments))
                .withMessageContaining(arguments[0]);
    }

    @Test
    void model_notNamed_isTheOneOfTheExample() {
        try (Models models = new Models(Tactic.schema(1), "");
                ReflexModel model = models.open(Options.parse().model())) {
            assertThat(model).isInstanceOf(NanoModel.class);
            assertThat(model.id()).isEqualTo("nano");
        }
    }

    @ParameterizedTest
    @CsvSource({
        ", http://127.0.0.1:11434",
        "0.0.0.0, http://127.0.0.1:11434",
        "0.0.0.0:8080, http://127.0.0.1:8080",
        "box, http://box:11434",
        "box:99, http://box:99",
        "https://box/ollama, https://box/ollama"
    })
    void ollama_address_isReadAsItsClientsReadIt(@Nullable String host, String address) {
        assertThat(Models.ollamaAddress(host)).isEqualTo(address);
    }

    @Test
    void model_rule_isTheRule() {
        try (Models models = new Models(Tactic.schema(1), "");
                ReflexModel model = models.open("rule")) {
            assertThat(model.id()).isEqualTo("rule");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt", "llama", "ollama:", "llama-server:", "llama-server:ftp://x", "always:dance"})
    void model_unknownOrIncomplete_isRefused(String name) {
        try (Models models = new Models(Tactic.schema(1), "")) {
            assertThatIllegalArgumentException().isThrownBy(() -> models.open(name));
        }
    }
}
