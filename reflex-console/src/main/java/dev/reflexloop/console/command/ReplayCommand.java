package dev.reflexloop.console.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.TrajectoryRecord;
import dev.reflexloop.console.decisions.DecisionArchive;
import dev.reflexloop.console.decisions.DecisionText;
import dev.reflexloop.console.decisions.KnownDecision;
import dev.reflexloop.console.decisions.LoggedDecision;
import dev.reflexloop.console.replay.Comparison;
import dev.reflexloop.console.replay.OtherModel;
import dev.reflexloop.console.terminal.Ink;
import dev.reflexloop.console.terminal.Text;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code reflexloop replay}: logged decisions once more, as they came, or against another model. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        description =
                "Prints the decisions of a log in their order, or asks another model the same and prints where it differs.",
        footer = {
            "",
            "MODEL: " + OtherModel.SPELLING + ".",
            "A server's key is taken from the environment variable " + OtherModel.KEY + ".",
            "With a model that always says the same, the same log gives the same output."
        })
public final class ReplayCommand implements Callable<Integer> {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    private static final int GIVE_UP_AFTER = 10;
    private static final int NAME = 16;
    private static final int COLUMNS = 120;

    /** How time passes between decisions. */
    interface Pause {
        void wait(Duration time) throws InterruptedException;
    }

