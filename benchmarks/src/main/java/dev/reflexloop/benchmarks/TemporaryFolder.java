package dev.reflexloop.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder of a benchmark's own, deleted with its files when it is closed. One thread at a time. */
final class TemporaryFolder implements AutoCloseable {
    private final Path path;

    TemporaryFolder() {
        try {
            this.path = Files.createTempDirectory("reflex-bench");
        } catch (IOException failure) {
            throw new UncheckedIOException("no temporary folder could be made; check java.io.tmpdir", failure);
        }
    }

    Path path() {
        return path;
    }

    Path resolve(String file) {
        return path.resolve(file);
    }

    /** What cannot be deleted is said and left behind: it spoils no figure. */
    @Override
    public void close() {
        try (var files = Files.list(path)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(path);
        } catch (IOException failure) {
            System.err.println("left behind: " + path + " (" + failure + ")");
        }
    }
}
