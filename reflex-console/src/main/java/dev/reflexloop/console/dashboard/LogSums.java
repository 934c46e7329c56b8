package dev.reflexloop.console.dashboard;

import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexException;
import dev.reflexloop.console.logfile.LogFiles;
import dev.reflexloop.console.logfile.LogKind;
import dev.reflexloop.escalation.InboxEntry;
import dev.reflexloop.escalation.InboxFile;
import dev.reflexloop.llm.server.ModelPlace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/*
 * A trajectory log and a telemetry file may tell of the same decisions; those of a session that a trajectory log tells of are not taken from
 * telemetry as well. Sums are kept by file, so that a look reads what changed: of a rotating log that is the newest file. With a window, a
 * file that begins before it is read anew, because what it no longer counts is not known from its sums.
 */
/** Sums over logs. One thread at a time. */
final class LogSums {
    private static final Duration ACTIVE = Duration.ofMinutes(1);

    private final List<Path> places;
    private final List<Path> sessions;
    private final Optional<Duration> window;
    private final ReflexClock clock;
    private Map<Path, Known> known = Map.of();

    private record State(@Nullable Object key, long size, FileTime modified) {}

    private record Known(State state, FileTally tally) {}

    LogSums(List<Path> places, List<Path> sessions, Optional<Duration> window, ReflexClock clock) {
        this.places = List.copyOf(places);
        this.sessions = List.copyOf(sessions);
        this.window = window;
        this.clock = clock;
    }

    /** Looks at the logs, and puts what is known of models beside it. */
    Overview look(List<ModelPlace> models) {
        return new Look(clock.instant()).overview(models);
    }

    /** One look. */
    private final class Look {
        private final Instant now;
        private final Instant since;
        private final Map<Path, Known> seen = new HashMap<>();
        private final Map<String, LoopTally> loops = new LinkedHashMap<>();
        private final Map<String, LoopTally> fromTelemetry = new LinkedHashMap<>();
        private final FileTally.LabelCount byPeople = new FileTally.LabelCount();
        private final FileTally.LabelCount fromPlay = new FileTally.LabelCount();
        private final List<InboxEntry> pending = new ArrayList<>();
        private final List<String> problems = new ArrayList<>();
        private @Nullable Tokens tokens;
        private int files;
        private long bytes;
        private long skipped;
        private long answered;
        private long expired;

        Look(Instant now) {
            this.now = now;
            this.since = window.map(now::minus).orElse(Instant.MIN);
        }

        Overview overview(List<ModelPlace> models) {
            LogFiles.find(places).forEach(this::read);
            sessions.forEach(file -> read(file, LogKind.SESSIONS));
            known = seen;
            fromTelemetry.keySet().removeAll(loops.keySet());
            loops.putAll(fromTelemetry);
            LoopTally decisions = new LoopTally();
            loops.values().forEach(decisions::add);
            List<String> active = loops.entrySet().stream()
                    .filter(loop -> loop.getValue().wasActiveSince(now.minus(ACTIVE)))
                    .map(Map.Entry::getKey)
                    .toList();
            return new Overview(
                    now,
                    window,
                    files,
                    bytes,
                    skipped,
                    decisions,
                    loops,
                    active,
                    pending,
                    answered,
                    expired,
                    byPeople,
                    fromPlay,
                    Optional.ofNullable(tokens),
                    models,
                    problems);
        }

        private void read(Path file, LogKind kind) {
            try {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                State state = new State(attributes.fileKey(), attributes.size(), attributes.lastModifiedTime());
                files++;
                bytes += attributes.size();
                if (kind == LogKind.INBOX) {
                    inbox(file);
                } else if (kind == LogKind.SESSIONS) {
                    Tokens more = Tokens.read(file, since, now);
                    tokens = tokens == null ? more : tokens.plus(more);
                } else if (!state.modified().toInstant().isBefore(since)) { // an older one holds nothing that counts
                    add(tally(file, kind, state), kind);
                }
            } catch (IOException | UncheckedIOException failure) {
                problems.add(file + " cannot be read: " + failure.getMessage());
            } catch (ReflexException failure) {
                problems.add(failure.getMessage());
            }
        }

        private FileTally tally(Path file, LogKind kind, State state) throws IOException {
            Known before = known.get(file);
            FileTally tally = before != null
                            && before.state().equals(state)
                            && before.tally().holdsSince(since)
                    ? before.tally()
                    : FileTally.of(file, kind, since);
            seen.put(file, new Known(state, tally));
            return tally;
        }

        private void add(FileTally tally, LogKind kind) {
            skipped += tally.skipped;
            byPeople.add(tally.byPeople);
            fromPlay.add(tally.fromPlay);
            Map<String, LoopTally> into = kind == LogKind.TELEMETRY ? fromTelemetry : loops;
            tally.loops.forEach((name, loop) ->
                    into.computeIfAbsent(name, unused -> new LoopTally()).add(loop));
        }

        private void inbox(Path file) {
            for (InboxEntry entry : InboxFile.read(file).entries()) {
                boolean counts = !entry.at().isBefore(since);
                switch (entry.state()) {
                    case PENDING -> pending.add(entry);
                    case ANSWERED -> answered += counts ? 1 : 0;
                    case EXPIRED -> expired += counts ? 1 : 0;
                }
            }
        }
    }
}
