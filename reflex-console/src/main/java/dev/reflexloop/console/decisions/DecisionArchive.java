package dev.reflexloop.console.decisions;

import dev.reflexloop.Doubt;
import dev.reflexloop.Outcome;
import dev.reflexloop.TrajectoryException;
import dev.reflexloop.TrajectoryReader;
import dev.reflexloop.TrajectoryRecord;
import dev.reflexloop.console.logfile.LogFiles;
import dev.reflexloop.console.logfile.LogKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds decisions in trajectory logs and in the ticks of heartbeats, also while these are written. Logs are read only. Thread-safe; every
 * method may block while files are read.
 *
 * <p>In memory are a few hundred bytes for each of the 100,000 decisions that were read last; older ones are forgotten and counted. A
 * decision in full is read from its log when it is asked for. Lines that are no records are left out and counted; files that hold none are
 * left alone.
 */
public final class DecisionArchive {
    private static final Logger LOG = LoggerFactory.getLogger(DecisionArchive.class);
    private static final int MOST_DECISIONS = 100_000;
    private static final int LONGEST_ID = 200;
    private static final int MOST_HEADERS = 100;
    private static final int LINES_UNTIL_GIVEN_UP = 1_000;

    private final List<Path> filesOrFolders;
    private final int mostDecisions;
    private final Map<Object, Log> logs = new LinkedHashMap<>();
    private final LinkedHashMap<String, Entry> entries = new LinkedHashMap<>();
    private final Map<String, String> shared = new HashMap<>();
    private final Map<String, TrajectoryRecord.Header> headers = new LinkedHashMap<>();
    private long forgotten;
    private long changes;

    /** One followed file. */
    private static final class Log {
        private final GrowingFile file;
        private long size = -1;
        private long modified;
        private boolean hasRecords;
        private long otherLines;

        Log(Path path) {
            this.file = new GrowingFile(path);
        }

        boolean isGivenUp() {
            return !hasRecords && otherLines >= LINES_UNTIL_GIVEN_UP;
        }
    }

    private record Place(Log log, long offset) {}

    private record Entry(
            KnownDecision known, Place step, @Nullable Place outcome) {}

    /**
     * How much there is.
     *
     * @param kept decisions that can be found
     * @param forgotten decisions that were too many
     * @param files files that hold records
     * @param skippedLines lines in these that are none
     */
    public record Counts(long kept, long forgotten, int files, long skippedLines) {}

    DecisionArchive(List<Path> filesOrFolders, int mostDecisions) {
        this.filesOrFolders = List.copyOf(filesOrFolders);
        this.mostDecisions = mostDecisions;
    }

    /**
     * Reads logs. Blocks until all of them are read, which takes about a minute for a gigabyte.
     *
     * @param filesOrFolders logs, each with what was rotated away from it, and folders whose {@code .jsonl} files at any depth are logs;
     *     what is missing may come later
     * @return an archive of what they hold now
     */
    public static DecisionArchive open(List<Path> filesOrFolders) {
        DecisionArchive archive = new DecisionArchive(filesOrFolders, MOST_DECISIONS);
        archive.refresh();
        return archive;
    }

    /**
     * Reads what was added to the logs since the last time: new lines, new files, files that were rotated, replaced or taken away. Costs
     * little where nothing changed.
     *
     * @return whether anything did
     */
    public synchronized boolean refresh() {
        long before = changes;
        Map<Object, Path> there = new LinkedHashMap<>();
        for (Path path : paths()) {
            try {
                follow(path, there);
            } catch (IOException unreadable) {
                LOG.debug("{} cannot be read now ({}); it is tried again", path, unreadable.toString());
            }
        }
        Set<Log> gone = new HashSet<>();
        logs.entrySet().removeIf(each -> {
            boolean isGone = !there.containsKey(each.getKey());
            if (isGone) {
                gone.add(each.getValue());
            }
            return isGone;
        });
        forget(gone);
        return changes != before;
    }

    private Set<Path> paths() {
        Set<Path> paths = new LinkedHashSet<>();
        for (Path place : filesOrFolders) {
            Path path = place.toAbsolutePath().normalize();
            if (Files.isDirectory(path)) {
                paths.addAll(logsIn(path));
            } else {
                paths.addAll(LogFiles.family(path));
            }
        }
        return paths;
    }

    private static List<Path> logsIn(Path folder) {
        try {
            return LogFiles.find(List.of(folder)).entrySet().stream()
                    .filter(each -> each.getValue() == LogKind.TRAJECTORY || each.getValue() == LogKind.TICKS)
                    .map(Map.Entry::getKey)
                    .toList();
        } catch (UncheckedIOException | IllegalArgumentException vanished) {
            LOG.debug("{} cannot be read now ({})", folder, vanished.toString());
            return List.of();
        }
    }

