package dev.reflexloop.training;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Lines of a process's output that can be waited for interruptibly; a read from a pipe cannot. A thread of its own reads
 * until the stream ends. The queue is unbounded, because the child prints two lines a second.
 */
final class InterruptibleLines {

    private final BlockingQueue<Optional<String>> queue = new LinkedBlockingQueue<>();

    InterruptibleLines(InputStream stream) {
        Thread reader = new Thread(() -> read(stream), "reflex-training-events");
        reader.setDaemon(true);
        reader.start();
    }

    /** The next line; empty at the end of the stream. */
    Optional<String> next() throws InterruptedException {
        return queue.take();
    }

    private void read(InputStream stream) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                queue.add(Optional.of(line));
            }
        } catch (IOException ended) {
            // The stream breaks when the process is killed, which is its end.
        } finally {
            queue.add(Optional.empty());
        }
    }
}
