package dev.reflexloop.escalation.relay;

import dev.reflexloop.Alert;
import dev.reflexloop.Deadline;
import dev.reflexloop.llm.gguf.AtomicFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.Locale;
import java.util.Objects;

/** Alerts as files in a folder. The name follows from the alert alone, so that a second delivery writes the same file. */
final class MessageFileChannel implements RelayChannel {
    static final String SUFFIX = ".msg";
    private static final int MOST_FILES = 10_000;
    private static final int HASH_BYTES = 8;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "uuuuMMdd'T'HHmmss.SSSSSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final Path folder;

    MessageFileChannel(Path folder) {
        this.folder = Objects.requireNonNull(folder, "folder of message files").toAbsolutePath();
    }

    @Override
    public Delivery deliver(Alert alert, Deadline deadline) {
        try {
            Path file = folder.resolve(name(alert));
            Files.createDirectories(folder);
            if (isFull()) {
                return Delivery.retry("the folder " + folder + " holds " + MOST_FILES
                        + " message files that nobody took away; read and delete them");
            }
            byte[] packet = MessagePacket.of(alert).getBytes(StandardCharsets.UTF_8);
            AtomicFiles.replace(file, temporary -> write(temporary, packet));
            return Delivery.delivered();
        } catch (IOException failure) {
            return Delivery.retry("no message file can be written into " + folder + " (" + failure
                    + "); check the folder, its permissions and the disk");
        }
    }

    private static void write(Path file, byte[] packet) throws IOException {
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.wrap(packet);
            while (buffer.hasRemaining()) {
                out.write(buffer);
            }
            out.force(true);
        }
    }

    private boolean isFull() throws IOException {
        int count = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
            for (Iterator<Path> each = files.iterator(); each.hasNext() && count < MOST_FILES; each.next()) {
                count++;
            }
        }
        return count >= MOST_FILES;
    }

    private static String name(Alert alert) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(alert.id().getBytes(StandardCharsets.UTF_8));
            return TIME.format(alert.at()) + "-" + HexFormat.of().formatHex(hash, 0, HASH_BYTES) + SUFFIX;
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }

    @Override
    public String toString() {
        return "message files in " + folder;
    }
}
