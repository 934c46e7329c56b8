package dev.reflexloop.escalation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflexloop.Signal;
import dev.reflexloop.llm.JsonInText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a strategist says. Immutable.
 *
 * <p>As JSON, of which every field may be left out:
 *
 * <pre>{@code
 * {"id": "...", "timestamp": 1774580000, "answer": 2, "goal": "...", "actions": ["..."], "summary": "...", "exit_code": 1}
 * }</pre>
 *
 * @param signal what it says about the mission: its {@code exit_code}, {@link Signal#CONTINUE} without one, {@link Signal#PARSE_FAILURE} for
 *     what could not be read
 * @param answer the option that it chooses: a number from 1, the option's words, or the name of its action
 * @param goal the goal from now on
 * @param actions the names of the actions that it wants
 * @param summary what it says to people
 * @param escalation the id of the escalation that it answers
 * @param timestamp the time stamp of the escalation that it answers, in seconds since 1970
 */
public record StrategistReply(
        Signal signal,
        Optional<String> answer,
        Optional<String> goal,
        List<String> actions,
        Optional<String> summary,
        Optional<String> escalation,
        OptionalLong timestamp) {
    private static final int MAX_TEXT = 1 << 16;
    private static final int MAX_REASONING = 1 << 20;
    private static final int MAX_LINE = 200;
    private static final int MAX_FIELD = 2_000;
    private static final int MAX_ACTIONS = 64;
    private static final Set<String> FIELDS = Set.of("answer", "goal", "actions", "action", "summary", "exit_code");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final StrategistReply UNREADABLE = new StrategistReply(
            Signal.PARSE_FAILURE,
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            OptionalLong.empty());

    /** Copies. */
    public StrategistReply {
        actions = List.copyOf(actions);
    }

    /**
     * The choice of an option.
     *
     * @param number counted from 1
     * @return the reply
     */
    public static StrategistReply option(int number) {
        return option(Integer.toString(number));
    }

    /**
     * The choice of an option.
     *
     * @param text the option's number or words, or the name of its action
     * @return the reply
     */
    public static StrategistReply option(String text) {
        return of(Optional.of(text), Optional.empty());
    }

    /**
     * A new goal.
     *
     * @param text the goal in a few words
     * @return the reply
     */
    public static StrategistReply goal(String text) {
        return of(Optional.empty(), Optional.of(text));
    }

    private static StrategistReply of(Optional<String> answer, Optional<String> goal) {
        return new StrategistReply(
                Signal.CONTINUE, answer, goal, List.of(), Optional.empty(), Optional.empty(), OptionalLong.empty());
    }

    /**
     * A reply that could not be read.
     *
     * @return the reply whose signal is {@link Signal#PARSE_FAILURE} and that says nothing
     */
    public static StrategistReply unreadable() {
        return UNREADABLE;
    }

    /**
     * Reads what a strategist wrote: JSON, also in Markdown, with prose around it or behind {@code <think>} marks; or a single line with a
     * number or an option's words. Of a long text the last 65,536 characters are looked at.
     *
     * @param text anything
     * @return the reply; {@link #unreadable()} for what is neither, and for two JSON objects that say different things. Never throws
     */
    public static StrategistReply parse(String text) {
        String end = text.length() > MAX_REASONING ? text.substring(text.length() - MAX_REASONING) : text;
        int thought = end.lastIndexOf("</think>");
        String said = thought < 0 ? end : end.substring(thought + "</think>".length());
        if (said.contains("<think>")) {
            return UNREADABLE;
        }
        JsonInText parts = JsonInText.of(said.substring(Math.max(0, said.length() - MAX_TEXT)));
        Set<StrategistReply> replies = new LinkedHashSet<>();
        for (String each : parts.objects()) {
            StrategistReply reply = object(each);
            if (reply != null) {
                replies.add(reply);
            }
        }
        if (replies.size() == 1) {
            return replies.iterator().next();
        }
        return replies.isEmpty() && parts.objects().isEmpty() ? line(parts.around()) : UNREADABLE;
    }

    private static StrategistReply line(String text) {
        String line = text.strip();
        boolean isLine = !line.isEmpty()
                && line.length() <= MAX_LINE
                && line.chars().noneMatch(each -> Character.isISOControl(each) || "{}[]".indexOf(each) >= 0);
        return isLine ? option(line) : UNREADABLE;
    }

    /** Reads an object; null for one that is about something else. */
    private static @Nullable StrategistReply object(String text) {
        JsonNode json;
        try {
            json = JSON.readTree(text);
        } catch (IOException malformed) {
            return UNREADABLE;
        }
        if (FIELDS.stream().noneMatch(json::has)) {
            return null;
        }
        JsonNode answer = json.path("answer");
        boolean isAnswer = answer.isMissingNode() || answer.isNull() || answer.isTextual() || answer.isIntegralNumber();
        if (!isAnswer) {
            return UNREADABLE;
        }
        return new StrategistReply(
                signal(json.path("exit_code")),
                text(answer),
                text(json.path("goal")),
                actions(json),
                text(json.path("summary")),
                text(json.path("id")),
                json.path("timestamp").isNumber()
                        ? OptionalLong.of(json.path("timestamp").asLong())
                        : OptionalLong.empty());
    }

    private static Signal signal(JsonNode code) {
        if (code.isMissingNode() || code.isNull()) {
            return Signal.CONTINUE;
        }
        String text =
                code.isTextual() || code.isIntegralNumber() ? code.asText().strip() : "";
        return text.matches("-?\\d{1,3}") ? Signal.of(Integer.parseInt(text)) : Signal.PARSE_FAILURE;
    }

    private static Optional<String> text(JsonNode json) {
        return json.isTextual() || json.isIntegralNumber()
                ? Optional.of(Texts.cut(json.asText().strip(), MAX_FIELD)).filter(text -> !text.isEmpty())
                : Optional.empty();
    }

    private static List<String> actions(JsonNode json) {
        List<String> actions = new ArrayList<>();
        text(json.path("action")).ifPresent(actions::add);
        JsonNode list = json.path("actions");
        text(list).ifPresent(actions::add);
        for (JsonNode each : list.isArray() ? list : JSON.createArrayNode()) {
            if (actions.size() < MAX_ACTIONS) {
                text(each.isObject() ? each.path("action") : each).ifPresent(actions::add);
            }
        }
        return actions;
    }

    /** The same with a goal. */
    StrategistReply withGoal(String text) {
        return new StrategistReply(signal, answer, Optional.of(text), actions, summary, escalation, timestamp);
    }

    /**
     * The option that it chooses: its answer, or, where it has none, the one action that it wants.
     *
     * @return the words or number; empty where it chooses nothing
     */
    public Optional<String> choice() {
        return answer.isPresent() || actions.size() != 1 ? answer : Optional.of(actions.get(0));
    }

    /**
     * Whether it could not be read.
     *
     * @return true if its signal is {@link Signal#PARSE_FAILURE}
     */
    public boolean isParseFailure() {
        return signal == Signal.PARSE_FAILURE;
    }
}
