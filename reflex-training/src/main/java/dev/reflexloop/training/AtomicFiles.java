package dev.reflexloop.training;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writes files so that a reader sees the old one or the whole new one, also when the writer is killed. */
final class AtomicFiles {

    private AtomicFiles() {}

    /** Fills a file that exists and is empty. */
    interface Content {
        void write(Path temporary) throws IOException;
    }

    /**
     * Writes beside the target, then moves over it. The content forces its bytes to disk itself.
     *
     * @throws IOException if writing or moving fails; the temporary file is deleted then
     */
    static void replace(Path target, Content content) throws IOException {
        Path absolute = target.toAbsolutePath();
        Path folder = absolute.getParent();
        if (folder == null) {
            throw new IOException(target + " is not a file");
        }
        Files.createDirectories(folder);
        Path temporary = folder.resolve(
                "." + absolute.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
        try {
            Files.deleteIfExists(temporary);
            Files.createFile(temporary);
            content.write(temporary);
            move(temporary, absolute);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** Whether a file is what an interrupted {@link #replace} of the target left behind. */
    static boolean isTemporary(Path file, Path target) {
        String name = String.valueOf(file.getFileName());
        return name.startsWith("." + target.getFileName() + ".") && name.endsWith(".tmp");
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException cannot) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
