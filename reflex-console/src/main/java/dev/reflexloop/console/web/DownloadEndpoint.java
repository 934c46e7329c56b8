package dev.reflexloop.console.web;

import dev.reflexloop.TelemetryBus;
import dev.reflexloop.TelemetryEvent;
import dev.reflexloop.TelemetryQuery;
import dev.reflexloop.console.logfile.LogLines;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /logs/download}: all events that fit, the oldest first, from the files where there are some and from memory otherwise. At most four
 * at a time; one line of a file is in memory for each. Thread-safe.
 */
final class DownloadEndpoint {
    private static final Logger LOG = LoggerFactory.getLogger(ConsoleServer.class);
    private static final Set<String> PARAMETERS = EventFilter.and();
    private static final int MOST_DOWNLOADS = 4;
    private static final int BUFFER = 32 * 1_024;

    private final TelemetryBus bus;
    private final Supplier<List<Path>> files;
    private final Semaphore downloads = new Semaphore(MOST_DOWNLOADS);

    /**
     * An endpoint.
     *
     * @param files the telemetry files, the oldest first; none where events are in memory only
     */
    DownloadEndpoint(TelemetryBus bus, Supplier<List<Path>> files) {
        this.bus = bus;
        this.files = files;
    }

    void download(Exchange exchange) {
        TelemetryQuery query = EventFilter.of(exchange.parameters(PARAMETERS));
        if (!downloads.tryAcquire()) {
            throw new Refusal(429, MOST_DOWNLOADS + " downloads are going on; begin this one when one is done");
        }
        exchange.response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/x-ndjson");
        exchange.response.getHeaders().put(HttpHeader.CONTENT_DISPOSITION, "attachment; filename=\"telemetry.jsonl\"");
        try (OutputStream out = new BufferedOutputStream(Content.Sink.asOutputStream(exchange.response), BUFFER)) {
            List<Path> present = files.get();
            if (present.isEmpty()) {
                for (TelemetryEvent event : bus.query(query)) {
                    write(event.toJson(), out);
                }
            }
            for (Path file : present) {
                copy(file, query, out);
            }
        } catch (IOException gone) {
            exchange.callback.failed(gone);
            return;
        } finally {
            downloads.release();
        }
        exchange.callback.succeeded();
    }

    private static void copy(Path file, TelemetryQuery query, OutputStream out) throws IOException {
        LogLines opened;
        try {
            opened = LogLines.open(file);
        } catch (IOException gone) {
            LOG.debug("A download leaves {} out, which is gone or not to be read", file, gone);
            return;
        }
        try (LogLines lines = opened) {
            for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
                if (fits(line.get(), query)) {
                    write(line.get(), out);
                }
            }
        } catch (UncheckedIOException unreadable) {
            LOG.warn("A download leaves out what follows in {}, which cannot be read on", file, unreadable);
        }
    }

    private static boolean fits(String line, TelemetryQuery query) {
        try {
            return query.fits(TelemetryEvent.parse(line));
        } catch (IllegalArgumentException none) {
            return false;
        }
    }

    private static void write(String line, OutputStream out) throws IOException {
        out.write(line.getBytes(StandardCharsets.UTF_8));
        out.write('\n');
    }
}
