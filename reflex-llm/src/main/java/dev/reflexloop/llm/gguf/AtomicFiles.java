package dev.reflexloop.llm.gguf;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writes files so that a reader sees the old one or the whole new one, also when the writer is killed. Stateless. */
public final class AtomicFiles {

    private AtomicFiles() {}

    /** Fills a file that exists and is empty. */
    @FunctionalInterface
    public interface Content {
        /**
         * Writes the bytes and forces them to disk.
         *
         * @param temporary where they go
         * @throws IOException if they cannot be written
         */
        void write(Path temporary) throws IOException;
    }

    /**
     * Writes beside the target, then moves over it. Blocks until that is done.
     *
     * @param target the file; its folder is created
     * @param content what writes it
     * @throws IOException if writing or moving fails; the temporary file is deleted then
     */
    public static void replace(Path target, Content content) throws IOException {
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

    /**
     * Whether a file is what a killed {@link #replace} of the target left behind.
     *
     * @param file any file
     * @param target the target
     * @return true when it may be deleted
     */
    public static boolean isTemporary(Path file, Path target) {
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