    private final Pause pause;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "LOG", description = "a trajectory log, or a heartbeat's ticks_*.jsonl")
    private Path log;

    @Option(
            names = "--speed",
            paramLabel = "N",
            description = "how many times faster than it was played, or max; waits of more than 10 s are cut;"
                    + " default: 1, with a model max")
    private @Nullable String speed;

    @Option(
            names = {"--policy", "--against"},
            paramLabel = "MODEL",
            description = "ask this model, too, and print only where it differs")
    private @Nullable String policy;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "how long the model may take for one answer; default: 60")
    private int timeout;

    @Option(names = "--entity", paramLabel = "BOT", description = "only decisions of this bot")
    private @Nullable String entity;

    @Option(names = "--json", description = "a JSON object a line; with a model, the last one is the result")
    private boolean json;

    /** For picocli, which fills in the rest. */
    public ReplayCommand() {
        this(time -> Thread.sleep(time.toMillis()));
    }

    @SuppressWarnings("NullAway.Init")
    ReplayCommand(Pause pause) {
        this.pause = pause;
    }

    @Override
    public Integer call() throws InterruptedException {
        double factor = factor();
        if (timeout < 1 || timeout > 3_600) {
            throw new ParameterException(spec.commandLine(), "--timeout is " + timeout + "; give 1 to 3600 seconds.");
        }
        if (!Files.isRegularFile(log)) {
            throw new ParameterException(spec.commandLine(), "There is no file " + log + "; name a log.");
        }
        DecisionArchive archive = DecisionArchive.open(List.of(log));
        List<KnownDecision> decisions = archive.known().stream()
                .filter(known -> entity == null || entity.equals(known.entity()))
                .toList();
        PrintWriter err = spec.commandLine().getErr();
        if (decisions.isEmpty()) {
            err.println("There are no decisions in " + log + (entity == null ? "" : " of " + entity) + '.');
            return 1;
        }
        if (archive.counts().forgotten() > 0) {
            err.println("The oldest " + archive.counts().forgotten() + " decisions are left out; only "
                    + archive.counts().kept() + " fit into memory.");
        }
        if (policy == null) {
            new Run(archive, factor, Optional.empty()).over(decisions);
            return 0;
        }
        try (ReflexModel model = OtherModel.open(policy, System.getenv())) {
            Comparison comparison = new Comparison(model, Duration.ofSeconds(timeout));
            new Run(archive, factor, Optional.of(comparison)).over(decisions);
            return comparison.compared() > 0 ? 0 : 1;
        }
    }

    /** 0 for no waiting at all. */
    private double factor() {
        String given = speed == null ? (policy == null ? "1" : "max") : speed;
        if (given.equals("max")) {
            return 0;
        }
        try {
            double factor = Double.parseDouble(given);
            if (factor > 0 && factor <= 1e6) {
                return factor;
            }
        } catch (NumberFormatException none) {
            // the same is wrong with it
        }
        throw new ParameterException(spec.commandLine(), "--speed is " + given + "; give a number above 0, or max.");
    }

    /** One time through the log. */
    private final class Run {
        private final DecisionArchive archive;
        private final double factor;
        private final Optional<Comparison> comparison;
        private final PrintWriter out = spec.commandLine().getOut();
        private final Ink ink = Ink.of(spec.commandLine());

        Run(DecisionArchive archive, double factor, Optional<Comparison> comparison) {
            this.archive = archive;
            this.factor = factor;
            this.comparison = comparison;
        }

        void over(List<KnownDecision> decisions) throws InterruptedException {
            KnownDecision before = decisions.get(0);
            for (KnownDecision known : decisions) {
                Optional<LoggedDecision> decision = archive.find(known.id());
                if (decision.isPresent()) {
                    await(Duration.between(before.at(), known.at()));
                    one(decision.get());
                    before = known;
                }
                boolean neverAnswers = comparison
                        .filter(each -> each.compared() == 0 && each.unanswered() >= GIVE_UP_AFTER)
                        .isPresent();
                if (neverAnswers || out.checkError()) {
                    break;
                }
            }
            comparison.ifPresent(this::result);
            out.flush();
        }

        private void await(Duration since) throws InterruptedException {
            if (factor > 0 && since.compareTo(Duration.ZERO) > 0) {
                Duration most = since.compareTo(Duration.ofDays(365)) > 0 ? Duration.ofDays(365) : since;
                Duration wait = Duration.ofMillis((long) (most.toMillis() / factor));
                pause.wait(wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait);
            }
        }

        private void one(LoggedDecision decision) throws InterruptedException {
            if (comparison.isEmpty()) {
                out.println(json ? decision.toJson() : line(decision));
                return;
            }
            Optional<TrajectoryRecord.Header> header =
                    archive.header(decision.step().session());
            Optional<Comparison.Other> other = comparison.get().ask(decision, header);
            if (other.isPresent() && other.get().differs()) {
                print(decision, other.get());
            }
        }

        private void print(LoggedDecision decision, Comparison.Other other) {
            if (json) {
                ObjectNode both = decision.toJson();
                both.set("other", other.toJson());
                out.println(both);
                return;
            }
            out.println(line(decision) + ink.warning("  other: " + Text.plain(other.action())));
            out.println("    logged " + distribution(decision.step().probabilities()));
            out.println("    other  " + distribution(other.probabilities())
                    + other.totalVariation()
                            .map(apart -> ink.faint(String.format(Locale.ROOT, "  apart %.3f", apart)))
                            .orElse(""));
        }

        private String line(LoggedDecision decision) {
            TrajectoryRecord.Decided step = decision.step();
            Double sure = step.probabilities().get(step.action());
            String who = Text.fit(Text.plain(step.perception().entity()), NAME);
            return ink.faint(Text.right("#" + step.perception().tick(), 8)) + ' ' + who + ' '
                    + ink.strong(Text.fit(Text.plain(step.action()), NAME))
                    + (sure == null ? "        " : String.format(Locale.ROOT, " %5.1f %%", sure * 100)) + "  "
                    + ink.faint(DecisionText.served(decision))
                    + decision.result()
                            .map(result -> "  " + DecisionText.result(result))
                            .orElse("");
        }

        private String distribution(Map<String, Double> probabilities) {
            StringBuilder text = new StringBuilder();
            probabilities.entrySet().stream()
                    .sorted(DecisionText.LIKELIEST)
                    .forEach(each -> text.append(text.isEmpty() ? "" : ", ")
                            .append(Text.plain(each.getKey()))
                            .append(String.format(Locale.ROOT, " %.1f %%", each.getValue() * 100)));
            return text.isEmpty() ? "unknown" : Text.cut(text.toString(), COLUMNS);
        }

        private void result(Comparison comparison) {
            ObjectNode result = comparison.toJson();
            if (json) {
                out.println(result);
            } else {
                long compared = comparison.compared();
                out.println();
                out.println(ink.strong(String.format(
                        Locale.ROOT,
                        "%s differs in %d of %d decisions (%.1f %%)",
                        Text.plain(result.path("model").asText()),
                        result.path("differing").asLong(),
                        compared,
                        result.path("share").asDouble() * 100)));
                out.println(String.format(
                        Locale.ROOT,
                        "total variation: %.3f on average, %.3f at most",
                        result.path("totalVariation").path("mean").asDouble(),
                        result.path("totalVariation").path("most").asDouble()));
                out.println("without a choice: " + result.path("withoutChoice").asLong() + ", without an answer: "
                        + comparison.unanswered());
                table(comparison);
            }
            comparison
                    .firstProblem()
                    .ifPresent(problem -> spec.commandLine()
                            .getErr()
                            .println(comparison.unanswered() + " questions got no answer; the first: "
                                    + Text.plain(problem)));
        }

        private void table(Comparison comparison) {
            List<String> actions = comparison.actions();
            if (actions.isEmpty()) {
                return;
            }
            StringBuilder head = new StringBuilder(Text.fit("logged \\ other", NAME));
            actions.forEach(action -> head.append(Text.right(Text.cut(Text.plain(action), NAME - 2), NAME)));
            out.println(ink.faint(head.toString()));
            comparison.confusion().forEach((logged, others) -> {
                StringBuilder row = new StringBuilder(Text.fit(Text.plain(logged), NAME));
                actions.forEach(
                        action -> row.append(Text.right(String.valueOf(others.getOrDefault(action, 0L)), NAME)));
                out.println(row);
            });
        }
    }
}
