package dev.reflexloop.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void write() throws IOException {
        file = folder.resolve("model.gguf.checkpoint");
        new Checkpoint(99, 7, 1234, 2, 5, 0.5, 0.25, ramp(1), ramp(2), ramp(3), ramp(4)).write(file);
    }

    @Test
    void read_whatWasWritten_isTheSame() {
        Checkpoint read = Checkpoint.read(file, 99, 70_000).orElseThrow();

        assertThat(read.step()).isEqualTo(7);
        assertThat(read.elapsedNanos()).isEqualTo(1234);
        assertThat(read.stale()).isEqualTo(2);
        assertThat(read.endingSince()).isEqualTo(5);
        assertThat(read.progressAtEnding()).isEqualTo(0.5);
        assertThat(read.bestLoss()).isEqualTo(0.25);
        assertThat(read.weights()).containsExactly(ramp(1));
        assertThat(read.first()).containsExactly(ramp(2));
        assertThat(read.second()).containsExactly(ramp(3));
        assertThat(read.best()).containsExactly(ramp(4));
    }

    @Test
    void read_ofAnotherRunOrSize_isNothing() {
        assertThat(Checkpoint.read(file, 98, 70_000)).isEmpty();
        assertThat(Checkpoint.read(file, 99, 70_001)).isEmpty();
        assertThat(Checkpoint.read(folder.resolve("absent"), 99, 70_000)).isEmpty();
    }

    @Test
    void read_oneBitFlippedOrTorn_isNothing() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        byte[] flipped = whole.clone();
        flipped[whole.length / 2] ^= 1;
        Files.write(file, flipped);
        assertThat(Checkpoint.read(file, 99, 70_000)).isEmpty();

        for (int length : new int[] {0, 7, 40, whole.length / 3, whole.length - 1}) {
            Files.write(file, java.util.Arrays.copyOf(whole, length));
            assertThat(Checkpoint.read(file, 99, 70_000)).isEmpty();
        }
    }

    private static float[] ramp(float step) {
        float[] values = new float[70_000];
        for (int i = 0; i < values.length; i++) {
            values[i] = i * step;
        }
        return values;
    }
}
