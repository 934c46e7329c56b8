package dev.reflexloop.training;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/*
 * GGUF version 3, little endian: magic, version, number of tensors, number of keys, the keys, one descriptor per tensor
 * (name, dimensions with the fastest first, type, offset), padding to the alignment, then the tensors, each padded to
 * the alignment. Source: ggml/docs/gguf.md of llama.cpp.
 */
/**
 * Writes a GGUF file: keys with values, and tensors in F32, F16 or Q8_0.
 *
 * <p>Collects keys and tensors, then {@link #write} makes the file in one go: into a temporary file beside the target,
 * forced to disk, and moved over it. A reader therefore sees the old file or the whole new one, never a part.
 *
 * <p>Keys and tensors are written in the order in which they were added. One thread at a time.
 */
public final class GgufWriter {

    /** How the numbers of a tensor are stored. */
    public enum TensorType {
        /** 32-bit floats, exact. */
        F32(0, 0, 1, 4),
        /** 16-bit floats, rounded to nearest even. */
        F16(1, 1, 1, 2),
        /** Blocks of 32 signed bytes with one 16-bit scale; rows must be a multiple of 32 long. */
        Q8_0(8, 7, 32, 34);

        private final int id;
        private final int fileType;
        private final int blockLength;
        private final int blockBytes;

        TensorType(int id, int fileType, int blockLength, int blockBytes) {
            this.id = id;
            this.fileType = fileType;
            this.blockLength = blockLength;
            this.blockBytes = blockBytes;
        }

        /** The value of {@code general.file_type} for a file whose matrices are mostly of this type. */
        int fileType() {
            return fileType;
        }

        long bytes(long values) {
            return values / blockLength * blockBytes;
        }
    }

    private static final int ALIGNMENT = 32;
    private static final int VERSION = 3;
    private static final int BUFFER_BYTES = 1 << 20;

    private static final int UINT32 = 4;
    private static final int INT32 = 5;
    private static final int FLOAT32 = 6;
    private static final int BOOL = 7;
    private static final int STRING = 8;
    private static final int ARRAY = 9;

    private interface Value {
        void write(Sink sink) throws IOException;
    }

    private record Tensor(TensorType type, FloatBuffer values, List<Integer> dimensions) {}

    private final Map<String, Value> keys = new LinkedHashMap<>();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    /** Makes a writer without keys and tensors. */
    public GgufWriter() {}

    /**
     * Adds a text.
     *
     * @param key the key, at most 65,535 bytes; not yet used
     * @param value any text
     * @return this
     * @throws IllegalArgumentException if the key was added before
     */
    public GgufWriter put(String key, String value) {
        byte[] bytes = utf8(value);
        return add(key, sink -> {
            sink.int32(STRING);
            sink.string(bytes);
        });
    }

    /**
     * Adds an unsigned 32-bit number.
     *
     * @param key the key; not yet used
     * @param value 0 to 2,147,483,647
     * @return this
     * @throws IllegalArgumentException if the key was added before or the value is negative
     */
    public GgufWriter put(String key, int value) {
        if (value < 0) {
            throw new IllegalArgumentException(key + " must not be negative, was " + value);
        }
        return add(key, sink -> {
            sink.int32(UINT32);
            sink.int32(value);
        });
    }

    /**
     * Adds a 32-bit float.
     *
     * @param key the key; not yet used
     * @param value any number
     * @return this
     * @throws IllegalArgumentException if the key was added before
     */
    public GgufWriter put(String key, float value) {
        return add(key, sink -> {
            sink.int32(FLOAT32);
            sink.float32(value);
        });
    }

    /**
     * Adds a boolean.
     *
     * @param key the key; not yet used
     * @param value true or false
     * @return this
     * @throws IllegalArgumentException if the key was added before
     */
    public GgufWriter put(String key, boolean value) {
        return add(key, sink -> {
            sink.int32(BOOL);
            sink.bytes(new byte[] {(byte) (value ? 1 : 0)});
        });
    }

