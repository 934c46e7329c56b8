package dev.reflexloop.llm.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;

/** Writes a GGUF file in order, little-endian and buffered. One thread at a time. */
final class GgufOutput {
    private static final int BUFFER_BYTES = 1 << 20;

    private static final int UINT32 = 4;
    private static final int INT32 = 5;
    private static final int FLOAT32 = 6;
    private static final int BOOL = 7;
    private static final int STRING = 8;
    private static final int ARRAY = 9;

    /** A value of the metadata with its type in front. */
    @FunctionalInterface
    interface Value {
        void write(GgufOutput out) throws IOException;
    }

    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private long written;

    GgufOutput(FileChannel channel) {
        this.channel = channel;
    }

    static Value text(String text) {
        return out -> {
            out.int32(STRING);
            out.string(text);
        };
    }

    static Value uint32(int value) {
        return out -> {
            out.int32(UINT32);
            out.int32(value);
        };
    }

    static Value float32(float value) {
        return out -> {
            out.int32(FLOAT32);
            out.real(value);
        };
    }

    static Value bool(boolean value) {
        return out -> {
            out.int32(BOOL);
            out.reserve(1).put((byte) (value ? 1 : 0));
        };
    }

    static Value texts(Iterable<String> texts, int count) {
        return out -> {
            out.arrayHeader(STRING, count);
            for (String text : texts) {
                out.string(text);
            }
        };
    }

    static Value int32s(int[] values) {
        return out -> {
            out.arrayHeader(INT32, values.length);
            for (int value : values) {
                out.int32(value);
            }
        };
    }

    static Value float32s(float[] values) {
        return out -> {
            out.arrayHeader(FLOAT32, values.length);
            for (float value : values) {
                out.real(value);
            }
        };
    }

    private void arrayHeader(int elementType, int length) throws IOException {
        int32(ARRAY);
        int32(elementType);
        int64(length);
    }

    /** Where in the file the next byte goes. */
    long position() {
        return written + buffer.position();
    }

    void int32(int value) throws IOException {
        reserve(4).putInt(value);
    }

    void int64(long value) throws IOException {
        reserve(8).putLong(value);
    }

    private void real(float value) throws IOException {
        reserve(4).putFloat(value);
    }

    void string(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int64(bytes.length);
        bytes(bytes);
    }

    void bytes(byte[] bytes) throws IOException {
        for (int done = 0; done < bytes.length; ) {
            int part = Math.min(bytes.length - done, BUFFER_BYTES);
            reserve(part).put(bytes, done, part);
            done += part;
        }
    }

    /** Fills up with zeros to a multiple of the alignment. */
    void pad(int alignment) throws IOException {
        bytes(new byte[(int) (aligned(position(), alignment) - position())]);
    }

    static long aligned(long position, int alignment) {
        return (position + alignment - 1) / alignment * alignment;
    }

    /** The buffer with room for some bytes, which the caller puts into it; at most 1 MiB. */
    ByteBuffer reserve(int bytes) throws IOException {
        if (buffer.remaining() < bytes) {
            flush();
        }
        return buffer;
    }

    /** Copies a part of another file. */
    void copy(FileChannel source, long position, long count) throws IOException {
        flush();
        for (long done = 0; done < count; ) {
            long moved = source.transferTo(position + done, count - done, channel);
            if (moved <= 0) {
                throw new IOException("the source became shorter while it was copied");
            }
            done += moved;
        }
        written += count;
    }

    void flush() throws IOException {
        buffer.flip();
        written += buffer.remaining();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
    }
}
