package dev.reflexloop.llm.command;

import dev.reflexloop.ReflexException;
import dev.reflexloop.codex.Change;
import dev.reflexloop.llm.calibration.CalibrationException;
import dev.reflexloop.llm.calibration.DoubtFit;
import dev.reflexloop.llm.calibration.DoubtReport;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Prints from the command line how often a model's kept decisions are wrong by how many are handed over, and the thresholds of an escalation
 * policy that hand over a chosen share; a thin wrapper of {@link DoubtFit}. {@code --help} lists the options.
 *
 * <p>Exit codes: 0 it was printed, and recorded where a codex was given; 1 it cannot be recorded, 2 the arguments are wrong, 3 the logs do not
 * hold enough.
 */
public final class FitDoubt extends Command {
    private static final int UNUSABLE_DATA = 3;
    private static final double USUAL_SHARE = 0.34;

    private static final String HELP = """
            Finds in trajectory logs from which doubt on a decision is better handed over.

              FitDoubt [options] LOG...

              LOG           a trajectory log (.jsonl) or a folder of them; steps count that have a teacher's action,
                            or an outcome labelled chosen or rejected
              --share S     the share of the decisions to hand over, above 0 and below 1; default 0.34
              --model ID    take the decisions of this model only; default: those of the one model in the logs
            """ + Recording.HELP;

    /** The command. */
    public FitDoubt() {
        super(HELP);
    }

    /**
     * Prints, and ends the JVM with an exit code.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        new FitDoubt().runAndExit(arguments);
    }

    @Override
    protected Work prepare(Arguments arguments) {
        List<Path> logs = arguments.files("log");
        Optional<String> model = arguments.text("--model");
        double share = arguments.number("--share").orElse(USUAL_SHARE);
        if (!(share > 0 && share < 1)) {
            throw new IllegalArgumentException("--share is " + share + "; give more than 0 and less than 1.");
        }
        Recording.Wanted wanted = Recording.of(arguments);
        return (out, err) -> {
            wanted.check(this);
            DoubtReport report = DoubtFit.run(logs, model, share);
            out.print(report);
            try (Recording recording = wanted.open(this)) {
                recording.changed(
                        Change.Kind.POLICY,
                        "thresholds for " + report.model(),
                        () -> settings(report),
                        () -> why(report),
                        out);
            }
            return DONE;
        };
    }

    private static String settings(DoubtReport report) {
        return report.measures().stream().map(DoubtReport.Measure::call).collect(Collectors.joining(", "));
    }

    private static String why(DoubtReport report) {
        return String.format(
                Locale.ROOT,
                "any one of them hands over %.1f %%; fitted on %d decisions",
                100 * report.share(),
                report.decisions());
    }

    @Override
    protected int statusOf(ReflexException failure) {
        return failure instanceof CalibrationException ? UNUSABLE_DATA : FAILED;
    }
}
