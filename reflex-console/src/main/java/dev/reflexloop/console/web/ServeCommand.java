package dev.reflexloop.console.web;

import dev.reflexloop.ReflexException;
import dev.reflexloop.ReflexThreads;
import dev.reflexloop.TelemetryBus;
import dev.reflexloop.console.decisions.DecisionArchive;
import dev.reflexloop.console.logfile.LogFiles;
import dev.reflexloop.console.review.Review;
import dev.reflexloop.llm.nano.NanoModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code reflexloop serve}: the console beside a bot, over the files that the bot writes. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        description = "Shows a bot in the browser, from the files that it writes: telemetry, decisions, reviews.",
        footer = {"", "reflexloop serve runs/"})
public final class ServeCommand implements Callable<Integer> {
    /** The environment variable that may hold the token. */
    private static final String TOKEN_VARIABLE = "REFLEX_TOKEN";

    private static final int LONGEST_TOKEN_FILE = 4_096;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "logs of the bot, or folders that hold some; default: this folder")
    private List<Path> places = new ArrayList<>();

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "8089",
            description = "0 for any that is free; default: 8089")
    private int port;

    @Option(
            names = "--bind",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "the address to listen on; any but the loopback needs a token; default: 127.0.0.1")
    private String bind;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "a file whose only line is the secret that the page asks for; or set " + TOKEN_VARIABLE)
    private @Nullable Path tokenFile;

    @Option(
            names = "--name",
            paramLabel = "HOST",
            description = "a further name by which browsers may come, for instance bot.lan")
    private List<String> names = new ArrayList<>();

    @Option(names = "--model", paramLabel = "FILE", description = "a .gguf model that answers POST /v1/systemone")
    private @Nullable Path model;

    @Option(
            names = "--budget",
            paramLabel = "MS",
            defaultValue = "200",
            description = "the line in the latency chart; default: 200")
    private int budget;

    /** For picocli, which fills in the rest. */
    @SuppressWarnings("NullAway.Init")
    public ServeCommand() {}

    @Override
    public Integer call() throws IOException {
        if (budget < 1) {
            throw new ParameterException(
                    spec.commandLine(), "--budget is " + budget + "; give milliseconds, 1 or more.");
        }
        List<Path> logs = places.isEmpty() ? List.of(Path.of("").toAbsolutePath()) : places;
        LogFiles.find(logs); // refuses a place that is not there
        Optional<String> token = token();
        PrintWriter out = spec.commandLine().getOut();
        try (NanoModel nano = model == null ? null : NanoModel.load(model);
                TelemetryBus bus =
                        TelemetryBus.builder().keep(TelemetryFollower.KEEP).build();
                TelemetryFollower follower = new TelemetryFollower(logs, bus)) {
            DecisionArchive archive = DecisionArchive.open(logs);
            ConsoleServer.Builder builder = ConsoleServer.builder(bus)
                    .port(port)
                    .bind(bind)
                    .budget(Duration.ofMillis(budget))
                    .files(follower::files)
                    .escalations(new FoundDesk(logs))
                    .decisions(archive)
                    .review(Review.of(archive));
            names.forEach(builder::name);
            token.ifPresent(builder::token);
            if (nano != null) {
                builder.model(nano);
            }
            try (ConsoleServer console = builder.start()) {
                out.println("The page is at " + console.uri() + (token.isPresent() ? "#token=YOUR_TOKEN" : ""));
                out.println("Ctrl-C ends it.");
                awaitEnd(console);
            }
        }
        return 0;
    }

    private Optional<String> token() throws IOException {
        Optional<String> token =
                Optional.ofNullable(System.getenv(TOKEN_VARIABLE)).filter(each -> !each.isEmpty());
        if (tokenFile != null) {
            if (!Files.isRegularFile(tokenFile) || Files.size(tokenFile) > LONGEST_TOKEN_FILE) {
                throw new ReflexException(
                        tokenFile.toString(),
                        "The token file " + tokenFile + " is missing or no text of one line; write the secret into it",
                        null);
            }
            token = Optional.of(Files.readString(tokenFile).strip());
        }
        return token;
    }

    /** Waits for Ctrl-C, or for an interrupt where somebody runs this command in a thread. */
    private static void awaitEnd(ConsoleServer console) {
        Thread atExit = ReflexThreads.create("reflex-console-exit", console::close);
        Runtime.getRuntime().addShutdownHook(atExit);
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException ended) {
            Runtime.getRuntime().removeShutdownHook(atExit);
            Thread.currentThread().interrupt();
        }
    }
}
