package dev.reflexloop.llm.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reflexloop.UnusableModelException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LlamaExecutableTest {
    private static final Path MODEL = Path.of("model.gguf");

    @TempDir
    Path folder;

    private Path program(String place) throws IOException {
        Path program = folder.resolve(place);
        Files.createDirectories(program.getParent());
        Files.writeString(program, "");
        assertThat(program.toFile().setExecutable(true)).isTrue();
        return program;
    }

    private LlamaExecutable machine(String named, Map<String, String> environment, boolean windows) {
        return new LlamaExecutable(named, environment, folder.resolve("home"), windows);
    }

    @Test
    void find_propertyVariableAndPath_propertyCountsBeforeVariableBeforePath() throws IOException {
        Path property = program("property/my-server");
        Path variable = program("variable/my-server");
        Path path = program("path/llama-server");
        String search = folder.resolve("empty") + File.pathSeparator + path.getParent();
        Map<String, String> both = Map.of("REFLEX_LLAMA_SERVER", variable.toString(), "PATH", search);

        assertThat(machine(property.toString(), both, false).find(MODEL)).isEqualTo(property);
        assertThat(machine("", both, false).find(MODEL)).isEqualTo(variable);
        assertThat(machine("", Map.of("PATH", search), false).find(MODEL)).isEqualTo(path);
    }

    @Test
    void find_notOnThePath_looksInTheUsualPlace() throws IOException {
        Path usual = program("home/.cache/reflex/llama/bin/llama-server");

        assertThat(machine("", Map.of("PATH", "\0bad"), false).find(MODEL)).isEqualTo(usual);
    }

    @Test
    void find_onWindows_looksForTheExeWhereWingetPutsIt() throws IOException {
        Path exe = program("local/Microsoft/WinGet/Links/llama-server.exe");
        program("path/llama-server");
        Map<String, String> environment = Map.of(
                "LocalAppData",
                folder.resolve("local").toString(),
                "Path",
                folder.resolve("path").toString());

        assertThat(machine("", environment, true).find(MODEL)).isEqualTo(exe);
    }

    @Test
    void find_namedProgramThatIsNotThere_isNotPassedOver() throws IOException {
        Path path = program("path/llama-server");
        Map<String, String> environment = Map.of(
                "REFLEX_LLAMA_SERVER",
                folder.resolve("gone").toString(),
                "PATH",
                path.getParent().toString());

        assertThatThrownBy(() -> machine("", environment, false).find(MODEL))
                .isInstanceOf(UnusableModelException.class)
                .hasMessageContaining("REFLEX_LLAMA_SERVER names " + folder.resolve("gone"));
        assertThatThrownBy(() -> machine(folder.toString(), environment, false).find(MODEL))
                .hasMessageContaining("reflex.llama.server names " + folder);
    }

    @Test
    void find_nowhere_saysHowToGetItOnEachSystem() {
        LlamaExecutable empty = machine("", Map.of(), true);

        assertThatThrownBy(() -> empty.find(MODEL))
                .isInstanceOf(UnusableModelException.class)
                .hasMessageContaining("apt install llama.cpp")
                .hasMessageContaining("github.com/ggml-org/llama.cpp/releases")
                .hasMessageContaining("brew install llama.cpp")
                .hasMessageContaining("winget install llama.cpp")
                .hasMessageContaining("executable(...)")
                .hasMessageContaining("reflex.llama.server")
                .hasMessageContaining("REFLEX_LLAMA_SERVER");
    }

    @Test
    void find_fileWithoutPermission_isNoProgram() throws IOException {
        Path program = program("path/llama-server");
        assumeTrue(
                program.toFile().setExecutable(false) && !Files.isExecutable(program),
                "no permissions on this file system");

        assertThat(machine("", Map.of("PATH", program.getParent().toString()), false)
                        .installed())
                .isNotEqualTo(Optional.of(program));
    }

    @Test
    void start_withoutAModelFile_namesTheFile() {
        assertThatThrownBy(
                        () -> LlamaServer.builder(folder.resolve("none.gguf")).start())
                .isInstanceOf(UnusableModelException.class)
                .hasMessageContaining("none.gguf")
                .hasMessageContaining("no such file");
    }
}
