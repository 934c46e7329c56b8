package dev.reflexloop.llm.command;

import dev.reflexloop.llm.calibration.CalibrationException;
import dev.reflexloop.llm.calibration.DoubtFit;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * Prints from the command line how often a model's kept decisions are wrong by how many are handed over, and the thresholds of an escalation
 * policy that hand over a chosen share; a thin wrapper of {@link DoubtFit}. {@code --help} lists the options.
 *
 * <p>Exit codes: 0 it was printed, 2 the arguments are wrong, 3 the logs do not hold enough.
 */
public final class FitDoubt {
    private static final int PRINTED = 0;
    private static final int WRONG_ARGUMENTS = 2;
    private static final int UNUSABLE_DATA = 3;

    private static final String HELP = """
            Finds in trajectory logs from which doubt on a decision is better handed over.

              FitDoubt [options] LOG...

              LOG           a trajectory log (.jsonl) or a folder of them; steps count that have a teacher's action,
                            or an outcome labelled chosen or rejected
              --share S     the share of the decisions to hand over, above 0 and below 1; default 0.34
              --model ID    take the decisions of this model only; default: those of the one model in the logs
            """;

    private record Arguments(List<Path> logs, Optional<String> model, double share) {}

    private FitDoubt() {}

    /**
     * Prints, and ends the JVM with an exit code.
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
            return PRINTED;
        }
        try {
            Arguments wanted = parse(arguments);
            out.print(DoubtFit.run(wanted.logs(), wanted.model(), wanted.share()));
            return PRINTED;
        } catch (CalibrationException unusable) {
            err.println(unusable.getMessage());
            return UNUSABLE_DATA;
        } catch (IllegalArgumentException wrong) {
            err.println(wrong.getMessage());
            err.println("--help lists the options.");
            return WRONG_ARGUMENTS;
        }
    }

    private static Arguments parse(String[] arguments) {
        Deque<String> rest = new ArrayDeque<>(List.of(arguments));
        List<Path> logs = new ArrayList<>();
        Optional<String> model = Optional.empty();
        double share = 0.34;
        while (!rest.isEmpty()) {
            String argument = rest.pop();
            try {
                switch (argument) {
                    case "--share" -> share = Double.parseDouble(rest.pop());
                    case "--model" -> model = Optional.of(rest.pop());
                    default -> logs.add(log(argument));
                }
            } catch (NoSuchElementException missing) {
                throw new IllegalArgumentException(argument + " needs a value after it.", missing);
            } catch (NumberFormatException noNumber) {
                throw new IllegalArgumentException(argument + " needs a number after it.", noNumber);
            }
        }
        if (logs.isEmpty()) {
            throw new IllegalArgumentException("No log is given; name a trajectory log or a folder of them.");
        }
        return new Arguments(logs, model, share);
    }

    private static Path log(String argument) {
        if (argument.startsWith("--")) {
            throw new IllegalArgumentException("There is no option " + argument + ".");
        }
        return Path.of(argument);
    }
}
