package dev.reflexloop.codex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CodexKeyTest {
    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("keys").resolve("codex.pem");
    }

    @Test
    void key_thatWasCreated_isTheSameWhenLoaded() {
        CodexKey created = CodexKey.loadOrCreate(file());
        assertThat(CodexKey.loadOrCreate(file()).publicText()).isEqualTo(created.publicText());
        assertThat(CodexKey.load(file()).publicText()).isEqualTo(created.publicText());
    }

    @Test
    void textForm_ofAKey_showsThePublicHalfOnly() throws IOException {
        CodexKey key = CodexKey.loadOrCreate(file());
        String secret = Files.readString(file()).lines().toList().get(1);
        assertThat(secret).hasSizeGreaterThan(40);
        assertThat(key.toString()).contains(key.publicText()).doesNotContain(secret);
    }

    @Test
    void file_ofAKey_isItsOwnersOnly() throws IOException {
        assumeThat(Files.getFileStore(folder).supportsFileAttributeView("posix"))
                .isTrue();
        CodexKey.loadOrCreate(file());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");

        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r-----"));
        assertThatThrownBy(() -> CodexKey.loadOrCreate(file()))
                .isInstanceOf(CodexException.class)
                .hasMessageContaining("chmod 600");
    }

    @Test
    void file_thatHoldsNoWholeKey_isRefusedWithoutShowingIt() throws IOException {
        CodexKey.loadOrCreate(file());
        String whole = Files.readString(file());
        String secret = whole.lines().toList().get(1);
        Path other = folder.resolve("other.pem");
        CodexKey.loadOrCreate(other);
        String mixed = whole.substring(0, whole.indexOf("-----BEGIN PUBLIC"))
                + Files.readString(other).substring(whole.indexOf("-----BEGIN PUBLIC"));
        for (String broken : new String[] {
            "", "hello", mixed, whole.replace(secret, secret.substring(4)), whole.substring(0, whole.length() / 2)
        }) {
            Files.writeString(file(), broken);
            assertThatThrownBy(() -> CodexKey.load(file()))
                    .isInstanceOf(CodexException.class)
                    .hasNoCause()
                    .hasMessageContaining("no whole Ed25519 key")
                    .message()
                    .doesNotContain(secret.substring(10, 30));
        }
        assertThatThrownBy(() -> CodexKey.load(folder.resolve("missing"))).hasMessageContaining("no such key");
    }
}