    private void follow(Path path, Map<Object, Path> there) throws IOException {
        BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
        Object key = now.fileKey() == null ? path : now.fileKey(); // a file keeps its key when it is renamed
        if (there.putIfAbsent(key, path) != null) {
            return; // another name of the same file
        }
        Log known = logs.computeIfAbsent(key, none -> new Log(path));
        Log log = known;
        log.file.movedTo(path);
        long modified = now.lastModifiedTime().toMillis();
        if (log.size == now.size() && log.modified == modified) {
            return;
        }
        if (!log.isGivenUp() && !log.file.follow((offset, line) -> line(known, offset, line))) {
            forget(Set.of(log));
            Log anew = new Log(path);
            logs.put(key, anew);
            anew.file.follow((offset, line) -> line(anew, offset, line));
            log = anew;
        }
        log.size = now.size();
        log.modified = modified;
    }

    private void forget(Set<Log> gone) {
        if (!gone.isEmpty()
                && entries.values().removeIf(entry -> gone.contains(entry.step().log()))) {
            changes++;
        }
    }

    private void line(Log log, long offset, String line) {
        if (log.isGivenUp()) {
            return;
        }
        Place place = new Place(log, offset);
        Optional<TrajectoryRecord> record = record(line);
        if (record.isEmpty()) {
            Optional<TickLines.Read> tick = TickLines.read(line);
            if (tick.isPresent()) {
                log.hasRecords = true;
                add(
                        place,
                        tick.get().step(),
                        LoggedDecision.Kind.HEARTBEAT,
                        tick.get().label());
            } else {
                log.otherLines++;
            }
        } else if (record.get() instanceof TrajectoryRecord.Decided step) {
            log.hasRecords = true;
            add(place, step, LoggedDecision.Kind.TRAJECTORY, Optional.empty());
        } else if (record.get() instanceof TrajectoryRecord.Closed closed) {
            log.hasRecords = true;
            close(place, closed.outcome());
        } else if (record.get() instanceof TrajectoryRecord.Header header) {
            headers.put(header.session(), header);
            if (headers.size() > MOST_HEADERS) {
                headers.remove(headers.keySet().iterator().next());
            }
        }
    }

    private static Optional<TrajectoryRecord> record(String line) {
        try {
            return TrajectoryReader.parse(line);
        } catch (TrajectoryException newer) {
            return Optional.empty();
        }
    }

    private void add(Place place, TrajectoryRecord.Decided step, LoggedDecision.Kind kind, Optional<String> label) {
        if (step.id().length() > LONGEST_ID) {
            place.log().otherLines++;
            return;
        }
        boolean hasProbabilities = step.legal().stream().anyMatch(step.probabilities()::containsKey);
        KnownDecision known = new KnownDecision(
                step.id(),
                place.log().file.path(),
                kind,
                step.at(),
                shared(step.perception().entity()),
                shared(step.action()),
                step.model().map(this::shared),
                step.served(),
                step.latencyMicros(),
                step.escalated(),
                hasProbabilities ? OptionalDouble.of(doubt(step)) : OptionalDouble.empty(),
                label);
        entries.remove(step.id()); // so that it counts as the newest
        entries.put(step.id(), new Entry(known, place, null));
        if (entries.size() > mostDecisions) {
            entries.remove(entries.keySet().iterator().next());
            forgotten++;
        }
        changes++;
    }

    /** Probabilities from a file need not add up. */
    private static double doubt(TrajectoryRecord.Decided step) {
        return Math.max(0, Math.min(1, Doubt.of(step).entropy()));
    }

    private void close(Place place, Outcome outcome) {
        Entry closed = entries.computeIfPresent(outcome.step(), (id, entry) -> {
            KnownDecision labelled = entry.known().labelled(outcome.label().map(this::shared));
            return new Entry(labelled, entry.step(), place);
        });
        changes += closed == null ? 0 : 1;
    }

    /** The same few names come with every decision. */
    private String shared(String name) {
        if (shared.size() > 10_000) {
            shared.clear();
        }
        String clipped = clipped(name);
        return shared.computeIfAbsent(clipped, same -> same);
    }

    private static String clipped(String name) {
        return name.length() <= LONGEST_ID ? name : name.substring(0, LONGEST_ID);
    }

    /**
     * Finds a decision as far as the logs were read.
     *
     * @param id its id
     * @return the decision in full; empty where it is unknown, was forgotten, or its log is gone
     */
    public synchronized Optional<LoggedDecision> find(String id) {
        Entry entry = entries.get(id);
        if (entry == null) {
            return Optional.empty();
        }
        Optional<LoggedDecision> found = read(entry);
        if (found.isEmpty()) { // its log was rotated or taken away since
            refresh();
            entry = entries.get(id);
            found = entry == null ? Optional.empty() : read(entry);
        }
        return found;
    }

