package dev.reflexloop.llm.server;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The last lines of a server's output, and all of it in a file where that is wanted. Thread-safe. */
final class ServerLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LlamaServer.class);
    private static final int LINES = 200;
    private static final int LINE_LENGTH = 1_000;

    private final Deque<String> last = new ArrayDeque<>(LINES);
    private final Optional<Path> file;
    private final long fileLimit;
    private @Nullable BufferedWriter out;
    private long written;
    private boolean broken;

    /**
     * @param file where all of it goes, appended; when it has grown to the limit it is moved to the same name with {@code .1} at the end,
     *     over the one before
     */
    ServerLog(Optional<Path> file, long fileLimit) {
        this.file = file;
        this.fileLimit = fileLimit;
    }

    synchronized void add(String line) {
        if (last.size() == LINES) {
            last.removeFirst();
        }
        last.addLast(line.length() > LINE_LENGTH ? line.substring(0, LINE_LENGTH) + "..." : line);
        if (file.isPresent() && !broken) {
            try {
                write(file.get(), line);
            } catch (IOException failure) {
                broken = true;
                LOG.warn("The log of a llama-server cannot be written to {}; it goes on without", file.get(), failure);
            }
        }
    }

    private void write(Path path, String line) throws IOException {
        if (out != null && written > fileLimit) {
            out.close();
            out = null;
            Files.move(path, path.resolveSibling(path.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
        }
        if (out == null) {
            if (path.toAbsolutePath().getParent() != null) {
                Files.createDirectories(path.toAbsolutePath().getParent());
            }
            out = Files.newBufferedWriter(
                    path, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            written = Files.size(path);
        }
        out.write(line);
        out.write('\n');
        out.flush();
        written += line.length() + 1;
    }

    synchronized List<String> lines() {
        return List.copyOf(last);
    }

    /** The last few lines, indented, for a message. */
    String tail(int count) {
        List<String> lines = lines();
        return String.join("\n  ", lines.subList(Math.max(0, lines.size() - count), lines.size()));
    }

    @Override
    public synchronized void close() {
        broken = true; // late lines of an ended process only go to the ring
        try {
            if (out != null) {
                out.close();
            }
        } catch (IOException failure) {
            LOG.debug("The log {} did not close", file, failure);
        }
    }
}
