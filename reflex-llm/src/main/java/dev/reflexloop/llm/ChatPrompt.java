package dev.reflexloop.llm;

import dev.reflexloop.Action;
import dev.reflexloop.Answer;
import dev.reflexloop.Question;
import dev.reflexloop.Timings;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How a model that writes text is asked for an action, and how its reply is read. Immutable, and never throws because of what a
 * perception or a reply contains.
 *
 * <p>Unlike a {@link PromptRenderer}, which is for scoring, it tells the model which actions are legal now. Text of the game is cut and
 * cleaned as {@link PlainRenderer} does it.
 */
public final class ChatPrompt {
    private static final Pattern PLACE = Pattern.compile("\\{(\\w+)}");
    private static final Set<String> PLACES = Set.of("perception", "goal", "actions");

    private final String settings;
    private final Function<Question, String> text;
    private final boolean lettered;

    private ChatPrompt(String settings, Function<Question, String> text, boolean lettered) {
        this.settings = settings;
        this.text = text;
        this.lettered = lettered;
    }

    /**
     * What {@link PlainRenderer} shows with default settings, ending in the legal actions and the demand for one name.
     *
     * @return the prompt
     */
    public static ChatPrompt plain() {
        return of(PlainRenderer.builder().build());
    }

    /**
     * What a renderer shows, ending in the legal actions and the demand for one name. The default instruction loses its words about
     * letters; one that was set stays as it is.
     *
     * @param renderer the order and the bands of the facts
     * @return the prompt
     */
    public static ChatPrompt of(PlainRenderer renderer) {
        return new ChatPrompt(renderer.settings(), renderer::renderForWriting, true);
    }

    /**
     * A text with places for {@code {perception}} (the facts as one JSON object), {@code {goal}} and {@code {actions}} (the names of the
     * legal ones, with commas).
     *
     * @param template the text; has {@code {actions}}, and no place of another name
     * @return the prompt
     * @throws IllegalArgumentException when {@code {actions}} is missing or a place is unknown
     */
    public static ChatPrompt template(String template) {
        Set<String> places =
                PLACE.matcher(template).results().map(place -> place.group(1)).collect(Collectors.toSet());
        if (!PLACES.containsAll(places) || !places.contains("actions")) {
            throw new IllegalArgumentException("template of a prompt has the places " + places
                    + "; it needs {actions} and may have {perception} and {goal}");
        }
        return new ChatPrompt("template=" + template, question -> fill(template, question), false);
    }

    /**
     * The prompt of the original reflex loop, as a baseline: {@code Game state: ... Goal: ... Pick one action: ... Respond with just the
     * action name.}
     *
     * @return the prompt
     */
    public static ChatPrompt original() {
        return template("Game state: {perception}. Goal: {goal}. Pick one action: {actions}. "
                + "Respond with just the action name.");
    }

    /**
     * The prompt.
     *
     * @param question what is asked
     * @return the text to send to the model
     */
    public String render(Question question) {
        return text.apply(question);
    }

    /**
     * What tells this prompt from another one, for the record of what decides.
     *
     * @return a text, always the same for the same prompt
     */
    public String settings() {
        return settings;
    }

    /**
     * The action that a reply names: alone or on a line of its own, by name or, where the prompt shows letters, by letter; in Markdown; in
     * JSON as {@code {"action": "..."}}; or in prose that mentions one action and denies nothing. Case does not matter, and what stands
     * between {@code <think>} marks is left out. Only the first 16,384 characters are looked at.
     *
     * @param question what was asked
     * @param reply what the model wrote
     * @return the action, which need not be a legal one; empty when the reply names none or more than one, because that would be a guess
     */
    public Optional<Action> read(Question question, String reply) {
        return new ActionReader(question.schema().actions(), lettered).read(reply);
    }

    /**
     * The answer that a reply stands for: certain of the action that it names, because writing models give no probabilities. A reply that
     * names no single action becomes an answer without any, and one that names an illegal action is certain of that; a loop counts both
     * as illegal answers.
     *
     * @param model the model's id
     * @param question what was asked
     * @param prompt what {@link #render} made of it
     * @param reply what the model wrote
     * @return the answer
     */
    public Answer answer(String model, Question question, String prompt, String reply) {
        Map<String, Double> certain =
                read(question, reply).map(action -> Map.of(action.name(), 1.0)).orElse(Map.of());
        return new Answer(
                model,
                Optional.empty(),
                certain,
                OptionalDouble.empty(),
                Map.of(),
                Map.of(),
                Optional.of(prompt),
                Timings.unknown());
    }

    private static String fill(String template, Question question) {
        return PLACE.matcher(template)
                .replaceAll(place -> Matcher.quoteReplacement(
                        switch (place.group(1)) {
                            case "perception" -> StateJson.of(question.perception());
                            case "goal" -> PlainRenderer.clean(question.goal().text());
                            default -> PlainRenderer.names(question);
                        }));
    }
}
