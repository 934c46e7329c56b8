package dev.reflexloop.escalation;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The file in which a strategist answers. Confined to the inbox's thread.
 *
 * <p>It is looked at as a whole and taken once it is complete: JSON as soon as it can be read, a line of text when it ended and was left
 * alone for a moment, anything else when it was left alone for longer, to be refused. What is taken is moved aside first, so that the next
 * answer finds its place free, and an answer survives the death of this process between being taken and being judged.
 */
final class AnswerFile {
    private static final int MAX_BYTES = 1 << 16;
    private static final long SETTLED_NANOS = TimeUnit.MILLISECONDS.toNanos(400);
    private static final long GIVEN_UP_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** What is done with an answer. */
    interface Reader {
        /** Takes an answer that was written at a wall-clock time. */
        void answered(StrategistReply reply, Instant writtenAt);

        /** Takes one that is none. */
        void refused(AnswerVerdict.Kind kind, String reason);
    }

    private final Path file;
    private final Path taken;
    private final EscalationInbox inbox;
    private final Reader reader;
    private byte @Nullable [] seen;
    private long seenNanos;
    private boolean saidDirectory;

    AnswerFile(Path file, EscalationInbox inbox, Reader reader) {
        this.file = file;
        this.taken = file.resolveSibling("." + file.getFileName() + ".taken");
        this.inbox = inbox;
        this.reader = reader;
    }

    void look() throws IOException {
        if (Files.exists(taken, LinkOption.NOFOLLOW_LINKS)) {
            finish();
        }
        BasicFileAttributes there = ShownFile.attributes(file);
        if (there == null) {
            seen = null;
            saidDirectory = false;
        } else if (!there.isRegularFile()) {
            refuseWhatIsNoFile(there);
        } else if (there.size() > MAX_BYTES) {
            Files.delete(file);
            reader.refused(
                    AnswerVerdict.Kind.TOO_LONG,
                    "the answer has " + there.size() + " bytes and an answer has at most " + MAX_BYTES);
        } else if (isComplete(read(file))) {
            InboxJournal.move(file, taken);
            seen = null;
            finish();
        }
    }

    private void refuseWhatIsNoFile(BasicFileAttributes there) throws IOException {
        if (there.isDirectory()) {
            if (!saidDirectory) {
                saidDirectory = true;
                reader.refused(AnswerVerdict.Kind.UNREADABLE, "the answer is a folder; remove it and write a file");
            }
            return;
        }
        Files.delete(file);
        reader.refused(
                AnswerVerdict.Kind.UNREADABLE,
                there.isSymbolicLink()
                        ? "the answer is a symbolic link, and links are not followed; write a file"
                        : "the answer is no regular file; write one");
    }

    private static byte[] read(Path from) throws IOException {
        try (InputStream in = Files.newInputStream(from, LinkOption.NOFOLLOW_LINKS)) {
            return in.readNBytes(MAX_BYTES);
        }
    }

    private boolean isComplete(byte[] bytes) {
        long now = inbox.clock().nanos();
        if (!Arrays.equals(bytes, seen)) {
            seen = bytes;
            seenNanos = now;
        }
        long unchanged = now - seenNanos;
        String text = text(bytes);
        if (text.contains("{")) {
            return unchanged >= GIVEN_UP_NANOS || !StrategistReply.parse(text).isParseFailure();
        }
        return unchanged >= (text.endsWith("\n") ? SETTLED_NANOS : GIVEN_UP_NANOS);
    }

    private static String text(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        return text.startsWith("\ufeff") ? text.substring(1) : text;
    }

    private void finish() throws IOException {
        BasicFileAttributes attributes = ShownFile.attributes(taken);
        if (attributes == null || !attributes.isRegularFile()) {
            Files.deleteIfExists(taken);
            return;
        }
        byte[] bytes = read(taken);
        if (bytes.length == 0) { // whoever opened it died; the next strategist may wait for the place to be free
            reader.refused(AnswerVerdict.Kind.UNREADABLE, "the answer was left empty");
        } else {
            reader.answered(
                    StrategistReply.parse(text(bytes)),
                    attributes.lastModifiedTime().toInstant());
        }
        Files.deleteIfExists(taken);
    }
}
