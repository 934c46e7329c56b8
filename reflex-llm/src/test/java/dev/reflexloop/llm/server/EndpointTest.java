package dev.reflexloop.llm.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {
    private static final String KEY = "sk-very-secret";

    @ParameterizedTest
    @ValueSource(
            strings = {"http://127.0.0.1:8082", "https://models.example/prefix", "http://[::1]:8082", "HTTP://localhost"
            })
    void address_ofAServer_isKept(String address) {
        assertThat(Endpoint.of(address)).hasToString(address);
        assertThat(Endpoint.of(address).socket()).isEmpty();
    }

    @Test
    void address_withASlashAtItsEnd_isTheSameWithoutIt() {
        assertThat(Endpoint.of("http://localhost:1/")).isEqualTo(Endpoint.of("http://localhost:1"));
        assertThat(Endpoint.of("https://models.example/a/")).isEqualTo(Endpoint.of("https://models.example/a"));
    }

    @Test
    void address_ofAUnixSocket_isAbsolute() {
        assertThat(Endpoint.of("unix:run/model.sock").socket())
                .contains(Path.of("run/model.sock").toAbsolutePath());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost:8082",
                "127.0.0.1",
                "ftp://localhost",
                "http:///path",
                "http://a_b:1",
                "http://exa mple",
                "unix:"
            })
    void address_thatIsNone_isRefusedWithAnExample(String address) {
        assertThatThrownBy(() -> Endpoint.of(address))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + address + "'")
                .hasMessageContaining("http://127.0.0.1:8082");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://user:sk-very-secret@localhost",
                "http://localhost?key=sk-very-secret",
                "http://localhost#sk-very-secret",
                "ftp://user:sk-very-secret@localhost",
                "http://user:sk-very-secret@local host",
                "http:///?sk-very-secret"
            })
    void address_thatMayHoldAKey_isRefusedWithoutShowingIt(String address) {
        assertThatThrownBy(() -> Endpoint.of(address))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining(KEY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "two words", "line\nbreak", "caf\u00e9", "sk-very-secret\r\nHost: elsewhere"})
    void key_thatNoHeaderCarries_isRefusedWithoutShowingIt(String key) {
        assertThatThrownBy(() -> Endpoint.of("http://localhost").apiKey(key))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("http://localhost")
                .hasMessageNotContaining(KEY);
    }

    @Test
    void text_ofAnEndpointWithAKey_doesNotShowIt() {
        Endpoint endpoint = Endpoint.of("http://localhost").apiKey(KEY);
        assertThat(endpoint.toString()).isEqualTo("http://localhost");
        assertThat(endpoint.key()).contains(KEY);
    }

    @Test
    void endpoints_thatDifferInAnything_areNotEqual() {
        Endpoint endpoint = Endpoint.of("http://localhost");
        assertThat(endpoint)
                .isEqualTo(Endpoint.of("http://localhost"))
                .hasSameHashCodeAs(Endpoint.of("http://localhost"))
                .isNotEqualTo(endpoint.apiKey(KEY))
                .isNotEqualTo(endpoint.maxReplyBytes(7))
                .isNotEqualTo(Endpoint.of("unix:/tmp/x"))
                .isNotEqualTo("http://localhost");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void replyBound_belowOne_isRefused(long bytes) {
        assertThatThrownBy(() -> Endpoint.of("http://localhost").maxReplyBytes(bytes))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("" + bytes);
    }
}
