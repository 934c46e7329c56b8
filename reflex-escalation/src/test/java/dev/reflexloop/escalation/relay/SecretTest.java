package dev.reflexloop.escalation.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretTest {
    @TempDir
    Path folder;

    @Test
    void secret_fromTheEnvironment_isReadAndNeverShown() {
        Secret secret = Secret.fromEnvironment("BOT_TOKEN", Map.of("BOT_TOKEN", " hush-hush\n"));

        assertThat(secret.reveal()).isEqualTo("hush-hush");
        assertThat(secret).hasToString("Secret[environment variable BOT_TOKEN]");
    }

    @Test
    void secret_fromAVariableThatIsNotSet_namesItAndWhatToDo() {
        assertThatThrownBy(() -> Secret.fromEnvironment("REFLEX_TEST_NOT_SET"))
                .isInstanceOf(RelayException.class)
                .hasMessageContaining("REFLEX_TEST_NOT_SET is not set; set it");
    }

    @Test
    void secret_fromAFile_isReadAndNeverShown() throws IOException {
        Path file = Files.writeString(folder.resolve("token"), "hush-hush\r\n");
        Secret secret = Secret.fromFile(file);

        assertThat(secret.reveal()).isEqualTo("hush-hush");
        assertThat(secret).hasToString("Secret[file " + file + "]");
        assertThatThrownBy(() -> Secret.fromFile(folder.resolve("missing")))
                .isInstanceOf(RelayException.class)
                .hasMessageContaining("missing cannot be read")
                .hasMessageContaining("create it");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " \n", "two\nlines", "h\u00fcsh", "nul\u0000"})
    void secret_thatIsNone_isRefusedWithoutShowingIt(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("f"), text);
        assertThatThrownBy(() -> Secret.fromFile(file))
                .isInstanceOf(RelayException.class)
                .hasMessageContaining("put the token there")
                .message()
                .doesNotContain("two", "sh", "nul");
    }
}
