package dev.reflexloop.console.web;

import dev.reflexloop.ReflexThreads;
import dev.reflexloop.TelemetryBus;
import dev.reflexloop.TelemetryEvent;
import dev.reflexloop.console.logfile.LogFiles;
import dev.reflexloop.console.logfile.LogKind;
import dev.reflexloop.console.logfile.LogTail;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what another process writes into its telemetry files onto a bus of this one: of each log the newest events, then what comes, on a
 * thread of its own that looks ten times a second. Logs that appear later are found within two seconds. Lines that are no events are left
 * out. Thread-safe.
 */
final class TelemetryFollower implements AutoCloseable {
    static final int KEEP = 5_000;
    private static final Logger LOG = LoggerFactory.getLogger(ConsoleServer.class);
    private static final int MOST_LOGS = 64;
    private static final int NEWEST_FILES = 2;
    private static final long MOST_CHARACTERS = 16 << 20;
    private static final long LOOK_NANOS = 100_000_000;
    private static final long LOOK_ANYWAY_NANOS = 1_000_000_000;
    private static final long FIND_NANOS = 2_000_000_000;
    private static final int LEAST_PAUSE = 20;
    private static final long CLOSE_MILLIS = 2_000;

    private final List<Path> places;
    private final TelemetryBus bus;
    private final Map<Path, Followed> logs = new LinkedHashMap<>();
    private final Thread thread = ReflexThreads.create("reflex-console-follower", this::run);
    private volatile boolean closing;
    private boolean tooMany;

    /** One log, and how its file was when it was looked at last. */
    private static final class Followed {
        private final Path file;
        private final LogTail tail;
        private long size = -1;
        private @Nullable Object key;
        private long lookedAt;

        Followed(Path file) {
            this.file = file;
            this.tail = new LogTail(file, NEWEST_FILES);
        }

        /** Whether it may have grown; spares the folder a look where nothing happens. */
        boolean isDue(long now) {
            long before = size;
            Object keyBefore = key;
            try {
                BasicFileAttributes there = Files.readAttributes(file, BasicFileAttributes.class);
                size = there.size();
                key = there.fileKey();
            } catch (IOException between) {
                size = -1;
            }
            boolean due = size != before || !Objects.equals(key, keyBefore) || now - lookedAt > LOOK_ANYWAY_NANOS;
            lookedAt = due ? now : lookedAt;
            return due;
        }
    }

    /**
     * Starts to follow.
     *
     * @param places telemetry files and folders of some; they need not be there yet
     */
    TelemetryFollower(List<Path> places, TelemetryBus bus) {
        this.places = List.copyOf(places);
        this.bus = bus;
        thread.start();
    }

    /** The files of all logs that are there now, each log's oldest first. */
    List<Path> files() {
        return LogFiles.find(present()).entrySet().stream()
                .filter(each -> each.getValue() == LogKind.TELEMETRY)
                .map(Map.Entry::getKey)
                .toList();
    }

    private List<Path> present() {
        return places.stream().filter(Files::exists).toList();
    }

    private void run() {
        long findAt = System.nanoTime();
        while (!closing) {
            try {
                long now = System.nanoTime();
                if (now - findAt >= 0) {
                    find();
                    long took = System.nanoTime() - now;
                    findAt = now + Math.max(FIND_NANOS, LEAST_PAUSE * took);
                }
                publish(now);
            } catch (RuntimeException failure) {
                LOG.warn("The telemetry files cannot be followed now; it is tried again", failure);
            }
            Thread.interrupted(); // nobody has a reason to; it must not make a busy loop of this one
            if (!closing) {
                LockSupport.parkNanos(this, LOOK_NANOS);
            }
        }
        logs.values().forEach(each -> each.tail.close());
    }

    private void find() {
        for (Path file : files()) {
            Path log = LogFiles.log(file);
            if (logs.size() < MOST_LOGS) {
                logs.computeIfAbsent(log, Followed::new);
            } else if (!logs.containsKey(log) && !tooMany) {
                tooMany = true;
                LOG.warn("{} and others are not followed, as {} logs are; name fewer folders", log, MOST_LOGS);
            }
        }
    }

    /** Publishes what has come, in the order of its time; of much only the newest, as no more are kept. */
    private void publish(long now) {
        List<TelemetryEvent> come = new ArrayList<>();
        for (Followed log : logs.values()) {
            if (log.isDue(now)) {
                newest(log.tail).forEach(line -> parse(line).ifPresent(come::add));
            }
        }
        come.sort(Comparator.comparing(TelemetryEvent::at));
        come.subList(Math.max(0, come.size() - KEEP), come.size()).forEach(bus::publish);
    }

    private static Deque<String> newest(LogTail tail) {
        Deque<String> lines = new ArrayDeque<>();
        long characters = 0;
        try {
            for (Optional<String> line = tail.next(); line.isPresent(); line = tail.next()) {
                lines.addLast(line.get());
                characters += line.get().length();
                while (lines.size() > KEEP || characters > MOST_CHARACTERS) {
                    characters -= lines.removeFirst().length();
                }
            }
        } catch (UncheckedIOException unreadable) {
            LOG.debug("A telemetry file cannot be read on; it is tried again", unreadable);
        }
        return lines;
    }

    private static Optional<TelemetryEvent> parse(String line) {
        try {
            return Optional.of(TelemetryEvent.parse(line));
        } catch (IllegalArgumentException none) {
            return Optional.empty();
        }
    }

    /** Ends the thread and closes the files. Idempotent; waits at most two seconds. */
    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(thread);
        try {
            thread.join(CLOSE_MILLIS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
