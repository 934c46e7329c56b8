package dev.reflexloop.console;

import dev.reflexloop.ReflexException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Tells what went wrong in a line or two; a stack trace helps nobody who cannot mend the program, and is logged as DEBUG. */
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(Reflexloop.class);
    private static final int SIMILAR = 2;

    @Override
    public int handleExecutionException(Exception failure, CommandLine line, ParseResult parsed) {
        LOG.debug("{} failed", line.getCommandName(), failure);
        boolean expected = failure instanceof ReflexException
                || failure instanceof IllegalArgumentException
                || failure instanceof UncheckedIOException;
        String message = failure.getMessage();
        line.getErr().println(expected && message != null ? message : "it failed: " + failure);
        return failure instanceof IllegalArgumentException ? CommandLine.ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE;
    }

    @Override
    public int handleParseException(ParameterException wrong, String[] words) {
        CommandLine line = wrong.getCommandLine();
        PrintWriter err = line.getErr();
        err.println(wrong.getMessage());
        similar(wrong).ifPresent(command -> err.println("Did you mean " + command + "?"));
        err.println(line.getCommandSpec().qualifiedName() + " --help tells what can be given.");
        return CommandLine.ExitCode.USAGE;
    }

    private static Optional<String> similar(ParameterException wrong) {
        if (!(wrong instanceof UnmatchedArgumentException unmatched)
                || unmatched.getUnmatched().isEmpty()) {
            return Optional.empty();
        }
        String word = unmatched.getUnmatched().get(0);
        return wrong.getCommandLine().getSubcommands().keySet().stream()
                .filter(command -> distance(command, word) <= SIMILAR)
                .min(Comparator.comparingInt(command -> distance(command, word)));
    }

    /** How many letters must be changed, left out, put in, or exchanged with their neighbour. */
    private static int distance(String one, String other) {
        int[][] cost = new int[one.length() + 1][other.length() + 1];
        for (int i = 0; i <= one.length(); i++) {
            for (int j = 0; j <= other.length(); j++) {
                if (i == 0 || j == 0) {
                    cost[i][j] = i + j;
                    continue;
                }
                int change = one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1;
                int best = Math.min(cost[i - 1][j - 1] + change, Math.min(cost[i - 1][j], cost[i][j - 1]) + 1);
                boolean exchanged = i > 1
                        && j > 1
                        && one.charAt(i - 1) == other.charAt(j - 2)
                        && one.charAt(i - 2) == other.charAt(j - 1);
                cost[i][j] = exchanged ? Math.min(best, cost[i - 2][j - 2] + 1) : best;
            }
        }
        return cost[one.length()][other.length()];
    }
}
