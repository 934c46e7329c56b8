package dev.reflexloop.console.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.console.decisions.DecisionArchive;
import dev.reflexloop.console.decisions.DecisionText;
import dev.reflexloop.console.decisions.KnownDecision;
import dev.reflexloop.console.decisions.LoggedDecision;
import dev.reflexloop.console.review.Label;
import dev.reflexloop.console.review.Progress;
import dev.reflexloop.console.review.Review;
import dev.reflexloop.console.terminal.Ink;
import dev.reflexloop.console.terminal.Keys;
import dev.reflexloop.console.terminal.Text;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code reflexloop review}: a person says which decisions were good. */
@Command(
        name = "review",
        mixinStandardHelpOptions = true,
        description = "Shows decisions of a model, the most uncertain first, and keeps what you say of them.",
        footer = {
            "",
            "Keys: c chosen (it was good), r rejected, s skip, u undo, ? help, q quit. In a pipe, one a line:",
            "  printf 'c\\nr\\nq\\n' | reflexloop review play.jsonl",
            "Labels are appended to NAME.labels.jsonl beside the log NAME; the log stays as it is. The next review goes on",
            "where this one ended."
        })
public final class ReviewCommand implements Callable<Integer> {
    private static final String KEYS = "c good  r bad  s skip  u undo  q quit  ? help";

    private final Supplier<Keys> input;

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "LOG",
            arity = "0..*",
            description = "trajectory logs, a heartbeat's ticks_*.jsonl, or folders of them; default: this folder")
    private List<Path> places = new ArrayList<>();

    @Option(names = "--entity", paramLabel = "BOT", description = "only decisions of this bot")
    private @Nullable String entity;

    @Option(names = "--limit", paramLabel = "N", description = "end after so many labels; default: when none is left")
    private @Nullable Integer limit;

    @Option(names = "--by", paramLabel = "NAME", description = "who says so; default: your user name")
    private @Nullable String by;

    @Option(names = "--json", description = "ask nothing; print the progress and the next decision as JSON")
    private boolean json;

    /** For picocli, which fills in the rest. */
    public ReviewCommand() {
        this(Keys::ofProgram);
    }

    @SuppressWarnings("NullAway.Init")
    ReviewCommand(Supplier<Keys> input) {
        this.input = input;
    }

    @Override
    public Integer call() {
        if (limit != null && limit < 1) {
            throw new ParameterException(spec.commandLine(), "--limit is " + limit + "; give 1 or more.");
        }
        DecisionArchive archive = DecisionArchive.open(places.isEmpty() ? List.of(Path.of("")) : places);
        PrintWriter out = spec.commandLine().getOut();
        if (archive.counts().files() == 0) {
            spec.commandLine()
                    .getErr()
                    .println("There are no decisions in "
                            + (places.isEmpty() ? "this folder" : places)
                            + "; name trajectory logs, ticks_*.jsonl, or folders that hold some.");
            return 1;
        }
        Review review = Review.of(archive);
        if (json) {
            ObjectNode status = JsonNodeFactory.instance.objectNode();
            status.set("progress", review.progress(this::isAsked).toJson());
            status.set(
                    "next",
                    review.next(this::isAsked).map(LoggedDecision::toJson).orElse(null));
            out.println(status);
            return 0;
        }
        try (Keys keys = input.get()) {
            new Session(review, keys, out).run();
        }
        return 0;
    }

    private boolean isAsked(KnownDecision known) {
        return entity == null || known.entity().equals(entity);
    }

    /** One sitting. */
    private final class Session {
        private final Review review;
        private final Keys keys;
        private final PrintWriter out;
        private final Ink ink = Ink.of(spec.commandLine());
        private final String name = by == null ? System.getProperty("user.name", "somebody") : by;
        private Optional<String> again = Optional.empty();
        private int labelled;

        Session(Review review, Keys keys, PrintWriter out) {
            this.review = review;
            this.keys = keys;
            this.out = out;
        }

        void run() {
            boolean goesOn = true;
            while (goesOn && (limit == null || labelled < limit)) {
                review.refresh();
                Optional<LoggedDecision> next =
                        again.flatMap(review::find).or(() -> review.next(ReviewCommand.this::isAsked));
                if (next.isEmpty()) {
                    break;
                }
                show(next.get());
                goesOn = answer(next.get());
            }
            Progress progress = review.progress(ReviewCommand.this::isAsked);
            out.println(progress.left() == 0 ? "Nothing is left to review." : progress.left() + " are left.");
            out.println(progress.chosen() + " chosen, " + progress.rejected() + " rejected, " + progress.skipped()
                    + " skipped, of " + progress.total() + '.');
            out.flush();
        }

        private void show(LoggedDecision decision) {
            Progress progress = review.progress(ReviewCommand.this::isAsked);
            int columns = Math.min(120, keys.columns());
            String place =
                    Math.min(progress.total(), progress.total() - progress.left() + 1) + " of " + progress.total();
            out.println();
            out.println(ink.accent("── " + place + ' ' + "─".repeat(Math.max(0, columns - place.length() - 4))));
            DecisionText.of(decision, ink, columns).forEach(out::println);
            review.labelOf(decision.id())
                    .ifPresent(label -> out.println(ink.warning("  It is labelled " + label.word() + " already.")));
        }

        /** Waits until a key says what to do next; false to end. */
        private boolean answer(LoggedDecision decision) {
            while (true) {
                out.print(ink.faint(KEYS) + " > ");
                out.flush();
                int key = keys.next();
                switch (key) {
                    case 'c':
                        return label(decision, Label.CHOSEN);
                    case 'r':
                        return label(decision, Label.REJECTED);
                    case 's':
                        return label(decision, Label.SKIP);
                    case 'u':
                        again = review.undo();
                        out.println(again.isPresent() ? "undone" : "There is nothing to undo.");
                        return true;
                    case Keys.END:
                    case 'q':
                        out.println();
                        return false;
                    case '?':
                        help();
                        break;
                    default:
                        String pressed = Text.plain(Character.toString(key)).strip();
                        out.println((pressed.isEmpty() ? "that" : pressed) + " is no key of this; ? tells which are.");
                        break;
                }
            }
        }

        private boolean label(LoggedDecision decision, Label label) {
            review.label(decision.id(), label, name);
            again = Optional.empty();
            labelled++;
            String word = label.word();
            out.println(
                    switch (label) {
                        case CHOSEN -> ink.good(word);
                        case REJECTED -> ink.bad(word);
                        case SKIP -> word;
                    });
            return true;
        }

        private void help() {
            out.println();
            out.println("  c  chosen: what the bot did was good; it should do it again");
            out.println("  r  rejected: it was bad");
            out.println("  s  skip: neither; it does not come again");
            out.println("  u  undo: takes the last label back, also one from before");
            out.println("  q  quit: everything that was labelled is kept already");
            out.println("Judge by what the bot knew, not by luck; the outcome is only what is known so far.");
        }
    }
}
