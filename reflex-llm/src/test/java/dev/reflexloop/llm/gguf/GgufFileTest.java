package dev.reflexloop.llm.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.reflexloop.ReflexException;
import dev.reflexloop.UnusableModelException;
import dev.reflexloop.codex.Codex;
import dev.reflexloop.llm.GgufFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GgufFileTest {
    @TempDir
    Path folder;

    private static GgufFixture small(GgufFixture.Type type) {
        GgufFixture fixture = new GgufFixture();
        fixture.metadata.put("text", "caf\u00e9");
        fixture.metadata.put("integer", 7);
        fixture.metadata.put("long", -5L);
        fixture.metadata.put("float", 0.5f);
        fixture.metadata.put("flag", true);
        fixture.metadata.put("texts", List.of("a", "", "b"));
        fixture.metadata.put("floats", new float[] {1, 2.5f});
        fixture.metadata.put("integers", new int[] {-1, 3});
        float[] values = new float[64 * 3];
        Random random = new Random(1);
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        fixture.tensors.put("matrix", new GgufFixture.Tensor(type, new int[] {64, 3}, values));
        fixture.tensors.put(
                "vector", new GgufFixture.Tensor(GgufFixture.Type.F32, new int[] {5}, new float[] {1, 2, 3, 4, 5}));
        return fixture;
    }

    private Path write(byte[] bytes) {
        try {
            return Files.write(folder.resolve("file.gguf"), bytes);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static byte[] changed(Consumer<ByteBuffer> change) {
        byte[] bytes = small(GgufFixture.Type.F32).bytes();
        change.accept(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
        return bytes;
    }

    @Test
    void open_everyKindOfMetadata_isReadByItsKindOnly() {
        try (GgufFile file = GgufFile.open(write(small(GgufFixture.Type.F32).bytes()))) {
            assertThat(file.string("text")).contains("caf\u00e9");
            assertThat(file.integer("integer")).hasValue(7);
            assertThat(file.integer("long")).hasValue(-5);
            assertThat(file.number("float")).hasValue(0.5);
            assertThat(file.number("integer")).hasValue(7);
            assertThat(file.flag("flag")).contains(true);
            assertThat(file.strings("texts")).contains(List.of("a", "", "b"));
            assertThat(file.floats("floats").orElseThrow()).containsExactly(1, 2.5f);
            assertThat(file.floats("integers").orElseThrow()).containsExactly(-1, 3);
            assertThat(file.string("absent")).isEmpty();
            assertThat(file.keys()).hasSize(8);
            assertThatThrownBy(() -> file.string("integer"))
                    .isInstanceOf(UnusableModelException.class)
                    .hasMessageContaining("'integer'");
            assertThatThrownBy(() -> file.integer("float")).isInstanceOf(UnusableModelException.class);
            assertThatThrownBy(() -> file.flag("text")).isInstanceOf(UnusableModelException.class);
            assertThatThrownBy(() -> file.strings("floats")).isInstanceOf(UnusableModelException.class);
            assertThatThrownBy(() -> file.floats("texts")).isInstanceOf(UnusableModelException.class);
        }
    }

    @Test
    void readRows_everyReadableType_givesTheNumbers() {
        for (GgufFixture.Type type : GgufFixture.Type.values()) {
            GgufFixture fixture = small(type);
            try (GgufFile file = GgufFile.open(write(fixture.bytes()))) {
                GgufTensor matrix = file.tensor("matrix").orElseThrow();
                float[] all = new float[64 * 3];
                file.readRows(matrix, 0, 3, all);
                assertThat(all).isEqualTo(fixture.tensors.get("matrix").values());
                float[] last = new float[64];
                file.readRows(matrix, 2, 1, last);
                assertThat(last).isEqualTo(Arrays.copyOfRange(all, 128, 192));
                assertThat(matrix.shape()).isEqualTo("64x3");
                assertThatThrownBy(() -> file.readRows(matrix, 2, 2, all)).isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> file.readRows(matrix, 0, 3, last))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @Test
    void float16_everyPattern_isWhatTheDefinitionSays() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            int exponent = (bits >>> 10) & 0x1f;
            double fraction = (bits & 0x3ff) / 1024.0;
            double magnitude = exponent == 0 ? fraction * 0x1p-14 : (1 + fraction) * Math.pow(2, exponent - 15.0);
            double expected = (bits & 0x8000) == 0 ? magnitude : -magnitude;
            float actual = Float16.toFloat((short) bits);
            if (exponent == 0x1f) {
                assertThat(Float.isInfinite(actual) || Float.isNaN(actual)).isTrue();
            } else {
                assertThat((double) actual).isEqualTo(expected);
            }
        }
    }

    @Test
    void digest_ofAFileOfSeveralChunks_isThatOfTheOpenOne() throws Exception {
        byte[] head = small(GgufFixture.Type.F32).bytes();
        Path path = write(Arrays.copyOf(head, (2 << 20) + 1));
        String expected = Codex.hashOf(path);
        try (GgufFile file = GgufFile.open(path)) {
            Files.delete(path);
            assertThat(file.digest()).isEqualTo(expected);
        }
    }

    @Test
    void open_noFileOrNoGguf_isRefusedWithARemedy() {
        assertRefused(folder.resolve("absent.gguf"), "no such file");
        assertRefused(folder, "no regular file");
        assertRefused(write(new byte[0]), "truncated");
        assertRefused(
                write("PK\u0003\u0004 this is a zip".getBytes(StandardCharsets.UTF_8)), "does not begin with 'GGUF'");
        assertRefused(write(changed(bytes -> bytes.putInt(4, 1))), "version 1");
        assertRefused(write(changed(bytes -> bytes.putInt(4, Integer.reverseBytes(3)))), "big-endian");
        assertRefused(write(changed(bytes -> bytes.putInt(0, Integer.reverseBytes(bytes.getInt(0))))), "big-endian");
    }

    private static void assertRefused(Path path, String reason) {
        assertThatThrownBy(() -> GgufFile.open(path).close())
                .isInstanceOf(UnusableModelException.class)
                .hasMessageContaining(reason)
                .hasMessageContaining(path.getFileName().toString())
                .hasMessageContaining(";");
    }

    @Test
    void open_absurdCounts_isRefusedBeforeAnythingIsAllocated() {
        for (long count : new long[] {Long.MAX_VALUE, -1, 1L << 40, 1L << 31, 100_000}) {
            assertRefused(write(changed(bytes -> bytes.putLong(8, count))), "truncated or corrupt");
            assertRefused(write(changed(bytes -> bytes.putLong(16, count))), "truncated or corrupt");
            assertRefused(write(changed(bytes -> bytes.putLong(24, count))), "truncated or corrupt");
        }
    }

    @Test
    void open_truncatedAnywhere_isRefused() {
        byte[] bytes = small(GgufFixture.Type.Q8_0).bytes();
        int needed = bytes.length - 32 + 5 * 4; // the last tensor's padding may be missing
        for (int length = 0; length < needed; length++) {
            Path path = write(Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> GgufFile.open(path).close())
                    .as("cut to %d bytes", length)
                    .isInstanceOf(UnusableModelException.class);
        }
    }

    @Test
    void open_tensorsThatOverlapOrAreThereTwice_isRefused() {
        GgufFixture fixture = small(GgufFixture.Type.F32);
        byte[] bytes = fixture.bytes();
        int at = indexOf(bytes, "vector") + "vector".length() + 4 + 8 + 4;
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(at, 0);
        assertRefused(write(bytes), "overlap");

        byte[] twice = fixture.bytes();
        System.arraycopy("matrix".getBytes(StandardCharsets.UTF_8), 0, twice, indexOf(twice, "vector"), 6);
        assertRefused(write(twice), "there twice");

        byte[] unaligned = fixture.bytes();
        ByteBuffer.wrap(unaligned).order(ByteOrder.LITTLE_ENDIAN).putLong(at, 764);
        assertRefused(write(unaligned), "not aligned");
    }

    @Test
    void readRows_otherQuantisation_isRefusedByName() {
        byte[] bytes = small(GgufFixture.Type.F32).bytes();
        int at = indexOf(bytes, "vector") + "vector".length() + 4 + 8;
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(at, GgufType.BF16.code());
        try (GgufFile file = GgufFile.open(write(bytes))) {
            assertThatThrownBy(() -> file.readRows(file.tensor("vector").orElseThrow(), 0, 1, new float[5]))
                    .isInstanceOf(UnusableModelException.class)
                    .hasMessageContaining("BF16")
                    .hasMessageContaining("F32, F16 or Q8_0");
        }
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(at, 4711);
        assertRefused(write(bytes), "4711");
    }

    private static int indexOf(byte[] bytes, String text) {
        return new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text);
    }

    @Test
    void open_mutatedBytes_isAFileOrRefused() {
        byte[] valid = small(GgufFixture.Type.F16).bytes();
        Random random = new Random(11);
        for (int i = 0; i < 4_000; i++) {
            byte[] mutated = valid.clone();
            for (int change = random.nextInt(6); change >= 0; change--) {
                mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
            }
            Path path =
                    write(random.nextInt(5) == 0 ? Arrays.copyOf(mutated, random.nextInt(mutated.length)) : mutated);
            Throwable failure = catchThrowable(() -> readAll(path));
            if (failure != null) {
                assertThat(failure).isInstanceOf(ReflexException.class).hasMessageContaining("file.gguf");
            }
        }
    }

    private static void readAll(Path path) {
        try (GgufFile file = GgufFile.open(path)) {
            for (GgufTensor tensor : file.tensors()) {
                file.readRows(tensor, 0, (int) tensor.rows(), new float[(int) tensor.elements()]);
            }
        }
    }
}
