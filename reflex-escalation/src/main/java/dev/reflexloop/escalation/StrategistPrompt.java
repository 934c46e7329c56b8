package dev.reflexloop.escalation;

import dev.reflexloop.Escalation;
import dev.reflexloop.Situation;
import dev.reflexloop.llm.PromptRenderer;
import dev.reflexloop.llm.StateJson;
import java.util.List;
import java.util.Locale;

/**
 * How a strategist that writes is asked. Thread-safe. Texts of the game are cut and made harmless
 * ({@link PromptRenderer#harmless(String, int)}): they form no line of the prompt and no special token.
 */
@FunctionalInterface
public interface StrategistPrompt {

    /**
     * The prompt for an escalation.
     *
     * @param escalation what was handed over
     * @return the whole prompt
     */
    String render(Escalation escalation);

    /**
     * Shows bot, goal, facts, situation and numbered options, and asks for one JSON object.
     *
     * @return the prompt for replies that are read at their end
     */
    static StrategistPrompt plain() {
        return escalation -> describe(escalation)
                .append("Reply with one JSON object and nothing else.")
                .toString();
    }

    /**
     * The same, but asks for a plan in a few sentences in front of the JSON object.
     *
     * @return the prompt for replies that are read while they are written
     */
    static StrategistPrompt planning() {
        return escalation -> describe(escalation)
                .append(
                        "First write what the bot should do from now on, in one to three short sentences, then the JSON object.")
                .toString();
    }

    private static StringBuilder describe(Escalation escalation) {
        int maxWords = 1_000;
        int maxText = 200;
        int maxFacts = 8_000;
        Situation situation = escalation.situation();
        StringBuilder prompt = new StringBuilder(1_024)
                .append("You are the strategist of a bot in a game. Its reflex hands a situation over to you.\nBot: ")
                .append(PromptRenderer.harmless(escalation.perception().entity(), maxText))
                .append("\nGoal: ")
                .append(PromptRenderer.harmless(escalation.goal().text(), maxText))
                .append("\nIt sees: ")
                .append(Texts.cut(StateJson.of(escalation.perception()), maxFacts))
                .append("\nSituation (")
                .append(situation.kind().name().toLowerCase(Locale.ROOT))
                .append("): ")
                .append(PromptRenderer.harmless(situation.words(), maxWords))
                .append('\n');
        List<Situation.Option> options = situation.options();
        if (!options.isEmpty()) {
            prompt.append("Options:\n");
        }
        for (int i = 0; i < options.size(); i++) {
            prompt.append(i + 1)
                    .append(") ")
                    .append(PromptRenderer.harmless(EscalationText.label(options.get(i)), maxText))
                    .append('\n');
        }
        return prompt.append("""
                The JSON object has the fields
                "answer": the number of the option to take%s,
                "goal": what the bot should be after from now on, in a few words; leave it out to keep its goal,
                "summary": why, in one sentence,
                "exit_code": 1 to go on, 0 if the goal is reached, 2 to stop with your summary, 3 to stop the bot at once.
                """.formatted(options.isEmpty() ? " (none is offered: leave it out)" : ""));
    }
}
