package dev.reflexloop.console.review;

import dev.reflexloop.Served;
import dev.reflexloop.console.decisions.DecisionArchive;
import dev.reflexloop.console.decisions.KnownDecision;
import dev.reflexloop.console.decisions.LoggedDecision;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks for labels of logged decisions, the most uncertain first, and keeps them in {@code <log file name>.labels.jsonl} beside each log;
 * the log itself is never written, and for a log that was rotated the name is the one that it had before. What was labelled is known again
 * the next time. Several reviews of the same logs, also in other processes, may run at once. Thread-safe; every method may block while
 * files are read or written.
 *
 * <p>Only decisions that a model or a cache served are asked about. A label by the game is no label by a person; one on a heartbeat's tick
 * ({@code dpo_label}) is.
 */
public final class Review {
    private static final Logger LOG = LoggerFactory.getLogger(Review.class);
    private static final int LONGEST_BY = 100;

    /** The most uncertain first; without probabilities last; then the oldest first. */
    private static final Comparator<KnownDecision> ORDER = Comparator.comparingDouble(
                    (KnownDecision known) -> -known.doubt().orElse(-1))
            .thenComparing(KnownDecision::at)
            .thenComparing(KnownDecision::id);

    private final DecisionArchive archive;
    private final Clock clock;
    private final Map<Path, Labels> files = new LinkedHashMap<>();
    private final Map<Path, Path> labelsOfLogs = new HashMap<>();
    private final Deque<String> history = new ArrayDeque<>();

    /** One labels file, and what it says now. */
    private static final class Labels implements LabelsFile.Lines {
        private static final int MOST_OF_ONE_DECISION = 8;

        private final LabelsFile file;
        private final Map<String, Deque<Given>> given = new HashMap<>();

        Labels(Path path) {
            this.file = new LabelsFile(path);
        }

        @Override
        public void label(String id, Label label, Instant at) {
            Deque<Given> labels = given.computeIfAbsent(id, first -> new ArrayDeque<>(2));
            labels.addLast(new Given(id, label, at));
            if (labels.size() > MOST_OF_ONE_DECISION) {
                labels.removeFirst();
            }
        }

        @Override
        public void undo(String id) {
            given.computeIfPresent(id, (same, labels) -> {
                labels.pollLast();
                return labels.isEmpty() ? null : labels;
            });
        }

        @Override
        public void anew() {
            given.clear();
        }
    }

    private record Given(String id, Label label, Instant at) {}

    private Review(DecisionArchive archive, Clock clock) {
        this.archive = archive;
        this.clock = clock;
    }

    /**
     * Begins a review, or goes on with it.
     *
     * @param filesOrFolders trajectory logs, tick logs, and folders of them
     * @return the review
     */
    public static Review open(List<Path> filesOrFolders) {
        return of(DecisionArchive.open(filesOrFolders));
    }

    /**
     * A review of what an archive holds, which others may use at the same time.
     *
     * @param archive the logs
     * @return the review
     */
    public static Review of(DecisionArchive archive) {
        return of(archive, Clock.systemUTC());
    }

    static Review of(DecisionArchive archive, Clock clock) {
        Review review = new Review(archive, clock);
        review.readLabels();
        List<Given> before = new ArrayList<>();
        review.files.values().forEach(labels -> labels.given.values().forEach(before::addAll));
        before.sort(Comparator.comparing(Given::at));
        before.forEach(each -> review.history.addLast(each.id()));
        return review;
    }

    /** Reads what was added since the last time: decisions, outcomes, and labels by others. Costs little where nothing changed. */
    public synchronized void refresh() {
        archive.refresh();
        readLabels();
    }

    private void readLabels() {
        for (Path log : archive.files()) {
            read(labels(log));
        }
    }

    private Labels labels(Path log) {
        return files.computeIfAbsent(labelsOf(log), Labels::new);
    }

    /** Asked once for every decision, and the same for thousands of them. */
    private Path labelsOf(Path log) {
        return labelsOfLogs.computeIfAbsent(log, DecisionArchive::labelsOf);
    }

    private static void read(Labels labels) {
        try {
            labels.file.follow(labels);
        } catch (IOException unreadable) {
            LOG.debug("Labels cannot be read now ({}); it is tried again", unreadable.toString());
        }
    }

    /**
     * The decision to label next.
     *
     * @return the most uncertain one without a label; the same one until it is labelled, or a more uncertain one comes with {@link
     *     #refresh()}; empty when none is left
     */
    public Optional<LoggedDecision> next() {
        return next(any -> true);
    }

