package dev.reflexloop.llm.command;

import dev.reflexloop.llm.calibration.CalibrationException;
import dev.reflexloop.llm.calibration.CalibrationFit;
import dev.reflexloop.llm.calibration.CalibrationReport;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * Fits a calibration to trajectory logs from the command line, and prints the expected calibration error before and after; a thin wrapper
 * of {@link CalibrationFit}. {@code --help} lists the options.
 *
 * <p>Exit codes: 0 the calibration was written (or, without {@code --out}, found), 1 it does not improve on the held-out decisions or
 * cannot be written, 2 the arguments are wrong, 3 the logs do not hold enough.
 */
public final class FitCalibration {
    private static final int WRITTEN = 0;
    private static final int FAILED = 1;
    private static final int WRONG_ARGUMENTS = 2;
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
            """;

    private record Arguments(CalibrationFit fit, Optional<Path> out) {}

    private FitCalibration() {}

    /**
     * Fits, and ends the JVM with an exit code.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        System.exit(run(arguments, out, err));
    }

    /** The command without the end of the JVM. */
    static int run(String[] arguments, PrintStream out, PrintStream err) {
        if (List.of(arguments).contains("--help")) {
            out.print(HELP);
            return WRITTEN;
        }
        Arguments wanted;
        try {
            wanted = parse(arguments);
        } catch (IllegalArgumentException wrong) {
            err.println(wrong.getMessage());
            err.println("--help lists the options.");
            return WRONG_ARGUMENTS;
        }
        CalibrationReport report;
        try {
            report = wanted.fit().run();
        } catch (CalibrationException unusable) {
            err.println(unusable.getMessage());
            return UNUSABLE_DATA;
        }
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
            return FAILED;
        }
        return wanted.out().map(file -> write(report, file, out, err)).orElse(WRITTEN);
    }

    private static int write(CalibrationReport report, Path file, PrintStream out, PrintStream err) {
        try {
            Files.writeString(file, report.calibration().toJson());
        } catch (IOException failure) {
            err.println("Cannot write '" + file + "' (" + failure + "); check the folder and the permissions.");
            return FAILED;
        }
        out.println("Written to " + file);
        return WRITTEN;
    }

    private static Arguments parse(String[] arguments) {
        Deque<String> rest = new ArrayDeque<>(List.of(arguments));
        List<Path> logs = new ArrayList<>();
        Optional<Path> out = Optional.empty();
        Optional<String> model = Optional.empty();
        boolean priors = true;
        long seed = 0;
        while (!rest.isEmpty()) {
            String argument = rest.pop();
            try {
                switch (argument) {
                    case "--out" -> out = Optional.of(Path.of(rest.pop()));
                    case "--model" -> model = Optional.of(rest.pop());
                    case "--no-priors" -> priors = false;
                    case "--seed" -> seed = Long.parseLong(rest.pop());
                    default -> logs.add(log(argument));
                }
            } catch (NoSuchElementException missing) {
                throw new IllegalArgumentException(argument + " needs a value after it.", missing);
            } catch (NumberFormatException noNumber) {
                throw new IllegalArgumentException(argument + " needs a whole number after it.", noNumber);
            }
        }
        if (logs.isEmpty()) {
            throw new IllegalArgumentException("No log is given; name a trajectory log or a folder of them.");
        }
        CalibrationFit.Builder fit = CalibrationFit.builder(logs).priors(priors).seed(seed);
        model.ifPresent(fit::model);
        return new Arguments(fit.build(), out);
    }

    private static Path log(String argument) {
        if (argument.startsWith("--")) {
            throw new IllegalArgumentException("There is no option " + argument + ".");
        }
        return Path.of(argument);
    }
}
