package dev.reflexloop.examples.morrowind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Decision;
import dev.reflexloop.ReflexLoop;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ActionFileTest {
    @TempDir
    Path folder;

    private Path path() {
        return folder.resolve("action.json");
    }

    /** A decision of the rule: fight the rat. */
    private static Decision decision() {
        ActionSchema schema = Tactic.schema(1);
        try (ReflexLoop loop = ReflexLoop.builder(schema, new Rule(schema).asModel())
                .session("s")
                .build()) {
            return loop.decide(Sights.at(7).enemy("rat", 2).build());
        }
    }

    @Test
    void action_written_saysAllThatThePilotNeeds() throws IOException {
        Decision decision = decision();
        new ActionFile(path()).write(decision, decision.at().plusMillis(500));
        JsonNode action = new ObjectMapper().readTree(path().toFile());
        assertThat(action.path("decision").textValue()).isEqualTo("s-1");
        assertThat(action.path("entity").textValue()).isEqualTo("e");
        assertThat(action.path("tick").longValue()).isEqualTo(7);
        assertThat(action.path("action").textValue()).isEqualTo("fight");
        assertThat(action.path("target").textValue()).isEqualTo("rat");
        assertThat(action.path("served").textValue()).isEqualTo("model");
        assertThat(action.path("because").isNull()).isTrue();
        assertThat(action.path("probability").doubleValue()).isEqualTo(1);
        assertThat(action.path("validUntilMillis").longValue()
                        - action.path("issuedAtMillis").longValue())
                .isEqualTo(500);
    }

    /** As on Windows, where a file that somebody reads cannot be replaced. */
    @Test
    void file_thatIsBeingRead_isReplacedAtTheNextTry() {
        int[] refusals = {3};
        ActionFile file = new ActionFile(path(), (from, to) -> {
            if (refusals[0]-- > 0) {
                throw new AccessDeniedException(to.toString());
            }
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        });
        Decision decision = decision();
        file.write(decision, decision.at());
        assertThat(path()).isRegularFile();
        assertThat(file.repeated()).isEqualTo(3);
    }

    @Test
    void file_thatStaysInUse_isGivenUpAndLeavesNothingBehind() throws IOException {
        ActionFile file = new ActionFile(path(), (from, to) -> {
            throw new AccessDeniedException(to.toString());
        });
        Decision decision = decision();
        assertThatExceptionOfType(ActionFile.NotWritten.class)
                .isThrownBy(() -> file.write(decision, decision.at()))
                .withMessageContaining("action.json");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void link_inPlaceOfTheFile_isReplacedAndNotFollowed() throws IOException {
        Path elsewhere = Files.writeString(folder.resolve("precious.txt"), "precious");
        try {
            Files.createSymbolicLink(path(), elsewhere);
        } catch (IOException | UnsupportedOperationException notAllowed) {
            Assumptions.abort("symbolic links cannot be made here: " + notAllowed);
        }
        Decision decision = decision();
        new ActionFile(path()).write(decision, decision.at());
        assertThat(elsewhere).hasContent("precious");
        assertThat(path()).isRegularFile();
        assertThat(Files.isSymbolicLink(path())).isFalse();
    }

    @Test
    void folder_thatVanished_isMadeAgain() throws IOException {
        Path gone = folder.resolve("gone");
        Decision decision = decision();
        new ActionFile(gone.resolve("action.json")).write(decision, decision.at());
        assertThat(gone.resolve("action.json")).isRegularFile();
    }
}