    private Optional<LoggedDecision> read(Entry entry) {
        try {
            Log log = entry.step().log();
            String line = log.file.lineAt(entry.step().offset()).orElse("");
            Path path = log.file.path();
            Optional<LoggedDecision> found;
            if (entry.known().kind() == LoggedDecision.Kind.HEARTBEAT) {
                found = TickLines.read(line)
                        .map(tick -> new LoggedDecision(
                                path, LoggedDecision.Kind.HEARTBEAT, tick.step(), review(tick.label())));
            } else {
                found = record(line)
                        .filter(TrajectoryRecord.Decided.class::isInstance)
                        .map(step -> new LoggedDecision(
                                path, LoggedDecision.Kind.TRAJECTORY, (TrajectoryRecord.Decided) step, result(entry)));
            }
            return found.filter(decision -> decision.id().equals(entry.known().id()));
        } catch (IOException unreadable) {
            LOG.debug("Decision {} cannot be read now ({})", entry.known().id(), unreadable.toString());
            return Optional.empty();
        }
    }

    private static Optional<LoggedDecision.Result> review(Optional<String> label) {
        return label.map(
                said -> new LoggedDecision.Result(OptionalDouble.empty(), Optional.of(said), List.of(), "review"));
    }

    private static Optional<LoggedDecision.Result> result(Entry entry) {
        Place place = entry.outcome();
        if (place == null) {
            return Optional.empty();
        }
        try {
            return record(place.log().file.lineAt(place.offset()).orElse(""))
                    .filter(TrajectoryRecord.Closed.class::isInstance)
                    .map(closed -> ((TrajectoryRecord.Closed) closed).outcome())
                    .filter(outcome -> outcome.step().equals(entry.known().id()))
                    .map(DecisionArchive::result);
        } catch (IOException gone) { // it may be in another file than the step, which is there
            return Optional.empty();
        }
    }

    private static LoggedDecision.Result result(Outcome outcome) {
        return new LoggedDecision.Result(
                OptionalDouble.of(outcome.reward()),
                outcome.label(),
                outcome.reasons(),
                outcome.closedBy().name().toLowerCase(Locale.ROOT));
    }

    /**
     * The newest decisions by their wall-clock time.
     *
     * @param limit how many at most
     * @param entity of which bot; of all when empty
     * @return the decisions in full, the newest first
     */
    public synchronized List<LoggedDecision> newest(int limit, Optional<String> entity) {
        Optional<String> name = entity.map(DecisionArchive::clipped);
        PriorityQueue<KnownDecision> newest = new PriorityQueue<>(Comparator.comparing(KnownDecision::at));
        for (Entry entry : entries.values()) {
            if (name.isEmpty() || name.get().equals(entry.known().entity())) {
                newest.add(entry.known());
                if (newest.size() > limit) {
                    newest.remove();
                }
            }
        }
        List<KnownDecision> inOrder = new ArrayList<>(newest);
        inOrder.sort(Comparator.comparing(KnownDecision::at).reversed());
        List<LoggedDecision> found = new ArrayList<>();
        for (KnownDecision each : inOrder) {
            find(each.id()).ifPresent(found::add);
        }
        return found;
    }

    /**
     * Everything that can be found, for counting and choosing.
     *
     * @return a copy, in the order in which the logs were read
     */
    public synchronized List<KnownDecision> known() {
        List<KnownDecision> all = new ArrayList<>(entries.size());
        for (Entry entry : entries.values()) {
            all.add(entry.known());
        }
        return all;
    }

    /**
     * What is remembered of one decision.
     *
     * @param id its id
     * @return it; empty where it is unknown or was forgotten
     */
    public synchronized Optional<KnownDecision> known(String id) {
        return Optional.ofNullable(entries.get(id)).map(Entry::known);
    }

    /**
     * The beginning of a run, which names and describes its actions.
     *
     * @param session the run
     * @return its header; empty for ticks, and where the run is not among the last 100
     */
    public synchronized Optional<TrajectoryRecord.Header> header(String session) {
        return Optional.ofNullable(headers.get(session));
    }

    /**
     * The logs that hold records.
     *
     * @return their paths
     */
    public synchronized List<Path> files() {
        return logs.values().stream()
                .filter(log -> log.hasRecords)
                .map(log -> log.file.path())
                .toList();
    }

    /**
     * How much there is.
     *
     * @return the counts now
     */
    public synchronized Counts counts() {
        long skipped = logs.values().stream()
                .filter(log -> log.hasRecords)
                .mapToLong(log -> log.file.tooLong() + log.otherLines)
                .sum();
        return new Counts(entries.size(), forgotten, files().size(), skipped);
    }

    /**
     * Where the labels of a log's decisions are: {@code <log file name>.labels.jsonl} beside it, where the name is the one that the log had
     * before it was rotated.
     *
     * @param log a log
     * @return the file, which need not exist
     */
    public static Path labelsOf(Path log) {
        Path whole = LogFiles.log(log);
        return whole.resolveSibling(whole.getFileName() + LogKind.LABELS_ENDING);
    }
}