    /**
     * Adds an array of texts.
     *
     * @param key the key; not yet used
     * @param values the texts; copied
     * @return this
     * @throws IllegalArgumentException if the key was added before
     */
    public GgufWriter putStrings(String key, List<String> values) {
        List<byte[]> encoded = new ArrayList<>(values.size());
        for (String value : values) {
            encoded.add(utf8(value));
        }
        return add(key, sink -> {
            sink.arrayHeader(STRING, encoded.size());
            for (byte[] bytes : encoded) {
                sink.string(bytes);
            }
        });
    }

    /**
     * Adds an array of signed 32-bit numbers.
     *
     * @param key the key; not yet used
     * @param values the numbers; copied
     * @return this
     * @throws IllegalArgumentException if the key was added before
     */
    public GgufWriter putInts(String key, int... values) {
        int[] copy = values.clone();
        return add(key, sink -> {
            sink.arrayHeader(INT32, copy.length);
            for (int value : copy) {
                sink.int32(value);
            }
        });
    }

    /**
     * Adds an array of 32-bit floats.
     *
     * @param key the key; not yet used
     * @param values the numbers; copied
     * @return this
     * @throws IllegalArgumentException if the key was added before
     */
    public GgufWriter putFloats(String key, float... values) {
        float[] copy = values.clone();
        return add(key, sink -> {
            sink.arrayHeader(FLOAT32, copy.length);
            for (float value : copy) {
                sink.float32(value);
            }
        });
    }

    /**
     * Adds a tensor.
     *
     * @param name the tensor's name, at most 64 bytes as llama.cpp demands; not yet used
     * @param type how it is stored
     * @param values its numbers, row by row; read when the file is written, so do not change them before
     * @param dimensions one to four lengths, the fastest changing first: a matrix of R rows of C numbers is {@code C, R}
     * @return this
     * @throws IllegalArgumentException if the name was added before or is too long, the dimensions do not multiply to the
     *     number of values, or a row does not fill whole blocks of the type
     */
    public GgufWriter tensor(String name, TensorType type, FloatBuffer values, int... dimensions) {
        Objects.requireNonNull(type, "type");
        if (name.isEmpty() || utf8(name).length > 63) {
            throw new IllegalArgumentException("name of a tensor must have 1 to 63 bytes, was '" + name + "'");
        }
        if (dimensions.length < 1 || dimensions.length > 4) {
            throw new IllegalArgumentException(name + " must have 1 to 4 dimensions, has " + dimensions.length);
        }
        long size = 1;
        for (int length : dimensions) {
            if (length < 1) {
                throw new IllegalArgumentException(name + " has an empty dimension " + Arrays.toString(dimensions));
            }
            size = Math.multiplyExact(size, length);
        }
        if (size != values.remaining()) {
            throw new IllegalArgumentException(name + " needs " + size + " values for " + Arrays.toString(dimensions)
                    + ", got " + values.remaining());
        }
        if (dimensions[0] % type.blockLength != 0) {
            throw new IllegalArgumentException(name + " has rows of " + dimensions[0] + " values; " + type
                    + " needs a multiple of " + type.blockLength + ", store it as F16 or F32");
        }
        if (tensors.putIfAbsent(
                        name,
                        new Tensor(
                                type,
                                values.duplicate(),
                                Arrays.stream(dimensions).boxed().toList()))
                != null) {
            throw new IllegalArgumentException("tensor " + name + " was added before");
        }
        return this;
    }

    /**
     * Writes the file. Blocks until it is on disk.
     *
     * @param file where to; its folder is created, an existing file is replaced
     * @throws IOException if the file cannot be written; then the target is what it was before, and no temporary file
     *     is left unless the process was killed
     */
    public void write(Path file) throws IOException {
        AtomicFiles.replace(file, temporary -> {
            try (FileChannel channel =
                    FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
                Sink sink = new Sink(channel);
                writeHeader(sink);
                for (Tensor tensor : tensors.values()) {
                    sink.pad();
                    sink.tensor(tensor.type(), tensor.values().duplicate());
                }
                sink.pad();
                sink.flush();
                channel.force(true);
            }
        });
    }

