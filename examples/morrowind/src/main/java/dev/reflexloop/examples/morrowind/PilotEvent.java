package dev.reflexloop.examples.morrowind;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One line of {@code events.jsonl}: what the pilot reports. */
sealed interface PilotEvent {
    /** The pilot began to carry a decision out. */
    record Applied(String decision, long tick) implements PilotEvent {}

    /** The pilot did not carry a decision out. */
    record Refused(String decision, String reason) implements PilotEvent {}

    /** What came of a decision; the reward is within -1 to 1. */
    record Closed(String decision, double reward, List<String> reasons) implements PilotEvent {}

    /** A mission began, or ended in one of two ways. */
    record Mission(String id, State state, String text) implements PilotEvent {
        enum State {
            BEGUN,
            COMPLETE,
            FAILED
        }
    }

    /** The game is over. */
    record End() implements PilotEvent {}

    int MAX_ID = 200;
    int MAX_TEXT = 1_000;
    int MAX_REASONS = 20;

    /**
     * Reads a line.
     *
     * @return the event; empty for a type that is not for us
     * @throws Json.Torn if it is no JSON
     * @throws Json.Unusable if it is no event
     */
    static Optional<PilotEvent> read(String line) throws Json.Torn, Json.Unusable {
        JsonNode event = Json.object(line.getBytes(StandardCharsets.UTF_8));
        return switch (Json.text(event, "type", MAX_ID)) {
            case "applied" -> Optional.of(new Applied(Json.text(event, "decision", MAX_ID), Json.whole(event, "tick")));
            case "refused" ->
                Optional.of(new Refused(Json.text(event, "decision", MAX_ID), Json.text(event, "reason", MAX_TEXT)));
            case "outcome" -> Optional.of(closed(event));
            case "mission" -> Optional.of(mission(event));
            case "end" -> Optional.of(new End());
            default -> Optional.empty();
        };
    }

    private static Closed closed(JsonNode event) throws Json.Unusable {
        JsonNode reward = event.path("reward");
        if (!reward.isNumber() || !(Math.abs(reward.doubleValue()) <= 1)) {
            throw new Json.Unusable("'reward' is no number within -1 to 1");
        }
        List<String> reasons = new ArrayList<>();
        for (JsonNode reason : event.path("reasons")) {
            if (!reason.isTextual()
                    || reasons.size() == MAX_REASONS
                    || reason.textValue().length() > MAX_TEXT) {
                throw new Json.Unusable("'reasons' is no list of at most " + MAX_REASONS + " short texts");
            }
            reasons.add(reason.textValue());
        }
        return new Closed(Json.text(event, "decision", MAX_ID), reward.doubleValue(), reasons);
    }

    private static Mission mission(JsonNode event) throws Json.Unusable {
        String state = Json.text(event, "state", MAX_ID);
        return new Mission(
                Json.text(event, "mission", MAX_ID),
                switch (state) {
                    case "begun" -> Mission.State.BEGUN;
                    case "complete" -> Mission.State.COMPLETE;
                    case "failed" -> Mission.State.FAILED;
                    default -> throw new Json.Unusable("'state' is '" + state + "'; use begun, complete or failed");
                },
                Json.optionalText(event, "text", MAX_TEXT).orElse(""));
    }
}
