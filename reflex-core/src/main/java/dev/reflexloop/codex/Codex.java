package dev.reflexloop.codex;

import dev.reflexloop.Ledger;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.Setting;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
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
 * <p>Given to {@link dev.reflexloop.ReflexLoop.Builder#codex}, it gets what decides in a loop by itself.
 *
 * <p>What it cannot show by itself: that whole entries were cut off its end, or that all of it was written anew with another key. Whoever notes a
 * hash elsewhere - the header's, an entry's - finds that out with {@link #verify(Path, String)}. Whoever has the key can write what he likes.
 *
 * <p>The file holds JSON lines, version 1: a header with the public key, then the entries. One process at a time may have it open for writing, any may
 * read it; {@link #open} waits 5 s for another process. A file beside it whose name ends in {@code .lock} says who writes, and stays. Where
 * the file was deleted or replaced while it was open, nothing more is recorded: what is written then could not be found. (On Windows, which tells
 * no files of one name apart, only a deletion shows.) Thread-safe. Every method blocks for as long as the disk takes: this is nothing for a
 * tick's thread.
 */
public final class Codex implements Ledger, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Codex.class);
    private static final Duration WAIT_FOR_OTHERS = Duration.ofSeconds(5);
    private static final long LOOK_AGAIN_NANOS = 10_000_000;

    /** What entries are about. */
    private record About(Change.Kind kind, String subject) {
        static About of(Change change) {
            return new About(change.kind(), change.subject());
        }
    }

    private final Path file;
    private final FileChannel channel;
    private final @Nullable Object fileKey;
    private final FileChannel locked;
    private final ReflexClock clock;
    private final Map<About, String> latest = new HashMap<>();
    private CodexKey key;
    private long position;
    private long sequence;
    private String lastHash;

    private Codex(Path file, FileChannel channel, FileChannel locked, CodexKey key, ReflexClock clock)
            throws IOException {
        this.file = file;
        this.channel = channel;
        this.fileKey = keyOf(file);
        this.locked = locked;
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
        for (CodexEntry entry : report.entries()) {
            latest.put(About.of(entry.change()), entry.change().after());
        }
    }

    /**
     * Opens a ledger, or begins one. What is there is verified first; a last line that a killed process never finished is cut.
     *
     * @param file the file; its folder is created
     * @param key the key that signs
     * @return the open ledger
     * @throws CodexException if it cannot be written, is a symbolic link, is not sound, belongs to another key, or somebody else has it open
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
     * @throws CodexException if it cannot be written, is a symbolic link, is not sound, belongs to another key, or somebody else has it open
     */
    public static Codex open(Path file, CodexKey key, ReflexClock clock) {
        return open(file, key, clock, WAIT_FOR_OTHERS);
    }

    static Codex open(Path file, CodexKey key, ReflexClock clock, Duration wait) {
        Path absolute = file.toAbsolutePath();
        try {
            Path folder = absolute.getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            FileChannel locked = lock(absolute, wait);
            try {
                FileChannel opened = writable(absolute);
                try {
                    return new Codex(absolute, opened, locked, key, clock);
                } catch (IOException | RuntimeException failure) {
                    opened.close();
                    throw failure;
                }
            } catch (IOException | RuntimeException failure) {
                locked.close();
                throw failure;
            }
        } catch (IOException failure) {
            throw new CodexException(
                    file.toString(),
                    Files.isSymbolicLink(absolute)
                            ? "it is a symbolic link, which whoever may write its folder can point elsewhere; name the file itself"
                            : "it cannot be written (" + failure + "); choose a file in a folder that you may write",
                    failure);
        }
    }

    private static FileChannel writable(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Locks a file beside the ledger, which nobody else ever opens: on POSIX systems a process loses its lock on a file as soon as it closes
     * that file once, however it had opened it, and reading the ledger does that.
     */
    private static FileChannel lock(Path ledger, Duration wait) throws IOException {
        FileChannel beside = writable(ledger.resolveSibling(ledger.getFileName() + ".lock"));
        long start = System.nanoTime();
        try {
            while (beside.tryLock() == null) {
                if (System.nanoTime() - start >= wait.toNanos()
                        || Thread.currentThread().isInterrupted()) {
                    throw new CodexException(
                            ledger.toString(),
                            "another process has it open, and keeps it; close it there, or give each process a codex of its own",
                            null);
                }
                LockSupport.parkNanos(LOOK_AGAIN_NANOS);
            }
            return beside;
        } catch (OverlappingFileLockException here) {
            beside.close();
            throw new CodexException(ledger.toString(), "this process has it open already; share that one", here);
        } catch (IOException | RuntimeException failure) {
            beside.close();
            throw failure;
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
     * Writes a change if it is one: if the last entry of this kind about this subject says something else, or there is none.
     *
     * @param kind what sort of thing it is; not {@link Change.Kind#KEY_ROTATED}
     * @param subject which one
     * @param after what it is now; what is longer than an entry may be is replaced by its {@linkplain #hashOf(String) hash}
     * @param who who or what changed it
     * @param why the reason
     * @return the entry, which is safe on disk; empty if nothing changed
     * @throws CodexException if it cannot be written
     */
    public synchronized Optional<CodexEntry> appendIfChanged(
            Change.Kind kind, String subject, String after, String who, String why) {
        if (!channel.isOpen()) {
            throw new CodexException(file.toString(), "it is closed; close it after what decides was recorded", null);
        }
        requireInPlace(subject);
        String now = after.length() > Change.LONGEST ? hashOf(after) : after;
        String before = latest.get(new About(kind, subject));
        if (now.equals(before)) {
            return Optional.empty();
        }
        return Optional.of(append(new Change(kind, subject, before == null ? "" : before, now, who, why)));
    }

    /** Writes each setting that differs from the last entry of its kind and subject. Blocks only where one does, or somebody else writes. */
    @Override
    public synchronized void note(String session, List<Setting> settings) {
        for (Setting each : settings) {
            appendIfChanged(
                    Change.Kind.valueOf(each.kind().name()),
                    each.subject(),
                    each.value(),
                    "session " + session,
                    "found when the loop was built");
        }
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
        requireInPlace(change.subject());
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
        latest.put(About.of(change), change.after());
        return line.toEntry();
    }

    /** A file that was unlinked takes everything that is written to it, and loses it when it is closed. */
    private void requireInPlace(String subject) {
        IOException gone = null;
        try {
            if (Objects.equals(fileKey, keyOf(file))) {
                return;
            }
        } catch (IOException failure) {
            gone = failure;
        }
        throw new CodexException(
                file.toString(),
                "it was deleted or replaced while it was open (" + (gone == null ? "another file is there" : gone)
                        + "), so the change of '" + subject
                        + "' is not recorded; put the file back, or open the codex again, and repeat it",
                gone);
    }

    private static @Nullable Object keyOf(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
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
        try (locked) {
            channel.close();
        } catch (IOException failure) {
            throw new CodexException(file.toString(), "it did not close (" + failure + ")", failure);
        }
    }
}