    /**
     * The decision among some to label next.
     *
     * @param among which ones
     * @return as {@link #next()}
     */
    public synchronized Optional<LoggedDecision> next(Predicate<KnownDecision> among) {
        List<KnownDecision> open = new ArrayList<>();
        for (KnownDecision known : archive.known()) {
            if (isAskedAbout(known) && label(known).isEmpty() && among.test(known)) {
                open.add(known);
            }
        }
        Set<String> gone = new HashSet<>();
        while (gone.size() < open.size()) {
            Optional<KnownDecision> first =
                    open.stream().filter(each -> !gone.contains(each.id())).min(ORDER);
            Optional<LoggedDecision> found = first.flatMap(each -> archive.find(each.id()));
            if (found.isPresent() || first.isEmpty()) {
                return found;
            }
            gone.add(first.get().id()); // with its log
        }
        return Optional.empty();
    }

    private static boolean isAskedAbout(KnownDecision known) {
        return known.served() == Served.MODEL || known.served() == Served.CACHE;
    }

    private Optional<Label> label(KnownDecision known) {
        Labels labels = files.get(labelsOf(known.file()));
        Deque<Given> given = labels == null ? null : labels.given.get(known.id());
        if (given != null) {
            return Optional.of(given.getLast().label());
        }
        return known.kind() == LoggedDecision.Kind.HEARTBEAT ? known.label().flatMap(Label::of) : Optional.empty();
    }

    /**
     * How far it is, as of the last {@link #refresh()}.
     *
     * @return the counts
     */
    public Progress progress() {
        return progress(any -> true);
    }

    /**
     * How far it is with some of the decisions.
     *
     * @param among which ones
     * @return as {@link #progress()}
     */
    public synchronized Progress progress(Predicate<KnownDecision> among) {
        long total = 0;
        long[] counts = new long[Label.values().length];
        for (KnownDecision known : archive.known()) {
            if (isAskedAbout(known) && among.test(known)) {
                total++;
                label(known).ifPresent(label -> counts[label.ordinal()]++);
            }
        }
        long chosen = counts[Label.CHOSEN.ordinal()];
        long rejected = counts[Label.REJECTED.ordinal()];
        long skipped = counts[Label.SKIP.ordinal()];
        return new Progress(total, chosen, rejected, skipped, total - chosen - rejected - skipped);
    }

    /**
     * Labels a decision; a label that it has already is replaced, and comes back with {@link #undo}. The operating system has the label
     * when this returns, so that it survives the death of this process.
     *
     * @param id the decision, whoever served it
     * @param label what a person says of it
     * @param by who says so, at most 100 characters of it
     * @throws ReviewException if the decision is unknown, or the label could not be written; then it is not counted
     */
    public synchronized void label(String id, Label label, String by) {
        Labels labels = labels(decision(id).file());
        try {
            labels.file.label(id, label, by.substring(0, Math.min(by.length(), LONGEST_BY)), clock.instant());
        } catch (IOException failure) {
            throw notWritten(id, failure);
        }
        read(labels);
        history.addLast(id);
    }

    private LoggedDecision decision(String id) {
        return archive.find(id)
                .orElseThrow(() -> new ReviewException(
                        id, "Decision '" + id + "' is in none of the logs; it was rotated away, or never there", null));
    }

    private static ReviewException notWritten(String id, IOException failure) {
        return new ReviewException(
                id,
                "The label of decision '" + id + "' could not be written (" + failure
                        + "); free the disk, or choose logs in a folder that you may write",
                failure);
    }

    /**
     * Takes the newest label back that was given here, then those from before this review began. Labels that others gave meanwhile stay.
     *
     * @return the decision that lost its label, or has the one before it again; empty when there is none
     * @throws ReviewException if that could not be written; then the label stays
     */
    public synchronized Optional<String> undo() {
        while (!history.isEmpty()) {
            String id = history.getLast();
            Optional<LoggedDecision> decision = archive.find(id);
            if (decision.isPresent()) {
                Labels labels = labels(decision.get().file());
                read(labels);
                if (labels.given.containsKey(id)) {
                    try {
                        labels.file.undo(id, clock.instant());
                    } catch (IOException failure) {
                        throw notWritten(id, failure);
                    }
                    read(labels);
                    history.removeLast();
                    return Optional.of(id);
                }
            }
            history.removeLast(); // its log is gone, or somebody else took the label back
        }
        return Optional.empty();
    }

    /**
     * Finds a decision, reviewed or not.
     *
     * @param id its id
     * @return the decision; empty where it is in none of the logs
     */
    public Optional<LoggedDecision> find(String id) {
        return archive.find(id);
    }

    /**
     * What a person said of a decision.
     *
     * @param id the decision
     * @return the label; empty where there is none
     */
    public synchronized Optional<Label> labelOf(String id) {
        return archive.known(id).flatMap(this::label);
    }
}