    private void writeHeader(Sink sink) throws IOException {
        sink.bytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        sink.int32(VERSION);
        sink.int64(tensors.size());
        sink.int64(keys.size());
        for (Map.Entry<String, Value> entry : keys.entrySet()) {
            sink.string(utf8(entry.getKey()));
            entry.getValue().write(sink);
        }
        long offset = 0;
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            Tensor tensor = entry.getValue();
            sink.string(utf8(entry.getKey()));
            sink.int32(tensor.dimensions().size());
            for (int length : tensor.dimensions()) {
                sink.int64(length);
            }
            sink.int32(tensor.type().id);
            sink.int64(offset);
            offset += aligned(tensor.type().bytes(tensor.values().remaining()));
        }
    }

    private GgufWriter add(String key, Value value) {
        if (key.isEmpty() || utf8(key).length > 65_535) {
            throw new IllegalArgumentException("key must have 1 to 65535 bytes, was '" + key + "'");
        }
        if (keys.putIfAbsent(key, value) != null) {
            throw new IllegalArgumentException("key " + key + " was added before");
        }
        return this;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static long aligned(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** A buffered little-endian channel that knows its position. */
    private static final class Sink {
        private final FileChannel channel;
        private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        private final byte[] block = new byte[TensorType.Q8_0.blockLength];
        private long position;

        Sink(FileChannel channel) {
            this.channel = channel;
        }

        void int32(int value) throws IOException {
            reserve(4);
            buffer.putInt(value);
        }

        void int64(long value) throws IOException {
            reserve(8);
            buffer.putLong(value);
        }

        void float32(float value) throws IOException {
            reserve(4);
            buffer.putFloat(value);
        }

        void string(byte[] text) throws IOException {
            int64(text.length);
            bytes(text);
        }

        void arrayHeader(int elementType, int length) throws IOException {
            int32(ARRAY);
            int32(elementType);
            int64(length);
        }

        void bytes(byte[] bytes) throws IOException {
            int done = 0;
            while (done < bytes.length) {
                int part = Math.min(bytes.length - done, BUFFER_BYTES);
                reserve(part);
                buffer.put(bytes, done, part);
                done += part;
            }
        }

        void tensor(TensorType type, FloatBuffer values) throws IOException {
            switch (type) {
                case F32 -> {
                    while (values.hasRemaining()) {
                        float32(values.get());
                    }
                }
                case F16 -> {
                    while (values.hasRemaining()) {
                        reserve(2);
                        buffer.putShort(HalfFloat.of(values.get()));
                    }
                }
                case Q8_0 -> {
                    float[] row = new float[type.blockLength];
                    while (values.hasRemaining()) {
                        values.get(row);
                        block(row);
                    }
                }
            }
        }

        /** One block as ggml's reference does it: scale = largest magnitude / 127, values rounded to nearest. */
        private void block(float[] row) throws IOException {
            float largest = 0;
            for (float value : row) {
                largest = Math.max(largest, Math.abs(value));
            }
            float scale = largest / 127f;
            float inverse = scale == 0f ? 0f : 1f / scale;
            for (int i = 0; i < row.length; i++) {
                block[i] = (byte) Math.round(row[i] * inverse);
            }
            reserve(2 + block.length);
            buffer.putShort(HalfFloat.of(scale));
            buffer.put(block);
        }

        void pad() throws IOException {
            long here = position + buffer.position();
            bytes(new byte[(int) (aligned(here) - here)]);
        }

        private void reserve(int bytes) throws IOException {
            if (buffer.remaining() < bytes) {
                flush();
            }
        }

        void flush() throws IOException {
            buffer.flip();
            position += buffer.remaining();
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            buffer.clear();
        }
    }
}
