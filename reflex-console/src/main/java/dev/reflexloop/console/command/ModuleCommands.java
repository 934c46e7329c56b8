package dev.reflexloop.console.command;

import dev.reflexloop.escalation.command.VerifyCodex;
import dev.reflexloop.llm.command.FitCalibration;
import dev.reflexloop.llm.command.FitDoubt;
import dev.reflexloop.llm.command.StampModel;
import dev.reflexloop.training.TrainNano;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The commands of other modules as parts of this one. Their words, {@code --help} among them, go through unread, and their exit statuses come
 * back as they are.
 */
public final class ModuleCommands {
    /** No word on a command line holds it, so that none ends the options. */
    private static final String NEVER = "\0";

    private ModuleCommands() {}

    private interface Program {
        int run(String[] words, PrintStream out, PrintStream err);
    }

    /**
     * Adds them.
     *
     * @param line the command whose parts they become
     * @param out for results
     * @param err for what went wrong
     */
    public static void addTo(CommandLine line, PrintStream out, PrintStream err) {
        add(line, "train", "Trains a nano model from trajectory logs.", TrainNano::run, out, err);
        add(line, "calibrate", "Fits a calibration of a model's probabilities.", new FitCalibration()::run, out, err);
        add(
                line,
                "doubt",
                "Finds from which doubt on a decision is better handed over.",
                new FitDoubt()::run,
                out,
                err);
        add(line, "stamp", "Makes a decision model of a GGUF file for llama-server.", new StampModel()::run, out, err);
        CommandSpec codex = CommandSpec.create();
        codex.usageMessage().description("Verifies the ledger of what decides (codex verify).");
        CommandLine group = new CommandLine(codex);
        codex.mixinStandardHelpOptions(true);
        add(group, "verify", "Checks that every change is as it was signed.", new VerifyCodex()::run, out, err);
        line.addSubcommand("codex", group);
    }

    private static void add(
            CommandLine line, String name, String description, Program program, PrintStream out, PrintStream err) {
        Words words = new Words(program, out, err);
        CommandSpec spec = CommandSpec.wrapWithoutInspection(words);
        spec.usageMessage().description(description);
        spec.addPositional(PositionalParamSpec.builder()
                .index("0..*")
                .arity("0..*")
                .type(String[].class)
                .paramLabel("ARGUMENT")
                .description("See reflexloop " + name + " --help.")
                .setter(words)
                .build());
        spec.parser()
                .unmatchedOptionsArePositionalParams(true)
                .endOfOptionsDelimiter(NEVER)
                .expandAtFiles(false);
        line.addSubcommand(name, new CommandLine(spec));
    }

    /** What was typed after the command's name. */
    private static final class Words implements Callable<Integer>, CommandLine.Model.ISetter {
        private final Program program;
        private final PrintStream out;
        private final PrintStream err;
        private String[] words = {};

        Words(Program program, PrintStream out, PrintStream err) {
            this.program = program;
            this.out = out;
            this.err = err;
        }

        @Override
        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
        public <T> T set(T value) {
            words = value instanceof String[] given ? given : new String[0];
            return value;
        }

        @Override
        public Integer call() {
            return program.run(words, out, err);
        }
    }
}
