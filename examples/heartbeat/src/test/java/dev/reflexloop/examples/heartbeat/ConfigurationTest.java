package dev.reflexloop.examples.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationTest {
    private static final String PROBES = "\"probes\":[{\"type\":\"disk\",\"name\":\"disk\",\"path\":\"/\"}]";
    private final Http http = new Http();

    @TempDir
    Path folder;

    @AfterEach
    void close() {
        http.close();
    }

    private static Configuration parse(String json) {
        try {
            return Configuration.parse(json);
        } catch (JsonProcessingException wrong) {
            throw new IllegalArgumentException(wrong);
        }
    }

    @Test
    void shipped_file_isSound() {
        Configuration shipped = Configuration.read(Path.of("heartbeat.json"));

        assertThat(shipped.probes(http)).extracting(Probe::name).containsExactly("disk", "java");
        assertThat(shipped.settings(false).hooks())
                .extracting(HookSettings::name)
                .containsExactly("page_operator");
    }

    @Test
    void settings_leftOut_haveTheirDefaults() {
        MonitorSettings settings = parse("{" + PROBES + "}").settings(false);

        assertThat(settings.interval()).isEqualTo(Duration.ofSeconds(10));
        assertThat(settings.patience()).isEqualTo(Duration.ofSeconds(2));
        assertThat(settings.budget()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.log()).isEqualTo(Path.of("heartbeat"));
        assertThat(settings.act()).isFalse();
    }

    @Test
    void options_ofTheCommandLine_takePrecedence() {
        Options options = Options.parse(
                "--config", "x", "--interval", "30", "--model", "ollama:a", "--log", "there", "--once", "--act");
        Configuration both =
                parse("{\"interval_s\":20,\"model\":\"none\"," + PROBES + "}").with(options);

        assertThat(options.once()).isTrue();
        assertThat(both.settings(options.act()).interval()).isEqualTo(Duration.ofSeconds(30));
        assertThat(both.settings(options.act()).act()).isTrue();
        assertThat(both.settings(options.act()).log()).isEqualTo(Path.of("there"));
        assertThat(both.model()).isEqualTo("ollama:a");
    }

    @Test
    void action_withARule_isReadWhole() {
        MonitorSettings settings = parse("{" + PROBES + """
                ,"actions":[{"name":"clean_tmp","description":"deletes old files","command":["rm","-rf","/tmp/old"],
                "cooldown_s":60,"timeout_s":5,"rule":{"probe":"disk","severity":"warning"}}]}""").settings(true);

        HookSettings hook = settings.hooks().get(0);
        assertThat(hook.command()).containsExactly("rm", "-rf", "/tmp/old");
        assertThat(hook.cooldown()).isEqualTo(Duration.ofMinutes(1));
        assertThat(hook.timeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(hook.rule()).contains(new HookSettings.HookRule(Optional.of("disk"), Severity.WARNING));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"interval_s\":5 | do not fit into an interval of 5.0 s",
                "\"interval_s\":-1 | interval_s is -1.0",
                "\"name\":\"a b\" | name of the monitor is 'a b'",
                "\"settle_ticks\":0 | settle_ticks is 0",
                "\"actions\":[{\"description\":\"x\"}] | name of an action is missing",
                "\"actions\":[{\"name\":\"a\",\"description\":\"x\"}] | needs either a command or",
                "\"actions\":[{\"name\":\"a\",\"description\":\"x\",\"alert\":true,\"rule\":{\"severity\":\"bad\"}}] | 'bad'; it is one of ok",
                "\"actions\":[{\"name\":\"a\",\"description\":\"x\",\"alert\":true,\"rule\":{\"probe\":\"q\",\"severity\":\"ok\"}}] | probe 'q', which is none",
                "\"actions\":[{\"name\":\"a\",\"description\":\"x\",\"alert\":true},{\"name\":\"a\",\"description\":\"x\",\"alert\":true}] | two of the configuration's actions",
            })
    void settings_thatAreWrong_sayWhatToMend(String entry, String message) {
        assertThatThrownBy(() -> parse("{" + PROBES + "," + entry + "}").settings(false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"type\":\"ping\",\"name\":\"a\"} | it is one of http, process and disk",
                "{\"type\":\"http\",\"name\":\"a\",\"url\":\"ftp://there\"} | url of probe 'a' is 'ftp://there'",
                "{\"type\":\"http\",\"name\":\"a\"} | url of probe 'a' is missing",
                "{\"type\":\"process\",\"name\":\"a\"} | pid_file or command of probe 'a' is missing",
                "{\"type\":\"disk\",\"name\":\"a.b\",\"path\":\"/\"} | name of a probe is 'a.b'",
            })
    void probes_thatAreWrong_sayWhatToMend(String entry, String message) {
        assertThatThrownBy(() -> parse("{\"probes\":[" + entry + "]}").probes(http))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void probes_none_isAnError() {
        assertThatThrownBy(() -> parse("{}").probes(http)).hasMessageContaining("no probes");
    }

    @Test
    void read_unknownNameOrNoFile_saysWhich() throws Exception {
        Path file = Files.writeString(folder.resolve("c.json"), "{\n\"intervall_s\": 5}");

        assertThatThrownBy(() -> Configuration.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("c.json", "intervall_s", "line 2");
        assertThatThrownBy(() -> Configuration.read(folder.resolve("missing.json")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("missing.json", "--config");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--config", "--wrong", "--config x --interval soon"})
    void commandLine_thatIsWrong_isRefused(String line) {
        assertThatThrownBy(() -> Options.parse(line.isEmpty() ? new String[0] : line.split(" ")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void model_ofEachKind_isOpenedWithoutAServer() {
        Map<String, String> environment = Map.of(Minds.MODEL_KEY, "a-secret");
        for (String spec : new String[] {
            "none",
            "llama-server:http://127.0.0.1:1",
            "ollama:llama3.2:1b",
            "ollama:llama3.2:1b@http://127.0.0.1:1",
            "system-one:http://127.0.0.1:1",
            "system-one:minds@http://127.0.0.1:1"
        }) {
            try (var model = Minds.open(spec, environment)) {
                assertThat(model.id()).isNotBlank().doesNotContain("a-secret");
            }
        }
        assertThatThrownBy(() -> Minds.open("gpt:5", environment)).hasMessageContaining("there is no model 'gpt:5'");
    }
}
