package dev.reflexloop.llm.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;

/** Reads the head of a GGUF file in order and knows how much of the file is left. One thread at a time. */
final class GgufInput {
    private final String path;
    private final FileChannel channel;
    private final long size;
    private final ByteBuffer buffer =
            ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN).limit(0);
    private long next;

    GgufInput(String path, FileChannel channel) throws IOException {
        this.path = path;
        this.channel = channel;
        this.size = channel.size();
    }

    /** Where in the file the next byte is read. */
    long position() {
        return next - buffer.remaining();
    }

    long size() {
        return size;
    }

    long remaining() {
        return size - position();
    }

    /** Refuses a count of things that cannot all be in what is left of the file. */
    void require(long count, long bytesEach, String what) {
        if (count < 0 || count > remaining() / bytesEach) {
            throw GgufFile.unusable(
                    path,
                    what + " needs " + Long.toUnsignedString(count) + " x " + bytesEach + " bytes at byte " + position()
                            + ", but the file ends at byte " + size
                            + "; it is truncated or corrupt, copy or download it again");
        }
    }

    byte u8(String what) throws IOException {
        fill(1, what);
        return buffer.get();
    }

    int u32(String what) throws IOException {
        fill(4, what);
        return buffer.getInt();
    }

    long u64(String what) throws IOException {
        fill(8, what);
        return buffer.getLong();
    }

    String string(String what, int most) throws IOException {
        long length = u64(what);
        require(length, 1, what);
        if (length > most) {
            throw GgufFile.unusable(
                    path,
                    what + " has " + length + " bytes where at most " + most
                            + " make sense; the file is corrupt, copy or download it again");
        }
        return new String(bytes((int) length, what), StandardCharsets.UTF_8);
    }

    byte[] bytes(int count, String what) throws IOException {
        require(count, 1, what);
        byte[] bytes = new byte[count];
        int done = Math.min(count, buffer.remaining());
        buffer.get(bytes, 0, done);
        ByteBuffer rest = ByteBuffer.wrap(bytes, done, count - done);
        while (rest.hasRemaining()) {
            int read = channel.read(rest, next);
            if (read < 0) {
                throw truncated(what);
            }
            next += read;
        }
        return bytes;
    }

    private void fill(int count, String what) throws IOException {
        if (buffer.remaining() >= count) {
            return;
        }
        require(count, 1, what);
        buffer.compact();
        while (buffer.position() < count) {
            int read = channel.read(buffer, next);
            if (read < 0) {
                throw truncated(what);
            }
            next += read;
        }
        buffer.flip();
    }

    private RuntimeException truncated(String what) {
        return GgufFile.unusable(
                path, "it became shorter while its " + what + " was read; load it when it is completely written");
    }
}
