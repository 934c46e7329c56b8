package dev.reflexloop.llm.command;

import dev.reflexloop.ReflexException;
import dev.reflexloop.codex.Change;
import dev.reflexloop.codex.Codex;
import dev.reflexloop.llm.calibration.Calibration;
import dev.reflexloop.llm.calibration.CalibrationException;
import dev.reflexloop.llm.calibration.CalibrationFit;
import dev.reflexloop.llm.calibration.CalibrationReport;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Fits a calibration to trajectory logs from the command line, and prints the expected calibration error before and after; a thin wrapper
 * of {@link CalibrationFit}. {@code --help} lists the options.
 *
 * <p>Exit codes: 0 the calibration was written, and recorded where a codex was given (or, without {@code --out}, found), 1 it does not improve
 * on the held-out decisions or cannot be written or recorded, 2 the arguments are wrong, 3 the logs do not hold enough.
 */
public final class FitCalibration extends Command {
    private static final int UNUSABLE_DATA = 3;

    private static final String HELP = """
            Fits a calibration of a model's probabilities to trajectory logs.

              FitCalibration [options] LOG...

              LOG           a trajectory log (.jsonl) or a folder of them; steps count that have a teacher's action,
                            or an outcome labelled chosen or rejected
              --out FILE    the file to write, for Calibration.read(...); default: only report
              --model ID    take the decisions of this model only; default: those of the one model in the logs
              --no-priors   fit temperatures only, which StampModel can put into a GGUF file
              --seed N      by which runs are held out; default 0
            """ + Recording.HELP;

    /** The command. */
    public FitCalibration() {
        super(HELP);
    }

    /**
     * Fits, and ends the JVM with an exit code.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        new FitCalibration().runAndExit(arguments);
    }

    @Override
    protected Work prepare(Arguments arguments) {
        CalibrationFit.Builder fit = CalibrationFit.builder(arguments.files("log"))
                .priors(!arguments.has("--no-priors"))
                .seed(arguments.whole("--seed", 0));
        arguments.text("--model").ifPresent(fit::model);
        CalibrationFit built = fit.build();
        Optional<Path> file = arguments.file("--out");
        Recording.Wanted wanted = Recording.of(arguments);
        if (wanted.codex().isPresent() && file.isEmpty()) {
            throw new IllegalArgumentException("--codex needs --out: only what is written is a change.");
        }
        return (out, err) -> {
            wanted.check(this);
            CalibrationReport report = built.run();
            if (!isWorthWriting(report, out, err)) {
                return FAILED;
            }
            if (file.isEmpty()) {
                return DONE;
            }
            try (Recording recording = wanted.open(this)) {
                return write(report, file.get(), recording, out, err);
            }
        };
    }

    private static boolean isWorthWriting(CalibrationReport report, PrintStream out, PrintStream err) {
        out.print(report);
        if (report.calibration().priors().isEmpty()) {
            out.print("To let a server do it, as options of StampModel:");
            report.calibration()
                    .temperatures()
                    .forEach((options, temperature) -> out.printf(
                            Locale.ROOT, " --temperature-%s %.4f", options.key().replace('_', '-'), temperature));
            out.println();
        }
        if (!report.improves()) {
            err.println("The held-out decisions did not become more likely, so nothing is written;"
                    + " the model is calibrated already, or more decisions are needed.");
            return false;
        }
        return true;
    }

    private static int write(
            CalibrationReport report, Path file, Recording recording, PrintStream out, PrintStream err) {
        Calibration calibration = report.calibration();
        String text = calibration.toJson();
        try {
            Files.writeString(file, text);
        } catch (IOException failure) {
            err.println("Cannot write '" + file + "' (" + failure + "); check the folder and the permissions.");
            return FAILED;
        }
        out.println("Written to " + file);
        recording.changed(
                Change.Kind.MODEL,
                String.valueOf(file.getFileName()),
                () -> calibration + ", " + Codex.hashOf(text),
                () -> String.format(
                        Locale.ROOT,
                        "expected calibration error %.4f -> %.4f on %d decisions held out",
                        report.errorBefore(),
                        report.errorAfter(),
                        report.heldOut()),
                out);
        return DONE;
    }

    @Override
    protected int statusOf(ReflexException failure) {
        return failure instanceof CalibrationException ? UNUSABLE_DATA : FAILED;
    }
}
