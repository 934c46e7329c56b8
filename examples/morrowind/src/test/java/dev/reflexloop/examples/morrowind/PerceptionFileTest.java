package dev.reflexloop.examples.morrowind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Perception;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PerceptionFileTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    Path folder;

    private final Troubles troubles = new Troubles();
    private Path path;
    private PerceptionFile file;
    private Instant now = START;

    @BeforeEach
    void watch() {
        path = folder.resolve("perception.json");
        file = new PerceptionFile(path, troubles);
    }

    private static String perception(int tick) {
        return "{\"entity\":\"e\",\"tick\":" + tick + "}";
    }

    /** Writes with the time that the test's clock shows. */
    private void write(String text) throws IOException {
        Files.writeString(path, text);
        Files.setLastModifiedTime(path, FileTime.from(now));
    }

    private void later(long millis) {
        now = now.plusMillis(millis);
    }

    @Test
    void file_thatIsNotThere_isNothingAndNoTrouble() {
        assertThat(file.look(now)).isEmpty();
        assertThat(troubles.count(Troubles.Kind.UNREADABLE_FILE)).isZero();
    }

    @Test
    void file_thatIsASymbolicLink_isRefusedOnceAndReadWhenItIsAFile() throws IOException {
        write(perception(1));
        Path elsewhere = Files.move(path, folder.resolve("elsewhere.json"));
        Files.createSymbolicLink(path, elsewhere);
        assertThat(file.look(now)).isEmpty();
        assertThat(file.look(now)).isEmpty();
        assertThat(troubles.count(Troubles.Kind.UNREADABLE_FILE)).isEqualTo(1);
        Files.delete(path);
        write(perception(2));
        assertThat(file.look(now)).map(Perception::tick).contains(2L);
    }

    @Test
    void goal_thatIsASymbolicLink_isRefused() throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), "a password");
        Path link = Files.createSymbolicLink(folder.resolve("goal.txt"), secret);
        GoalFile goals = new GoalFile(link, troubles);
        assertThat(goals.look(now)).isEmpty();
        assertThat(troubles.count(Troubles.Kind.UNREADABLE_FILE)).isEqualTo(1);
    }

    @Test
    void file_thatChanged_isReadOnce() throws IOException {
        write(perception(1));
        assertThat(file.look(now)).map(Perception::tick).contains(1L);
        assertThat(file.look(now)).isEmpty();
        later(1_000);
        assertThat(file.look(now)).isEmpty();
        write(perception(2));
        assertThat(file.look(now)).map(Perception::tick).contains(2L);
        assertThat(file.read()).isEqualTo(2);
    }

    /** File systems count time in steps: the second write leaves time and size as they were. */
    @Test
    void file_writtenTwiceWithinOneStepOfTime_isReadTwice() throws IOException {
        write(perception(1));
        assertThat(file.look(now)).map(Perception::tick).contains(1L);
        write(perception(2));
        later(50);
        assertThat(file.look(now)).map(Perception::tick).contains(2L);
    }

    @Test
    void file_halfWritten_isReadWhenItIsWhole() throws IOException {
        String whole = perception(1);
        write(whole.substring(0, 10));
        assertThat(file.look(now)).isEmpty();
        later(20);
        write(whole);
        assertThat(file.look(now)).map(Perception::tick).contains(1L);
        assertThat(file.mended()).isEqualTo(1);
        later(10_000);
        file.look(now);
        assertThat(troubles.count(Troubles.Kind.TORN_PERCEPTION)).isZero();
    }

    @Test
    void file_thatStaysHalfWritten_isCountedOnceAsTorn() throws IOException {
        write(perception(1).substring(0, 10));
        for (int look = 0; look < 100; look++) {
            assertThat(file.look(now)).isEmpty();
            later(50);
        }
        assertThat(troubles.count(Troubles.Kind.TORN_PERCEPTION)).isEqualTo(1);
        write(perception(2));
        assertThat(file.look(now)).map(Perception::tick).contains(2L);
    }

    @Test
    void file_thatIsNoPerception_isCountedOnce() throws IOException {
        write("{\"entity\":7}");
        for (int look = 0; look < 10; look++) {
            assertThat(file.look(now)).isEmpty();
            later(50);
        }
        assertThat(troubles.count(Troubles.Kind.REFUSED_PERCEPTION)).isEqualTo(1);
    }

    @Test
    void file_thatIsTooLarge_isNotRead() throws IOException {
        write("{\"entity\":\"e\",\"tick\":1,\"x\":\"" + "x".repeat(1 << 20) + "\"}");
        assertThat(file.look(now)).isEmpty();
        assertThat(file.look(now)).isEmpty();
        assertThat(troubles.count(Troubles.Kind.UNREADABLE_FILE)).isEqualTo(1);
    }

    @Test
    void folder_inPlaceOfTheFile_isCountedOnce() throws IOException {
        Files.createDirectory(path);
        assertThat(file.look(now)).isEmpty();
        assertThat(file.look(now)).isEmpty();
        assertThat(troubles.count(Troubles.Kind.UNREADABLE_FILE)).isEqualTo(1);
        Files.delete(path);
        write(perception(3));
        assertThat(file.look(now)).map(Perception::tick).contains(3L);
    }
}
