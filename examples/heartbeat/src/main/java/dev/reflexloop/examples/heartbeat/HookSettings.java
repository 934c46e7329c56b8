package dev.reflexloop.examples.heartbeat;

import dev.reflexloop.SideQuestion;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One action that a monitor offers. Immutable.
 *
 * @param name its name, unique among the monitor's; letters, digits, '_' and '-'
 * @param description what it does, for the model
 * @param command the program to run and its arguments, exactly these; empty for an action that raises an alert
 * @param cooldown how long after it was taken it is not taken again
 * @param timeout how long the command may run before it is killed
 * @param rule when the hard-coded rules take it; empty for an action that only a model takes
 */
record HookSettings(
        String name,
        String description,
        List<String> command,
        Duration cooldown,
        Duration timeout,
        Optional<HookRule> rule) {

    /** Whether to take it: each action is a question of its own, so that any number can be taken. */
    SideQuestion question() {
        return SideQuestion.yesNo(name, "Should " + name + " be done now? It means: " + description);
    }

    /**
     * When the hard-coded rules take an action. Immutable.
     *
     * @param probe the probe whose finding counts; empty for the worst of all
     * @param from the severity from which on it is taken
     */
    record HookRule(Optional<String> probe, Severity from) {}
}
