package dev.reflexloop.console.command;

import dev.reflexloop.TelemetryEvent;
import dev.reflexloop.TelemetryQuery;
import dev.reflexloop.console.logfile.LogFiles;
import dev.reflexloop.console.logfile.LogKind;
import dev.reflexloop.console.logfile.LogLines;
import dev.reflexloop.console.logfile.LogTail;
import dev.reflexloop.console.terminal.Ink;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code reflexloop logs}: events of telemetry files that fit a query. */
@Command(
        name = "logs",
        mixinStandardHelpOptions = true,
        description = "Prints events of telemetry files, the newest last.",
        footer = {"", "reflexloop logs --event decision --entity bot-7 --level warn runs/"})
public final class LogsCommand implements Callable<Integer> {
    private static final int MOST = 100_000;
    private static final long LOOK_MILLIS = 100;

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "FILE",
            description = "telemetry files, rotated ones included, or folders that hold some; default: this folder")
    private List<Path> places = new ArrayList<>();

    @Option(names = "--source", paramLabel = "NAME", description = "only of this source, for instance model")
    private @Nullable String source;

    @Option(
            names = "--level",
            paramLabel = "LEVEL",
            description = "only this level and above: debug, info, warn, error")
    private TelemetryEvent.@Nullable Level level;

    @Option(names = "--event", paramLabel = "NAME", description = "only of this name, for instance decision")
    private @Nullable String event;

    @Option(names = "--entity", paramLabel = "BOT", description = "only about this bot")
    private @Nullable String entity;

    @Option(names = "--tick", paramLabel = "N", description = "only of this tick")
    private @Nullable Long tick;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "100",
            description = "the newest N, at most 100000; 0 for all, file by file; default: 100")
    private int limit;

    @Option(
            names = {"-f", "--follow"},
            description = "go on with what is written from now on, until Ctrl-C")
    private boolean follow;

    @Option(names = "--json", description = "print the events as they are in the file, a JSON object a line")
    private boolean json;

    private long unreadable;

    /** For picocli, which fills in the rest. */
    @SuppressWarnings("NullAway.Init")
    public LogsCommand() {}

    @Override
    public Integer call() throws IOException {
        if (limit < 0 || limit > MOST) {
            throw new ParameterException(
                    spec.commandLine(), "--limit is " + limit + "; give 1 to " + MOST + ", or 0 for all.");
        }
        PrintWriter out = spec.commandLine().getOut();
        List<Path> files = telemetry();
        if (files.isEmpty() && !(follow && !places.isEmpty())) {
            spec.commandLine()
                    .getErr()
                    .println("There is no telemetry file in " + named()
                            + "; a bot writes one with TelemetryBus.builder().file(...).");
            return 1;
        }
        EventText text = new EventText(Ink.of(spec.commandLine()), json);
        TelemetryQuery query = query();
        int status = follow ? follow(files, query, text, out) : print(files, query, text, out);
        if (unreadable > 0) {
            spec.commandLine().getErr().println(unreadable + " lines are no events and were left out.");
        }
        return status;
    }

    private List<Path> named() {
        return places.isEmpty() ? List.of(Path.of("").toAbsolutePath()) : places;
    }

    private List<Path> telemetry() {
        List<Path> files = new ArrayList<>();
        List<Path> there = follow
                ? named().stream().filter(place -> place.toFile().exists()).toList()
                : named();
        for (Map.Entry<Path, LogKind> each : LogFiles.find(there).entrySet()) {
            if (each.getValue() == LogKind.TELEMETRY) {
                files.add(each.getKey());
            }
        }
        return files;
    }

    private TelemetryQuery query() {
        TelemetryQuery query = TelemetryQuery.all();
        query = source == null ? query : query.source(source);
        query = level == null ? query : query.level(level);
        query = event == null ? query : query.event(event);
        query = entity == null ? query : query.entity(entity);
        return tick == null ? query : query.tick(tick);
    }

    private Optional<TelemetryEvent> parse(String line) {
        try {
            return Optional.of(TelemetryEvent.parse(line));
        } catch (IllegalArgumentException none) {
            unreadable++;
            return Optional.empty();
        }
    }

    private int print(List<Path> files, TelemetryQuery query, EventText text, PrintWriter out) throws IOException {
        Newest newest = new Newest(limit);
        for (Path file : files) {
            try (LogLines lines = LogLines.open(file)) {
                Optional<String> line = lines.next();
                while (line.isPresent()) {
                    Optional<TelemetryEvent> fitting = parse(line.get()).filter(query::fits);
                    if (fitting.isPresent() && limit == 0) {
                        out.println(text.of(fitting.get()));
                    } else {
                        fitting.ifPresent(newest::add);
                    }
                    line = lines.next();
                }
                unreadable += lines.tooLong();
            }
        }
        newest.inOrder().forEach(each -> out.println(text.of(each)));
        return 0;
    }

    /** The newest events of the files that are there, then whatever is added to them. */
    private int follow(List<Path> files, TelemetryQuery query, EventText text, PrintWriter out) {
        List<LogTail> tails = new ArrayList<>();
        List<Path> live = files.isEmpty() ? places : live(files);
        live.forEach(file -> tails.add(new LogTail(file)));
        try {
            Newest newest = new Newest(limit == 0 ? MOST : limit);
            tails.forEach(tail -> take(tail, query, newest));
            newest.inOrder().forEach(each -> out.println(text.of(each)));
            while (!Thread.currentThread().isInterrupted() && !out.checkError()) {
                Newest come = new Newest(MOST);
                tails.forEach(tail -> take(tail, query, come));
                come.inOrder().forEach(each -> out.println(text.of(each)));
                Thread.sleep(LOOK_MILLIS);
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        } finally {
            tails.forEach(LogTail::close);
        }
        return 0;
    }

    private static List<Path> live(List<Path> files) {
        return files.stream().map(LogFiles::log).distinct().toList();
    }

    private void take(LogTail tail, TelemetryQuery query, Newest into) {
        try {
            Optional<String> line = tail.next();
            while (line.isPresent()) {
                parse(line.get()).filter(query::fits).ifPresent(into::add);
                line = tail.next();
            }
        } catch (UncheckedIOException gone) {
            unreadable++;
        }
    }

    /** The newest of many events, in memory for so many; 0 keeps none. */
    private static final class Newest {
        private record Placed(TelemetryEvent event, long place) {}

        private static final Comparator<Placed> BY_TIME =
                Comparator.comparing((Placed each) -> each.event().at()).thenComparingLong(Placed::place);

        private final int most;
        private final PriorityQueue<Placed> kept = new PriorityQueue<>(BY_TIME);
        private long count;

        Newest(int most) {
            this.most = most;
        }

        void add(TelemetryEvent event) {
            kept.add(new Placed(event, count++));
            if (kept.size() > most) {
                kept.remove();
            }
        }

        List<TelemetryEvent> inOrder() {
            return kept.stream().sorted(BY_TIME).map(Placed::event).toList();
        }
    }
}
