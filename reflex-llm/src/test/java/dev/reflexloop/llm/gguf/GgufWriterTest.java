package dev.reflexloop.llm.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reflexloop.llm.gguf.GgufWriter.TensorType;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufWriterTest {

    @TempDir
    Path folder;

    @Test
    void write_keysOfEveryType_areReadBack() throws IOException {
        Path file = folder.resolve("deep/keys.gguf");
        new GgufWriter()
                .put("text", "Größe <x>")
                .put("whole", 42)
                .put("real", 0.25f)
                .put("yes", true)
                .put("no", false)
                .putStrings("texts", List.of("a", "", "ü"))
                .putInts("wholes", 1, -2)
                .putFloats("reals", 0f, -1.5f)
                .write(file);

        assertThat(new GgufDump(file).keys)
                .containsEntry("text", "Größe <x>")
                .containsEntry("whole", 42)
                .containsEntry("real", 0.25f)
                .containsEntry("yes", true)
                .containsEntry("no", false)
                .containsEntry("texts", List.of("a", "", "ü"))
                .containsEntry("wholes", List.of(1, -2))
                .containsEntry("reals", List.of(0f, -1.5f));
    }

    @Test
    void write_tensorsOfOddSizes_areAlignedAndExactInF32() throws IOException {
        float[] odd = random(7);
        float[] matrix = random(3 * 5);
        Path file = folder.resolve("tensors.gguf");
        new GgufWriter()
                .tensor("odd", TensorType.F32, FloatBuffer.wrap(odd), 7)
                .tensor("matrix", TensorType.F32, FloatBuffer.wrap(matrix), 5, 3)
                .write(file);

        GgufDump dump = new GgufDump(file);
        assertThat(dump.tensors.get("odd").values()).containsExactly(odd);
        assertThat(dump.tensors.get("matrix").values()).containsExactly(matrix);
        assertThat(dump.tensors.get("matrix").dimensions()).containsExactly(5L, 3L);
        assertThat(dump.tensors.values())
                .allSatisfy(tensor -> assertThat(tensor.offset() % 32).isZero());
        assertThat(Files.size(file) % 32).isZero();
    }

    @Test
    void write_quantisedTensors_staysWithinTheirPrecision() throws IOException {
        float[] values = random(4 * 64);
        Path file = folder.resolve("quantised.gguf");
        new GgufWriter()
                .tensor("half", TensorType.F16, FloatBuffer.wrap(values), 64, 4)
                .tensor("q8", TensorType.Q8_0, FloatBuffer.wrap(values), 64, 4)
                .tensor("zero", TensorType.Q8_0, FloatBuffer.wrap(new float[32]), 32)
                .write(file);

        GgufDump dump = new GgufDump(file);
        for (int i = 0; i < values.length; i++) {
            assertThat(dump.tensors.get("half").values()[i])
                    .isCloseTo(values[i], within(Math.abs(values[i]) / 1024 + 1e-6f));
            assertThat(dump.tensors.get("q8").values()[i]).isCloseTo(values[i], within(4f / 127));
        }
        assertThat(dump.tensors.get("zero").values()).containsOnly(0f);
    }

    @Test
    void write_fourBitTensor_isWhatTheReferenceQuantisationGives() throws IOException {
        float[] values = random(64 * 3);
        Path file = folder.resolve("four.gguf");
        new GgufWriter()
                .tensor("q4", TensorType.Q4_0, FloatBuffer.wrap(values), 64, 3)
                .tensor("zero", TensorType.Q4_0, FloatBuffer.wrap(new float[32]), 32)
                .write(file);

        float[] read = new GgufDump(file).tensors.get("q4").values();
        for (int block = 0; block < values.length; block += 32) {
            float largest = 0;
            for (int i = block; i < block + 32; i++) {
                largest = Math.abs(values[i]) > Math.abs(largest) ? values[i] : largest;
            }
            float scale = Float16.toFloat(Float16.of(largest / -8));
            for (int i = block; i < block + 32; i++) {
                double steps = read[i] / scale;
                assertThat(steps).isCloseTo(Math.rint(steps), within(1e-4));
                assertThat(Math.rint(steps)).isBetween(-8.0, 7.0);
                // one step at the end of the grid that is cut off, half a step elsewhere
                double most = values[i] / scale > 7.5 ? 1 : 0.5;
                assertThat(read[i]).isCloseTo(values[i], within((float) (Math.abs(scale) * (most + 0.01))));
            }
        }
        assertThat(new GgufDump(file).tensors.get("zero").values()).containsOnly(-0f);
    }

    @Test
    void write_tensorsFromSources_areThoseFromBuffers() throws IOException {
        float[] values = random(64 * 700);
        for (TensorType type : TensorType.values()) {
            Path whole = folder.resolve(type + "-whole.gguf");
            Path pieces = folder.resolve(type + "-pieces.gguf");
            new GgufWriter()
                    .tensor("matrix", type, FloatBuffer.wrap(values), 64, 700)
                    .write(whole);
            new GgufWriter()
                    .tensor(
                            "matrix",
                            type,
                            (first, target) -> System.arraycopy(values, (int) first, target, 0, target.length),
                            64,
                            700)
                    .write(pieces);

            assertThat(pieces).hasSameBinaryContentAs(whole);
        }
    }

    @Test
    void write_ownAlignment_isThatOfTheTensors() throws IOException {
        Path file = folder.resolve("aligned.gguf");
        new GgufWriter()
                .put("general.alignment", 256)
                .tensor("a", TensorType.F32, FloatBuffer.wrap(random(5)), 5)
                .tensor("b", TensorType.F32, FloatBuffer.wrap(random(5)), 5)
                .write(file);

        try (GgufFile read = GgufFile.open(file)) {
            assertThat(read.tensors())
                    .allSatisfy(tensor -> assertThat(tensor.position() % 256).isZero());
            float[] b = new float[5];
            read.readRows(read.tensor("b").orElseThrow(), 0, 1, b);
            assertThat(b).isEqualTo(random(5));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GgufWriter().put("general.alignment", 33))
                .withMessageContaining("power of two");
    }

    @Test
    void write_overAnExistingFile_leavesNoOtherFileBehind() throws IOException {
        Path file = folder.resolve("model.gguf");
        Files.writeString(file, "old");
        new GgufWriter().put("key", 1).write(file);

        assertThat(new GgufDump(file).keys).containsOnlyKeys("key");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void write_whereTheFolderIsAFile_throwsAndLeavesItAlone() throws IOException {
        Path blocked = Files.writeString(folder.resolve("blocked"), "here");

        assertThatThrownBy(() -> new GgufWriter().write(blocked.resolve("model.gguf")))
                .isInstanceOf(IOException.class);
        assertThat(blocked).hasContent("here");
    }

    @Test
    void tensor_badShapeOrName_isRefusedByName() {
        GgufWriter writer = new GgufWriter().put("key", 1);
        FloatBuffer values = FloatBuffer.wrap(new float[48]);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> writer.tensor("rows", TensorType.Q8_0, values, 24, 2))
                .withMessageContaining("rows")
                .withMessageContaining("multiple of 32");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> writer.tensor("size", TensorType.F32, values, 7, 7))
                .withMessageContaining("49");
        assertThatIllegalArgumentException().isThrownBy(() -> writer.tensor("", TensorType.F32, values, 48));
        assertThatIllegalArgumentException().isThrownBy(() -> writer.put("key", 2));
        assertThatIllegalArgumentException().isThrownBy(() -> writer.put("negative", -1));
    }

    private static float[] random(int length) {
        Random random = new Random(3);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
