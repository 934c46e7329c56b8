package dev.reflexloop.console.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.Signal;
import dev.reflexloop.Situation;
import dev.reflexloop.console.EscalationDesk;
import dev.reflexloop.console.terminal.Ink;
import dev.reflexloop.console.terminal.Text;
import dev.reflexloop.console.terminal.Words;
import dev.reflexloop.escalation.AnswerVerdict;
import dev.reflexloop.escalation.InboxEntry;
import dev.reflexloop.escalation.StrategistReply;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code reflexloop escalations}: what bots in other processes handed over, and the answers to it. */
@Command(
        name = "escalations",
        mixinStandardHelpOptions = true,
        description = "Lists what bots handed over and wait for; escalations answer answers it.",
        footer = {"", "reflexloop escalations runs/", "reflexloop escalations answer guard-7-12-e runs/ --option 2"},
        subcommands = {EscalationsCommand.ListCommand.class, EscalationsCommand.AnswerCommand.class})
public final class EscalationsCommand implements Callable<Integer> {
    private static final String PLACE =
            "the folder of an escalation file, the file, or its inbox; default: this folder";

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "FILE", defaultValue = "", description = PLACE)
    private Path place;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    /** For picocli, which fills in the rest. */
    @SuppressWarnings("NullAway.Init")
    public EscalationsCommand() {}

    @Override
    public Integer call() {
        return list(spec, place, json);
    }

    private static int list(CommandSpec spec, Path place, boolean json) {
        List<InboxEntry> waiting = EscalationDesk.files(place).waiting();
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            ArrayNode all = JsonNodeFactory.instance.arrayNode();
            waiting.forEach(entry -> all.add(json(entry)));
            out.println(all.toPrettyString());
            return 0;
        }
        Ink ink = Ink.of(spec.commandLine());
        if (waiting.isEmpty()) {
            out.println("Nothing waits for an answer.");
        }
        waiting.forEach(entry -> print(entry, ink, out));
        return 0;
    }

    private static ObjectNode json(InboxEntry entry) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", entry.id());
        json.put("entity", entry.entity());
        json.put("tick", entry.tick());
        json.put("at", entry.at().toString());
        json.put("times", entry.times());
        json.put("kind", entry.situation().kind().name());
        json.put("situation", entry.situation().words());
        ArrayNode options = json.putArray("options");
        entry.situation().options().forEach(option -> options.add(words(option)));
        json.put("goal", entry.goal().text());
        return json;
    }

    private static void print(InboxEntry entry, Ink ink, PrintWriter out) {
        String times = entry.times() > 1 ? ", came " + entry.times() + " times" : "";
        out.println(ink.strong(Text.plain(entry.id())) + "  "
                + Text.plain(entry.entity()) + " #" + entry.tick() + ", "
                + Words.ago(Duration.between(entry.at(), Instant.now())) + ", "
                + ink.accent(entry.situation().kind().name()) + times);
        out.println("  " + Text.plain(entry.situation().words()));
        List<Situation.Option> options = entry.situation().options();
        for (int i = 0; i < options.size(); i++) {
            out.println("    " + (i + 1) + ") " + Text.plain(words(options.get(i))));
        }
    }

    private static String words(Situation.Option option) {
        String target = option.target().map(id -> ' ' + id).orElse("");
        return option.text().isBlank() ? option.action() + target : option.text();
    }

    /** {@code reflexloop escalations list}, which is what happens without a word, too. */
    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists what waits for an answer.")
    static final class ListCommand implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Parameters(arity = "0..1", paramLabel = "FILE", defaultValue = "", description = PLACE)
        private Path place;

        @Option(names = "--json", description = "print JSON")
        private boolean json;

        @SuppressWarnings("NullAway.Init")
        ListCommand() {}

        @Override
        public Integer call() {
            return list(spec, place, json);
        }
    }

    /** {@code reflexloop escalations answer}. */
    @Command(
            name = "answer",
            mixinStandardHelpOptions = true,
            description = "Answers one, and waits until the bot has taken the answer.",
            exitCodeListHeading = "%nExit status:%n",
            exitCodeList = {"0:the answer was taken", "1:it was not; the reason is printed", "2:wrong arguments"})
    static final class AnswerCommand implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Parameters(index = "0", paramLabel = "ID", description = "the id that the list shows")
        private String escalation;

        @Parameters(index = "1", arity = "0..1", paramLabel = "FILE", defaultValue = "", description = PLACE)
        private Path place;

        @ArgGroup(exclusive = false, multiplicity = "1")
        private Reply reply;

        @Option(names = "--json", description = "print JSON")
        private boolean json;

        /** What is answered. */
        static final class Reply {
            @Option(names = "--option", paramLabel = "N", description = "the number of an option, or its words")
            private @Nullable String option;

            @Option(names = "--goal", paramLabel = "TEXT", description = "what the bot shall want from now on")
            private @Nullable String goal;

            StrategistReply asReply() {
                return new StrategistReply(
                        Signal.CONTINUE,
                        Optional.ofNullable(option),
                        Optional.ofNullable(goal),
                        List.of(),
                        Optional.empty(),
                        Optional.empty(),
                        OptionalLong.empty());
            }
        }

        @SuppressWarnings("NullAway.Init")
        AnswerCommand() {}

        @Override
        public Integer call() {
            AnswerVerdict verdict = EscalationDesk.files(place)
                    .answer(escalation, reply.asReply(), System.getProperty("user.name", "somebody"));
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                out.println(JsonNodeFactory.instance
                        .objectNode()
                        .put("taken", verdict.isTaken())
                        .put("verdict", verdict.kind().name())
                        .put("reason", verdict.reason())
                        .toPrettyString());
            } else if (verdict.isTaken()) {
                out.println("Taken: " + Text.plain(verdict.reason()) + '.');
            } else {
                spec.commandLine().getErr().println("Not taken: " + Text.plain(verdict.reason()) + '.');
            }
            return verdict.isTaken() ? 0 : 1;
        }
    }
}
