package dev.reflexloop.console.command;

import dev.reflexloop.console.Reflexloop;
import dev.reflexloop.console.dashboard.Dashboard;
import dev.reflexloop.console.terminal.Ink;
import dev.reflexloop.console.terminal.LiveScreen;
import dev.reflexloop.console.terminal.Text;
import dev.reflexloop.llm.server.Endpoint;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Stack;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code reflexloop dashboard}: what a reflex does, in numbers, once or again and again. */
@Command(
        name = "dashboard",
        mixinStandardHelpOptions = true,
        description = "Shows decisions, latency, models, escalations and labels in numbers.",
        footer = {
            "",
            "reflexloop dashboard --watch 5 --hours 1 runs/",
            "q or Ctrl-C ends --watch, any other key looks again."
        })
public final class DashboardCommand implements Callable<Integer> {
    private static final int USUAL_WIDTH = 80;
    private static final double MOST_HOURS = 1_000_000;
    private static final int USUAL_SECONDS = 30;
    private static final int MOST_SECONDS = 86_400;
    private static final double SECONDS_PER_HOUR = 3_600;

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "FILE",
            description = "logs of any kind, or folders that hold some and models; default: this folder")
    private List<Path> places = new ArrayList<>();

    @Option(
            names = "--watch",
            arity = "0..1",
            paramLabel = "SECONDS",
            parameterConsumer = Seconds.class,
            description = "look again every so many seconds, 1 to 86400; 30 without a number")
    private @Nullable Integer watch;

    @Option(names = "--hours", paramLabel = "N", description = "count only what is so young, for instance 0.5")
    private @Nullable Double hours;

    @Option(names = "--json", description = "print JSON; with --watch an object a line")
    private boolean json;

    @Option(
            names = "--llama-server",
            paramLabel = "URL",
            description = "a llama-server to ask for its models; default: ports 8080 and 8082 of this machine")
    private List<String> llamaServers = new ArrayList<>();

    @Option(
            names = "--ollama",
            paramLabel = "URL",
            description = "an Ollama to ask for its models; default: port 11434 of this machine")
    private List<String> ollamas = new ArrayList<>();

    @Option(names = "--models", paramLabel = "FOLDER", description = "a folder with .gguf files; default: those given")
    private List<Path> models = new ArrayList<>();

    @Option(
            names = "--sessions",
            paramLabel = "FILE",
            description = "a harness's list of sessions with their tokens; default: sessions.json where it is found")
    private List<Path> sessions = new ArrayList<>();

    @Option(names = "--width", paramLabel = "N", description = "columns, 60 at least; default: the terminal's, or 80")
    private @Nullable Integer width;

    /** For picocli, which fills in the rest. */
    @SuppressWarnings("NullAway.Init")
    public DashboardCommand() {}

    /** Takes a number, if one follows; what else follows is a file. */
    static final class Seconds implements IParameterConsumer {
        @Override
        public void consumeParameters(Stack<String> words, ArgSpec option, CommandSpec command) {
            boolean isNumber = !words.isEmpty() && words.peek().matches("-?\\d{1,9}");
            option.setValue(isNumber ? Integer.valueOf(words.pop()) : Integer.valueOf(USUAL_SECONDS));
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        Dashboard.Builder builder = Dashboard.builder();
        (places.isEmpty() ? List.of(Path.of("")) : places).forEach(builder::logs);
        sessions.forEach(builder::sessions);
        models.forEach(builder::models);
        llamaServers.forEach(url -> builder.llamaServer(Endpoint.of(url)));
        ollamas.forEach(url -> builder.ollama(Endpoint.of(url)));
        if (hours != null) {
            if (!(hours > 0 && hours <= MOST_HOURS)) {
                throw wrong("--hours is " + hours + "; give more than 0.");
            }
            builder.window(Duration.ofSeconds(Math.max(1, Math.round(hours * SECONDS_PER_HOUR))));
        }
        if (watch != null && (watch < 1 || watch > MOST_SECONDS)) {
            throw wrong("--watch is " + watch + "; give 1 to " + MOST_SECONDS + " seconds.");
        }
        try (Dashboard dashboard = builder.build()) {
            if (watch == null) {
                print(dashboard.look());
            } else {
                watch(dashboard, Duration.ofSeconds(watch));
            }
        }
        return 0;
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private void print(Dashboard.View view) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(
                    watch == null ? view.json().toPrettyString() : view.json().toString());
        } else {
            view.lines(width(), Ink.of(spec.commandLine())).forEach(out::println);
        }
    }

    private boolean isOnTerminal() {
        return spec.root().userObject() instanceof Reflexloop root && root.isOnTerminal();
    }

    private int width() {
        if (width != null) {
            return width;
        }
        return isOnTerminal() ? LiveScreen.columns().orElse(USUAL_WIDTH) : USUAL_WIDTH;
    }

    private void watch(Dashboard dashboard, Duration every) throws InterruptedException {
        Optional<LiveScreen> opened = isOnTerminal() && !json ? LiveScreen.open() : Optional.empty();
        if (opened.isPresent()) {
            try (LiveScreen screen = opened.get()) {
                redraw(dashboard, every, screen);
            }
            return;
        }
        while (!spec.commandLine().getOut().checkError()) {
            print(dashboard.look());
            Thread.sleep(every.toMillis());
        }
    }

    private void redraw(Dashboard dashboard, Duration every, LiveScreen screen) throws InterruptedException {
        Ink ink = Ink.of(spec.commandLine());
        Dashboard.View view = dashboard.look();
        int key = LiveScreen.RESIZED;
        while (key != LiveScreen.END && key != 'q' && key != 'Q') {
            view = key == LiveScreen.RESIZED ? view : dashboard.look();
            screen.draw(fitting(view.lines(width == null ? screen.width() : width, ink), screen, ink));
            key = screen.key(every);
        }
    }

    /** What the window has room for, with a word about the rest. */
    private static List<String> fitting(List<String> lines, LiveScreen screen, Ink ink) {
        int room = screen.height() - 1;
        String keys = "q ends";
        List<String> shown = new ArrayList<>(lines.subList(0, Math.min(room, lines.size())));
        String more = lines.size() > room ? (lines.size() - room) + " more lines below; " : "";
        while (shown.size() < room) {
            shown.add("");
        }
        shown.add(ink.faint(Text.cut(more + keys, screen.width())));
        return shown;
    }
}
