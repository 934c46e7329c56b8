package dev.reflexloop.escalation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file that holds one escalation for whoever reads it. Confined to the inbox's thread.
 *
 * <p>Each is put there once, also when this process is killed: it is written beside the file, noted as shown in the inbox, and then moved
 * into place. If the note is there and the file beside still is, too, the move is what is missing, and it is made up for.
 */
final class ShownFile {
    private static final Logger LOG = LoggerFactory.getLogger(FileEscalationSink.class);

    private final Path file;
    private final Path beside;
    private final EscalationInbox inbox;
    private final long pauseNanos;

    private @Nullable InboxEntry shown;
    private byte[] content = {};
    private boolean isMoved;
    private @Nullable Object folderKey;
    private @Nullable BasicFileAttributes seen;
    private long freeAtNanos;
    private boolean blocked;

    ShownFile(Path file, EscalationInbox inbox, Duration pause) {
        this.file = file;
        this.beside = file.resolveSibling("." + file.getFileName() + ".next");
        this.inbox = inbox;
        this.pauseNanos = pause.toNanos();
        this.freeAtNanos = inbox.clock().nanos();
    }

    /** Takes up what a process before this one left. */
    void recover() throws IOException {
        Files.createDirectories(folder());
        folderKey = Files.readAttributes(folder(), BasicFileAttributes.class).fileKey();
        for (InboxEntry each : inbox.shown()) {
            byte[] text = EscalationText.json(each);
            boolean isThere = holds(file, text);
            if (each.state() != InboxEntry.State.PENDING) {
                if (isThere) {
                    Files.delete(file);
                }
            } else if (isThere || holds(beside, text)) {
                shown = each;
                content = text;
                isMoved = isThere;
                break;
            }
        }
        if (shown == null || isMoved) {
            Files.deleteIfExists(beside);
        }
    }

    private Path folder() {
        return Objects.requireNonNull(file.getParent(), "the file is absolute");
    }

    void look() throws IOException {
        Files.createDirectories(folder());
        Object key = Files.readAttributes(folder(), BasicFileAttributes.class).fileKey();
        if (!Objects.equals(key, folderKey)) {
            isMoved = false; // the folder with the file vanished, and nobody took the file
            folderKey = key;
        }
        InboxEntry current = shown;
        if (current != null) {
            keep(current);
        }
        if (shown == null && inbox.clock().nanos() - freeAtNanos >= 0) {
            Optional<InboxEntry> next = inbox.nextToShow();
            if (next.isPresent() && isFree()) {
                show(next.get());
            }
        }
    }

    private void keep(InboxEntry current) throws IOException {
        boolean waits = inbox.find(current.id())
                .map(entry -> entry.state() == InboxEntry.State.PENDING)
                .orElse(false);
        if (!waits) {
            if (!isMoved) {
                Files.deleteIfExists(beside);
            } else if (isOurs()) {
                Files.deleteIfExists(file);
            }
            shown = null;
            freeAtNanos = inbox.clock().nanos() + pauseNanos;
        } else if (!isMoved) {
            move();
        } else if (!isOurs()) {
            shown = null; // whoever reads it took it away
        }
    }

    private void show(InboxEntry next) throws IOException {
        content = EscalationText.json(next);
        writeBeside();
        if (inbox.showing(next.id())) {
            shown = next;
            isMoved = false;
            move();
        }
    }

    private void writeBeside() throws IOException {
        Files.deleteIfExists(beside);
        Files.write(beside, content, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    /** Moving replaces a symbolic link itself and never follows it. */
    private void move() throws IOException {
        if (!holds(beside, content)) {
            writeBeside(); // the folder was gone
        }
        InboxJournal.move(beside, file);
        isMoved = true;
        seen = attributes(file);
        blocked = false;
    }

    private boolean isOurs() throws IOException {
        BasicFileAttributes now = attributes(file);
        BasicFileAttributes before = seen;
        if (now != null
                && before != null
                && Objects.equals(now.fileKey(), before.fileKey())
                && now.size() == before.size()
                && now.lastModifiedTime().equals(before.lastModifiedTime())) {
            return true;
        }
        boolean isOurs = holds(file, content);
        seen = isOurs ? now : null;
        return isOurs;
    }

    private static boolean holds(Path file, byte[] content) throws IOException {
        BasicFileAttributes attributes = attributes(file);
        return attributes != null
                && attributes.isRegularFile()
                && attributes.size() == content.length
                && Arrays.equals(Files.readAllBytes(file), content);
    }

    /** Whether nothing is there that somebody may still want to read. */
    private boolean isFree() throws IOException {
        BasicFileAttributes there = attributes(file);
        if (there == null || there.isSymbolicLink() || (there.isRegularFile() && there.size() == 0)) {
            return true;
        }
        Duration age = Duration.between(
                there.lastModifiedTime().toInstant(), inbox.clock().instant());
        boolean isFree = age.compareTo(inbox.expireAfter()) >= 0;
        if (!isFree && !blocked) {
            blocked = true;
            LOG.warn(
                    "{} holds what this sink did not write; the next escalation waits until it is taken away or {} old",
                    file,
                    inbox.expireAfter());
        }
        return isFree;
    }

    static @Nullable BasicFileAttributes attributes(Path file) throws IOException {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException absent) {
            return null;
        }
    }
}
