package dev.reflexloop.escalation.relay;

import dev.reflexloop.llm.gguf.AtomicFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a spool on disk: appended at a known position, so that a write that fails leaves nothing half-written in the middle, and now and
 * then replaced as a whole. A lock beside the file keeps other relays away. One thread at a time.
 */
final class SpoolFile implements AutoCloseable {
    private static final String NAME = "alerts.jsonl";
    private static final String LOCK = "alerts.lock";

    private final Path file;
    private final FileChannel lock;
    private @Nullable FileChannel channel;
    private long position;

    private SpoolFile(Path file, FileChannel lock) {
        this.file = file;
        this.lock = lock;
    }

    static SpoolFile open(Path folder) {
        try {
            Files.createDirectories(folder);
            return new SpoolFile(folder.toAbsolutePath().resolve(NAME), lock(folder.resolve(LOCK)));
        } catch (IOException failure) {
            throw unusable(folder.toString(), failure);
        }
    }

    private static FileChannel lock(Path path) throws IOException {
        FileChannel opened =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        try {
            FileLock taken = opened.tryLock();
            if (taken == null) {
                throw new IOException("another process uses it");
            }
            return opened;
        } catch (OverlappingFileLockException here) {
            opened.close();
            throw new IOException("another relay of this process uses it", here);
        } catch (IOException failure) {
            opened.close();
            throw failure;
        }
    }

    static RelayException unusable(String path, IOException failure) {
        return new RelayException(
                path,
                "The spool " + path + " cannot be used (" + failure
                        + "); choose a folder of this relay's own in which it may write",
                failure);
    }

    /** Its whole lines; what a killed process left of a line at the end is not among them. */
    List<String> read() throws IOException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            byte[] bytes = Channels.newInputStream(in).readAllBytes();
            String text = new String(bytes, StandardCharsets.UTF_8);
            return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
        }
    }

    /** Replaces everything, and makes the folder anew if somebody took it away. */
    void replace(String lines) throws IOException {
        closeChannel();
        AtomicFiles.replace(file, temporary -> {
            try (FileChannel out = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                writeAt(out, 0, lines);
                out.force(true);
            }
        });
        channel = FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        position = channel.size();
    }

    /** @param force whether the lines must survive the machine's death, too */
    void append(String lines, boolean force) throws IOException {
        FileChannel out = channel;
        if (out == null || !out.isOpen() || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("the file " + file + " is gone, or is not the relay's any more");
        }
        try {
            long end = writeAt(out, position, lines);
            if (force) {
                out.force(false);
            }
            position = end;
        } catch (IOException failure) {
            closeChannel(); // what is half-written goes when everything is replaced
            throw failure;
        }
    }

    private static long writeAt(FileChannel out, long start, String lines) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(lines.getBytes(StandardCharsets.UTF_8));
        long at = start;
        while (buffer.hasRemaining()) {
            at += out.write(buffer, at);
        }
        return at;
    }

    long size() {
        return position;
    }

    private void closeChannel() throws IOException {
        FileChannel open = channel;
        channel = null;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public void close() throws IOException {
        try {
            closeChannel();
        } finally {
            lock.close();
        }
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
