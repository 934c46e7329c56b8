package dev.reflexloop.llm.gguf;

import dev.reflexloop.UnusableModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An open GGUF file: its metadata and tensor directory are in memory, its tensors are read on demand. Metadata and directory are
 * immutable and may be used after {@link #close()}; reading tensors is for one thread at a time and blocks on the disk.
 *
 * <p>Tensors are read into arrays instead of being mapped: on Windows a mapped file can be neither replaced nor deleted until the
 * garbage collector finds the mapping, and a mapped file that is cut short kills the JVM.
 *
 * <p>All methods that read the file throw {@link UnusableModelException} when it is damaged or cannot be read.
 */
public final class GgufFile implements AutoCloseable {
    private static final int CHUNK_BYTES = 1 << 20;

    private final Path path;
    private final FileChannel channel;
    private final long fileSize;
    private final Map<String, Object> metadata;
    private final Map<String, GgufTensor> tensors;
    private @Nullable ByteBuffer chunk;

    private GgufFile(Path path, FileChannel channel, GgufHeader header) {
        this.path = path;
        this.channel = channel;
        this.fileSize = header.fileSize();
        this.metadata = Collections.unmodifiableMap(header.metadata());
        this.tensors = Collections.unmodifiableMap(header.tensors());
    }

    /**
     * Opens a file and reads its head.
     *
     * @param path the file
     * @return the open file, to be closed by the caller
     * @throws UnusableModelException if it is missing, unreadable, no GGUF file of version 2 or 3, truncated or corrupt
     */
    public static GgufFile open(Path path) {
        if (!Files.isRegularFile(path)) {
            throw unusable(
                    path.toString(),
                    Files.exists(path)
                            ? "it is no regular file; give the path of a .gguf file"
                            : "there is no such file; give the path of a .gguf file");
        }
        FileChannel channel = null;
        try {
            channel = FileChannel.open(path, StandardOpenOption.READ);
            GgufFile file = new GgufFile(path, channel, GgufHeader.read(path.toString(), channel));
            channel = null;
            return file;
        } catch (IOException failure) {
            throw unreadable(path, failure);
        } finally {
            closeQuietly(channel);
        }
    }

    /**
     * Where the file is.
     *
     * @return the path that was opened
     */
    public Path path() {
        return path;
    }

    /**
     * How long the file is.
     *
     * @return bytes
     */
    public long fileSize() {
        return fileSize;
    }

    /**
     * The names of all metadata.
     *
     * @return the keys in the order of the file
     */
    public Set<String> keys() {
        return metadata.keySet();
    }

    /**
     * A text of the metadata.
     *
     * @param key its name
     * @return the text, or empty when there is none of this name
     * @throws UnusableModelException if it is no text
     */
    public Optional<String> string(String key) {
        Object value = metadata.get(key);
        if (value != null && !(value instanceof String)) {
            throw wrongKind(key, "a text", value);
        }
        return Optional.ofNullable((String) value);
    }

    /**
     * A whole number of the metadata.
     *
     * @param key its name
     * @return the number, or empty when there is none of this name
     * @throws UnusableModelException if it is no whole number
     */
    public OptionalLong integer(String key) {
        Object value = metadata.get(key);
        if (value != null && !(value instanceof Long)) {
            throw wrongKind(key, "a whole number", value);
        }
        return value == null ? OptionalLong.empty() : OptionalLong.of((Long) value);
    }

    /**
     * A number of the metadata.
     *
     * @param key its name
     * @return the number, or empty when there is none of this name
     * @throws UnusableModelException if it is no number
     */
    public OptionalDouble number(String key) {
        Object value = metadata.get(key);
        if (value != null && !(value instanceof Number)) {
            throw wrongKind(key, "a number", value);
        }
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(((Number) value).doubleValue());
    }

    /**
     * A yes or no of the metadata.
     *
     * @param key its name
     * @return the truth of it, or empty when there is none of this name
     * @throws UnusableModelException if it is no yes or no
     */
    public Optional<Boolean> flag(String key) {
        Object value = metadata.get(key);
        if (value != null && !(value instanceof Boolean)) {
            throw wrongKind(key, "a boolean", value);
        }
        return Optional.ofNullable((Boolean) value);
    }

    /**
     * A list of texts of the metadata.
     *
     * @param key its name
     * @return the texts, unmodifiable, or empty when there is none of this name
     * @throws UnusableModelException if it is no list of texts
     */
    public Optional<List<String>> strings(String key) {
        Object value = metadata.get(key);
        if (value != null && !(value instanceof GgufHeader.Texts)) {
            throw wrongKind(key, "a list of texts", value);
        }
        return value == null ? Optional.empty() : Optional.of(((GgufHeader.Texts) value).values());
    }

    /**
     * A list of numbers of the metadata, as floats.
     *
     * @param key its name
     * @return a new array, or empty when there is none of this name
     * @throws UnusableModelException if it is no list of numbers
     */
    public Optional<float[]> floats(String key) {
        Object value = metadata.get(key);
        if (value != null && !(value instanceof GgufHeader.Numbers)) {
            throw wrongKind(key, "a list of numbers", value);
        }
        return value == null ? Optional.empty() : Optional.of(((GgufHeader.Numbers) value).toFloats());
    }

    /**
     * The tensor directory.
     *
     * @return all tensors in the order of the file, unmodifiable
     */
    public Collection<GgufTensor> tensors() {
        return tensors.values();
    }

    /**
     * A tensor's entry.
     *
     * @param name its name
     * @return the entry, or empty when there is none of this name
     */
    public Optional<GgufTensor> tensor(String name) {
        return Optional.ofNullable(tensors.get(name));
    }

    /**
     * Reads rows of a tensor as floats.
     *
     * @param tensor one of this file's, of type F32, F16 or Q8_0
     * @param firstRow the first row, from 0
     * @param rows how many rows
     * @param target where they go, one after the other from index 0
     * @throws UnusableModelException if the type is another one, or the file cannot be read
     * @throws IllegalArgumentException if the rows are outside the tensor or do not fit the target
     */
    public void readRows(GgufTensor tensor, long firstRow, int rows, float[] target) {
        if (!tensor.type().readable()) {
            throw unusable(
                    path.toString(),
                    "its tensor '" + tensor.name() + "' has the quantisation " + tensor.type()
                            + "; use a file in F32, F16 or Q8_0, or run this one with llama-server");
        }
        long count = rows * tensor.columns();
        if (firstRow < 0 || rows < 0 || firstRow + rows > tensor.rows() || count > target.length) {
            throw new IllegalArgumentException(
                    "rows " + firstRow + " to " + (firstRow + rows) + " of tensor '" + tensor.name() + "' with "
                            + tensor.rows() + " rows do not fit " + target.length + " floats; ask for fewer");
        }
        GgufType type = tensor.type();
        long position = tensor.position() + firstRow * tensor.columns() / type.blockSize() * type.blockBytes();
        int blocksAtOnce = CHUNK_BYTES / type.blockBytes();
        for (int done = 0; done < count; ) {
            int blocks = (int) Math.min(blocksAtOnce, (count - done) / type.blockSize());
            ByteBuffer bytes = read(position, blocks * type.blockBytes(), "tensor '" + tensor.name() + "'");
            expand(type, bytes, blocks, target, done);
            done += blocks * type.blockSize();
            position += (long) blocks * type.blockBytes();
        }
    }

    /**
     * The digest of all of the file that is open, whatever lies under its name by now. Reads all of it.
     *
     * @return {@code sha256:} and 64 hexadecimal digits
     * @throws UnusableModelException if the file cannot be read
     */
    public String digest() {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JVM has SHA-256", impossible);
        }
        for (long position = 0; position < fileSize; position += CHUNK_BYTES) {
            digest.update(read(position, (int) Math.min(CHUNK_BYTES, fileSize - position), "its digest"));
        }
        return "sha256:" + HexFormat.of().formatHex(digest.digest());
    }

    private static void expand(GgufType type, ByteBuffer bytes, int blocks, float[] target, int offset) {
        switch (type) {
            case F32 -> bytes.asFloatBuffer().get(target, offset, blocks);
            case F16 -> {
                for (int i = 0; i < blocks; i++) {
                    target[offset + i] = Float16.toFloat(bytes.getShort());
                }
            }
            default -> {
                for (int block = 0; block < blocks; block++) {
                    float scale = Float16.toFloat(bytes.getShort());
                    for (int i = 0; i < 32; i++) {
                        target[offset + block * 32 + i] = scale * bytes.get();
                    }
                }
            }
        }
    }

    private ByteBuffer read(long position, int count, String what) {
        ByteBuffer bytes = chunk;
        if (bytes == null) {
            bytes = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            chunk = bytes;
        }
        bytes.clear().limit(count);
        try {
            while (bytes.hasRemaining()) {
                if (channel.read(bytes, position + bytes.position()) < 0) {
                    throw unusable(
                            path.toString(),
                            "it became shorter while " + what + " was read; load it when it is completely written");
                }
            }
        } catch (IOException failure) {
            throw unreadable(path, failure);
        }
        return bytes.flip();
    }

    /** Closes the file; metadata and directory stay usable. Idempotent. */
    @Override
    public void close() {
        closeQuietly(channel);
    }

    private static void closeQuietly(@Nullable FileChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException ignored) {
                // Opened for reading: nothing can be lost.
            }
        }
    }

    private UnusableModelException wrongKind(String key, String wanted, Object value) {
        String found = value instanceof GgufHeader.Texts || value instanceof GgufHeader.Numbers
                ? "a list"
                : value.getClass().getSimpleName();
        return unusable(
                path.toString(),
                "its metadata '" + key + "' is not " + wanted + " but " + found
                        + "; the file was written by a faulty tool, convert the model again");
    }

    private static UnusableModelException unreadable(Path path, IOException failure) {
        return new UnusableModelException(
                path.toString(), "it cannot be read (" + failure + "); check the file's rights and the disk", failure);
    }

    static UnusableModelException unusable(String path, String reason) {
        return new UnusableModelException(path, reason, null);
    }
}
