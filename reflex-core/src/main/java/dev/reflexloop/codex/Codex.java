package dev.reflexloop.codex;

import dev.reflexloop.ReflexClock;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An append-only ledger of every change of what decides. Each entry names the hash of the one before and is signed, so that a change, removal,
 * insertion or reordering of entries shows.
 *
 * <pre>{@code
 * CodexKey key = CodexKey.loadOrCreate(Path.of("keys/codex.pem"));
 * try (Codex codex = Codex.open(Path.of("codex.jsonl"), key)) {
 *     codex.append(new Change(Kind.POLICY, "novelty", "0.3", "0.5", "tuning run 7", "fewer hand-overs"));
 * }
 * CodexReport report = Codex.verify(Path.of("codex.jsonl"));
 * }</pre>
 *
 * <p>What it cannot show by itself: that whole entries were cut off its end, or that all of it was written anew with another key. Whoever notes a
 * hash elsewhere - the header's, an entry's - finds that out with {@link #verify(Path, String)}. Whoever has the key can write what he likes.
 *
 * <p>The file holds JSON lines, version 1: a header with the public key, then the entries. One process at a time may write it, any may read it.
 * Thread-safe. Every method blocks for as long as the disk takes: this is nothing for a tick's thread.
 */
public final class Codex implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Codex.class);
    /** Beyond every byte that is written: where locks are mandatory, readers are not kept out. */
    private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

    private final Path file;
    private final FileChannel channel;
    private final ReflexClock clock;
    private CodexKey key;
    private long position;
    private long sequence;
    private String lastHash;

    private Codex(Path file, FileChannel channel, CodexKey key, ReflexClock clock) throws IOException {
        this.file = file;
        this.channel = channel;
        this.key = key;
        this.clock = clock;
        this.lastHash = CodexLine.NO_HASH;
        CodexReport report = CodexVerifier.verify(file, Optional.empty());
        if (!report.sound()) {
            throw new CodexException(
                    file.toString(),
                    "line " + report.line() + " is not sound (" + report.fault() + ": " + report.reason()
                            + "); keep this file as it is, find out who did that, and begin a new one",
                    null);
        }
        this.position = channel.size() - report.tornBytes();
        if (report.tornBytes() > 0) {
            LOG.warn(
                    "Codex {} ended in a line that was never finished; its {} bytes were cut",
                    file,
                    report.tornBytes());
            channel.truncate(position);
        }
        if (report.publicKey().isEmpty()) {
            write(CodexLine.header(clock.instant(), key));
        } else if (!report.publicKey().equals(key.publicText())) {
            throw new CodexException(
                    file.toString(),
                    "its entries are signed with the key " + report.publicKey() + ", and this is " + key.publicText()
                            + "; take that key, and change it with rotate(...)",
                    null);
        } else {
            this.sequence = report.entries().size();
            this.lastHash = report.lastHash();
        }
    }

    /**
     * Opens a ledger, or begins one. What is there is verified first; a last line that a killed process never finished is cut.
     *
     * @param file the file; its folder is created
     * @param key the key that signs
     * @return the open ledger
     * @throws CodexException if it cannot be written, is not sound, belongs to another key, or somebody else has it open
     */
    public static Codex open(Path file, CodexKey key) {
        return open(file, key, ReflexClock.system());
    }

    /**
     * The same with a clock.
     *
     * @param file the file; its folder is created
     * @param key the key that signs
     * @param clock where entries have their time from
     * @return the open ledger
     * @throws CodexException if it cannot be written, is not sound, belongs to another key, or somebody else has it open
     */
    public static Codex open(Path file, CodexKey key, ReflexClock clock) {
        Path absolute = file.toAbsolutePath();
        try {
            Path folder = absolute.getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            FileChannel opened = FileChannel.open(
                    absolute, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
            try {
                lock(opened);
                return new Codex(absolute, opened, key, clock);
            } catch (IOException | RuntimeException failure) {
                opened.close();
                throw failure;
            }
        } catch (IOException failure) {
            throw new CodexException(
                    file.toString(),
                    "it cannot be written (" + failure + "); choose a file in a folder that you may write",
                    failure);
        }
    }

    private static void lock(FileChannel opened) throws IOException {
        try {
            FileLock lock = opened.tryLock(LOCKED_BYTE, 1, false);
            if (lock == null) {
                throw new IOException("another process has it open");
            }
        } catch (OverlappingFileLockException here) {
            throw new IOException("this process has it open already; share that one", here);
        }
    }

    /**
     * Writes a change and forces it to the disk.
     *
     * @param change the change, of any kind but {@link Change.Kind#KEY_ROTATED}
     * @return the entry; it is safe on disk
     * @throws CodexException if it cannot be written; whether it is in the ledger all the same shows when that is opened again
     */
    public synchronized CodexEntry append(Change change) {
        if (change.kind() == Change.Kind.KEY_ROTATED) {
            throw new IllegalArgumentException("a change of kind KEY_ROTATED is written by rotate(...) only");
        }
        return add(change);
    }

    /**
     * Hands the ledger over to another key: an entry signed with the old one names it, and it signs everything that follows.
     *
     * @param next the new key
     * @param who who changes it
     * @param why the reason
     * @return the entry; it is safe on disk
     * @throws CodexException if it cannot be written; which key is in charge shows when the ledger is opened again
     */
    public synchronized CodexEntry rotate(CodexKey next, String who, String why) {
        CodexEntry entry = add(
                new Change(Change.Kind.KEY_ROTATED, "key of the codex", key.publicText(), next.publicText(), who, why));
        key = next;
        return entry;
    }

    private CodexEntry add(Change change) {
        CodexLine line = CodexLine.entry(sequence + 1, clock.instant(), change, lastHash, key);
        try {
            write(line);
        } catch (IOException failure) {
            throw new CodexException(
                    file.toString(),
                    "the change of '" + change.subject() + "' cannot be written (" + failure
                            + "); free the disk, or open the ledger again, and repeat it",
                    failure);
        }
        sequence++;
        return line.toEntry();
    }

    private void write(CodexLine line) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(line.toBytes());
        long at = position;
        try {
            while (bytes.hasRemaining()) {
                at += channel.write(bytes, at);
            }
            channel.force(true);
        } catch (IOException failure) {
            if (channel.isOpen()) {
                channel.truncate(position);
            }
            throw failure;
        }
        position = at;
        lastHash = line.hash();
    }

    /**
     * The hash of the last line: an anchor to be noted elsewhere.
     *
     * @return 64 hexadecimal digits
     */
    public synchronized String lastHash() {
        return lastHash;
    }

    /**
     * Verifies a ledger, and reads it as far as it is sound. Needs no key.
     *
     * @param file the file
     * @return what was found; the first bad line and its fault, if there is one
     * @throws CodexException if the file cannot be read
     */
    public static CodexReport verify(Path file) {
        return CodexVerifier.verify(file, Optional.empty());
    }

    /**
     * The same, and finds out whether its end was cut off or all of it replaced.
     *
     * @param file the file
     * @param anchor the hash of a line that was noted elsewhere and must be in the ledger
     * @return what was found
     * @throws CodexException if the file cannot be read
     */
    public static CodexReport verify(Path file, String anchor) {
        return CodexVerifier.verify(file, Optional.of(anchor));
    }

    /**
     * A short form of something long, for {@link Change#before()} and {@link Change#after()}.
     *
     * @param text the long text
     * @return {@code sha256:} and 64 hexadecimal digits
     */
    public static String hashOf(String text) {
        return hex(
                CodexLine.digest().digest(Objects.requireNonNull(text, "text").getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * The same of a file, a model's or adapter's for example.
     *
     * @param file the file
     * @return {@code sha256:} and 64 hexadecimal digits
     * @throws CodexException if it cannot be read
     */
    public static String hashOf(Path file) {
        MessageDigest digest = CodexLine.digest();
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
        } catch (IOException failure) {
            throw new CodexException(
                    file.toString(), "what was changed cannot be read (" + failure + "); check the path", failure);
        }
        return hex(digest.digest());
    }

    private static String hex(byte[] hash) {
        return "sha256:" + HexFormat.of().formatHex(hash);
    }

    /** Lets others write. Idempotent. */
    @Override
    public synchronized void close() {
        try {
            channel.close();
        } catch (IOException failure) {
            throw new CodexException(file.toString(), "it did not close (" + failure + ")", failure);
        }
    }
}
