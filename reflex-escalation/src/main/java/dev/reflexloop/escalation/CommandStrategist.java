package dev.reflexloop.escalation;

import dev.reflexloop.Escalation;
import dev.reflexloop.llm.program.CommandLineModel;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * A strategist behind a program of the command line. Thread-safe.
 *
 * <pre>{@code
 * CommandLineModel hermes = CommandLineModel.builder("hermes", "chat", "-q", "{prompt}", "-Q", "-t", "none")
 *         .tag("[strategist]")
 *         .build();
 * Strategist strategist = CommandStrategist.of(hermes, StrategistPrompt.plain(), Duration.ofMinutes(1));
 * }</pre>
 *
 * <p>What the program prints, less its {@code session_id:} line, is read by {@link StrategistReply#parse}. The program is killed at the time-out
 * and when the thread is interrupted.
 */
public final class CommandStrategist implements Strategist {
    private final CommandLineModel program;
    private final StrategistPrompt prompt;
    private final Duration within;

    private CommandStrategist(CommandLineModel program, StrategistPrompt prompt, Duration within) {
        this.program = program;
        this.prompt = prompt;
        this.within = within;
    }

    /**
     * A strategist.
     *
     * @param program how the program is called; closed by the caller
     * @param prompt what it is asked
     * @param within how long it may take, above zero
     * @return the strategist
     */
    public static CommandStrategist of(CommandLineModel program, StrategistPrompt prompt, Duration within) {
        if (within.isZero() || within.isNegative()) {
            throw new IllegalArgumentException(
                    "time of a command-line strategist is " + within + "; give a duration above zero");
        }
        return new CommandStrategist(program, prompt, within);
    }

    @Override
    public StrategistReply consider(Escalation escalation, Consumer<String> plan) throws InterruptedException {
        return StrategistReply.parse(program.call(prompt.render(escalation), within, 0));
    }

    @Override
    public String toString() {
        return "CommandStrategist[" + program.id() + "]";
    }
}
