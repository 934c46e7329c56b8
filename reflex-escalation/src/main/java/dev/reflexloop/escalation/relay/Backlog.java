package dev.reflexloop.escalation.relay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.Alert;
import dev.reflexloop.ReflexClock;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which alerts wait for which channels, and which ids were seen; in memory, and in a spool where there is one. Thread-safe; blocks for as long as
 * the disk takes, so it is never touched by whoever raises an alert.
 *
 * <p>The spool's lines, version 1: a header; an {@code alert} with the channels that it waits for; {@code done} when one of them delivered it or
 * gave it up; {@code known} for the id of an alert that nobody waits for any more. Memory is what counts: when a write fails, nothing is
 * appended until the whole file could be written anew from it, which is tried with every change and every second.
 */
final class Backlog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AlertRelay.class);
    private static final int VERSION = 1;
    private static final int KNOWN_IDS = 10_000;
    private static final long COMPACT_BYTES = 1 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** An alert that some channel has to deliver. */
    static final class Entry {
        private final Alert alert;
        private final Instant since;
        private final Set<String> channels;
        private boolean stored;

        Entry(Alert alert, Instant since, Collection<String> channels) {
            this.alert = alert;
            this.since = since;
            this.channels = new LinkedHashSet<>(channels);
        }

        Alert alert() {
            return alert;
        }

        Instant since() {
            return since;
        }
    }

    private final ReflexClock clock;
    private final List<String> channels;
    private final @Nullable SpoolFile spool;
    private final Map<String, Entry> waiting = new LinkedHashMap<>();
    private final Set<String> known = new LinkedHashSet<>();
    private long acknowledged;
    private boolean broken;
    private boolean closed;
    private long compactAt = COMPACT_BYTES;

    /** Reads the spool and writes it anew. */
    Backlog(@Nullable SpoolFile spool, List<String> channels, ReflexClock clock) {
        this.spool = spool;
        this.channels = channels;
        this.clock = clock;
        if (spool != null) {
            try {
                read(spool);
                rewrite(spool);
            } catch (IOException failure) {
                close();
                throw SpoolFile.unusable(spool.toString(), failure);
            } catch (RelayException unusable) {
                close();
                throw unusable;
            }
        }
    }

    private void read(SpoolFile file) throws IOException {
        List<String> lines = file.read();
        int unusable = 0;
        for (String line : lines) {
            try {
                read(file, JSON.readTree(line));
            } catch (IOException | IllegalArgumentException | DateTimeException malformed) {
                unusable++;
            }
        }
        if (unusable > 0) {
            LOG.warn(
                    "{} of {} lines of the spool {} are none of a relay's and were left out",
                    unusable,
                    lines.size(),
                    file);
        }
        if (!waiting.isEmpty()) {
            LOG.info("{} alerts from before wait in the spool {}", waiting.size(), file);
        }
    }

    private void read(SpoolFile file, JsonNode line) {
        String id = line.path("id").asText();
        switch (line.path("type").asText()) {
            case "header" -> {
                if (line.path("version").asInt() != VERSION) {
                    throw new RelayException(
                            file.toString(),
                            "The spool " + file + " was written in another version of its format than " + VERSION
                                    + "; empty it with the library that wrote it, or choose another folder",
                            null);
                }
            }
            case "known" -> remember(id);
            case "alert" -> {
                Alert alert = new Alert(
                        id,
                        Alert.Level.valueOf(line.path("level").asText()),
                        line.path("mission").asText(),
                        line.path("text").asText(),
                        Instant.parse(line.path("at").asText()));
                List<String> names = new ArrayList<>();
                line.path("channels").forEach(name -> names.add(name.asText()));
                Entry entry = new Entry(alert, Instant.parse(line.path("since").asText()), names);
                entry.stored = true;
                waiting.put(id, entry);
                remember(id);
            }
            case "done" -> finish(id, line.path("channel").asText());
            default -> throw new IllegalArgumentException("unknown type");
        }
    }

    /** Takes the alerts whose ids are new, and stores them; the others are not in the result. */
    synchronized List<Entry> admit(List<Alert> alerts) {
        List<Entry> fresh = new ArrayList<>();
        StringBuilder lines = new StringBuilder();
        for (Alert alert : alerts) {
            if (!waiting.containsKey(alert.id()) && remember(alert.id())) {
                Entry entry = new Entry(alert, clock.instant(), channels);
                waiting.put(alert.id(), entry);
                fresh.add(entry);
                lines.append(line(entry));
            }
        }
        if (store(lines, true)) {
            fresh.forEach(this::stored);
        }
        return fresh;
    }

    /** Notes that a channel is done with an alert; true when it was the last one. */
    synchronized boolean done(Entry entry, String channel) {
        String id = entry.alert.id();
        boolean last = finish(id, channel);
        ObjectNode line = JSON.createObjectNode();
        line.put("type", "done").put("id", id).put("channel", channel);
        boolean interrupted = Thread.interrupted(); // an interrupted thread cannot write, and would close the file
        store(line + "\n", false);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return last;
    }

    /** Interrupts a thread, but not while it writes. */
    synchronized void interrupt(Thread thread) {
        thread.interrupt();
    }

    private boolean finish(String id, String channel) {
        Entry entry = waiting.get(id);
        if (entry == null || !entry.channels.remove(channel) || !entry.channels.isEmpty()) {
            return false;
        }
        waiting.remove(id);
        return true;
    }

    private boolean remember(String id) {
        boolean isNew = known.add(id);
        if (known.size() > KNOWN_IDS) {
            Iterator<String> oldest = known.iterator();
            oldest.next();
            oldest.remove();
        }
        return isNew;
    }

    /** What a channel has to deliver, in order. */
    synchronized List<Entry> waitingFor(String channel) {
        return waiting.values().stream()
                .filter(entry -> entry.channels.contains(channel))
                .toList();
    }

    /** How many alerts wait for any of the relay's channels. */
    synchronized int waiting() {
        return (int) waiting.values().stream()
                .filter(entry -> entry.channels.stream().anyMatch(channels::contains))
                .count();
    }

    /** How many of these would be lost with this process, because they are not in the spool. */
    synchronized int unsafe() {
        return (int) waiting.values().stream()
                .filter(entry -> !entry.stored && entry.channels.stream().anyMatch(channels::contains))
                .count();
    }

    /** How many alerts were stored since this was made. */
    synchronized long acknowledged() {
        return acknowledged;
    }

    /** Tries to write what could not be written; nothing to do in most cases. */
    synchronized void mend() {
        if (broken) {
            store("", false);
        }
    }

    /** Whether the spool cannot be written for the time being. */
    synchronized boolean isBroken() {
        return broken;
    }

    private boolean store(CharSequence lines, boolean force) {
        SpoolFile file = spool;
        if (file == null || closed) { // whoever is still at work may find another relay's lines there
            return false;
        }
        try {
            if (!broken && file.size() + lines.length() <= compactAt) {
                file.append(lines.toString(), force);
                return true;
            }
        } catch (IOException failure) {
            warn(file, failure);
        }
        try {
            rewrite(file); // what it should hold is in memory
            return true;
        } catch (IOException failure) {
            warn(file, failure);
            return false;
        }
    }

    private void warn(SpoolFile file, IOException failure) {
        if (!broken) {
            broken = true;
            LOG.warn(
                    "The spool {} cannot be written ({}); alerts are delivered all the same, but those that still wait would be lost"
                            + " with this process. It is tried again every second",
                    file,
                    failure.toString());
        }
    }

    private void rewrite(SpoolFile file) throws IOException {
        StringBuilder lines = new StringBuilder();
        lines.append(JSON.createObjectNode().put("type", "header").put("version", VERSION))
                .append('\n');
        for (String id : known) {
            if (!waiting.containsKey(id)) {
                lines.append(JSON.createObjectNode().put("type", "known").put("id", id))
                        .append('\n');
            }
        }
        waiting.values().forEach(entry -> lines.append(line(entry)));
        file.replace(lines.toString());
        compactAt = Math.max(COMPACT_BYTES, 2 * file.size());
        waiting.values().forEach(this::stored);
        if (broken) {
            broken = false;
            LOG.info("The spool {} can be written again", file);
        }
    }

    private void stored(Entry entry) {
        if (!entry.stored) {
            entry.stored = true;
            acknowledged++;
        }
    }

    private static String line(Entry entry) {
        ObjectNode line = JSON.createObjectNode();
        line.put("type", "alert").put("id", entry.alert.id());
        line.put("level", entry.alert.level().name());
        line.put("mission", entry.alert.mission());
        line.put("text", entry.alert.text());
        line.put("at", entry.alert.at().toString());
        line.put("since", entry.since.toString());
        var names = line.putArray("channels");
        entry.channels.forEach(names::add);
        return line + "\n";
    }

    @Override
    public synchronized void close() {
        closed = true;
        SpoolFile file = spool;
        if (file != null) {
            try {
                file.close();
            } catch (IOException failure) {
                LOG.warn("The spool {} did not close cleanly", file, failure);
            }
        }
    }
}
