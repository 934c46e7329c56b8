package dev.reflexloop.llm.gguf;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
 * Writes a GGUF file: keys with values, and tensors in F32, F16, Q8_0 or Q4_0.
 *
 * <p>Collects keys and tensors, then {@link #write} makes the file in one go: into a temporary file beside the target,
 * forced to disk, and moved over it. A reader therefore sees the old file or the whole new one, never a part. Tensors are written
 * piece by piece; with a {@link Source} behind each, a file of any size needs a few megabytes of heap.
 *
 * <p>Keys and tensors are written in the order in which they were added. One thread at a time.
 */
public final class GgufWriter {

    /** How the numbers of a tensor are stored. */
    public enum TensorType {
        /** 32-bit floats, exact. */
        F32(GgufType.F32, 0),
        /** 16-bit floats, rounded to nearest even. */
        F16(GgufType.F16, 1),
        /** Blocks of 32 signed bytes with one 16-bit scale; rows must be a multiple of 32 long. */
        Q8_0(GgufType.Q8_0, 7),
        /** Blocks of 32 four-bit numbers with one 16-bit scale; rows must be a multiple of 32 long. */
        Q4_0(GgufType.Q4_0, 2);

        private final GgufType type;
        private final int fileType;

        TensorType(GgufType type, int fileType) {
            this.type = type;
            this.fileType = fileType;
        }

        /**
         * What a reader of the file sees.
         *
         * @return the type in the tensor directory
         */
        public GgufType type() {
            return type;
        }

        /**
         * The value of {@code general.file_type} for a file whose matrices are mostly of this type.
         *
         * @return llama.cpp's number
         */
        public int fileType() {
            return fileType;
        }

        private long bytes(long values) {
            return values / type.blockSize() * type.blockBytes();
        }
    }

    /** Where the numbers of a tensor come from when it is written, piece by piece, from the first number to the last. */
    @FunctionalInterface
    public interface Source {
        /**
         * Gives the next numbers.
         *
         * @param first the index of the first of them in the tensor, row by row; whole rows or not
         * @param target to be filled from its beginning to its end
         */
        void read(long first, float[] target);
    }

    private static final String ALIGNMENT_KEY = "general.alignment";
    private static final int DEFAULT_ALIGNMENT = 32;
    private static final int MAX_ALIGNMENT = 1 << 20;
    private static final int VERSION = 3;
    private static final int PIECE = 1 << 14;

    private record Tensor(TensorType type, long size, Source source, List<Integer> dimensions) {}

    private final Map<String, GgufOutput.Value> keys = new LinkedHashMap<>();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private int alignment = DEFAULT_ALIGNMENT;

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
        return add(key, GgufOutput.text(value));
    }

    /**
     * Adds an unsigned 32-bit number. The number of {@code general.alignment} (default: 32) also is what tensors are aligned to.
     *
     * @param key the key; not yet used
     * @param value 0 to 2,147,483,647
     * @return this
     * @throws IllegalArgumentException if the key was added before, the value is negative, or it is an alignment and not a power of two
     *     from 8 to 1,048,576
     */
    public GgufWriter put(String key, int value) {
        if (value < 0) {
            throw new IllegalArgumentException(key + " must not be negative, was " + value);
        }
        if (key.equals(ALIGNMENT_KEY)) {
            if (value < 8 || value > MAX_ALIGNMENT || Integer.bitCount(value) != 1) {
                throw new IllegalArgumentException(
                        key + " must be a power of two from 8 to " + MAX_ALIGNMENT + ", was " + value);
            }
            alignment = value;
        }
        return add(key, GgufOutput.uint32(value));
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
        return add(key, GgufOutput.float32(value));
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
        return add(key, GgufOutput.bool(value));
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
        List<String> copy = List.copyOf(values);
        return add(key, GgufOutput.texts(copy, copy.size()));
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
        return add(key, GgufOutput.int32s(values.clone()));
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
        return add(key, GgufOutput.float32s(values.clone()));
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
        long size = size(name, dimensions);
        if (size != values.remaining()) {
            throw new IllegalArgumentException(name + " needs " + size + " values for " + Arrays.toString(dimensions)
                    + ", got " + values.remaining());
        }
        FloatBuffer view = values.slice();
        return tensor(name, type, (first, target) -> view.get((int) first, target), dimensions);
    }

    /**
     * Adds a tensor whose numbers need not be in memory.
     *
     * @param name the tensor's name, 1 to 63 bytes as llama.cpp demands; not yet used
     * @param type how it is stored
     * @param source asked for the numbers, from the first to the last, when the file is written
     * @param dimensions one to four lengths, the fastest changing first: a matrix of R rows of C numbers is {@code C, R}
     * @return this
     * @throws IllegalArgumentException if the name was added before or is too long, a dimension is empty, or a row does not fill whole
     *     blocks of the type
     */
    public GgufWriter tensor(String name, TensorType type, Source source, int... dimensions) {
        long size = size(name, dimensions);
        if (dimensions[0] % type.type.blockSize() != 0) {
            throw new IllegalArgumentException(name + " has rows of " + dimensions[0] + " values; " + type
                    + " needs a multiple of " + type.type.blockSize() + ", store it as F16 or F32");
        }
        Tensor tensor = new Tensor(
                type,
                size,
                Objects.requireNonNull(source, "source"),
                Arrays.stream(dimensions).boxed().toList());
        if (tensors.putIfAbsent(name, tensor) != null) {
            throw new IllegalArgumentException("tensor " + name + " was added before");
        }
        return this;
    }

    private static long size(String name, int[] dimensions) {
        if (name.isEmpty() || utf8Length(name) > 63) {
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
        return size;
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
                GgufOutput out = new GgufOutput(channel);
                writeHeader(out);
                for (Tensor tensor : tensors.values()) {
                    out.pad(alignment);
                    writeTensor(tensor, out);
                }
                out.pad(alignment);
                out.flush();
                channel.force(true);
            }
        });
    }

    private void writeHeader(GgufOutput out) throws IOException {
        out.bytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        out.int32(VERSION);
        out.int64(tensors.size());
        out.int64(keys.size());
        for (Map.Entry<String, GgufOutput.Value> entry : keys.entrySet()) {
            out.string(entry.getKey());
            entry.getValue().write(out);
        }
        long offset = 0;
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            Tensor tensor = entry.getValue();
            out.string(entry.getKey());
            out.int32(tensor.dimensions().size());
            for (int length : tensor.dimensions()) {
                out.int64(length);
            }
            out.int32(tensor.type().type.code());
            out.int64(offset);
            offset += GgufOutput.aligned(tensor.type().bytes(tensor.size()), alignment);
        }
    }

    private static void writeTensor(Tensor tensor, GgufOutput out) throws IOException {
        float[] piece = new float[PIECE];
        for (long first = 0; first < tensor.size(); first += piece.length) {
            if (tensor.size() - first < piece.length) {
                piece = new float[(int) (tensor.size() - first)];
            }
            tensor.source().read(first, piece);
            TensorEncoder.encode(tensor.type(), piece, out);
        }
    }

    private GgufWriter add(String key, GgufOutput.Value value) {
        if (key.isEmpty() || utf8Length(key) > 65_535) {
            throw new IllegalArgumentException("key must have 1 to 65535 bytes, was '" + key + "'");
        }
        if (keys.putIfAbsent(key, value) != null) {
            throw new IllegalArgumentException("key " + key + " was added before");
        }
        return this;
    }

    private static int utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
