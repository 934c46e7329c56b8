package dev.reflexloop.console.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.Signal;
import dev.reflexloop.console.EscalationDesk;
import dev.reflexloop.escalation.AnswerVerdict;
import dev.reflexloop.escalation.InboxEntry;
import dev.reflexloop.escalation.StrategistReply;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Semaphore;

/** {@code /escalations}: what waits for an answer, and the answers. Thread-safe. */
final class EscalationsEndpoint {
    private static final String BY = "page";
    private static final int LONGEST_GOAL = 2_000;

    private static final int MOST_ANSWERS = 4;

    private final EscalationDesk desk;
    private final Semaphore answers = new Semaphore(MOST_ANSWERS);

    EscalationsEndpoint(EscalationDesk desk) {
        this.desk = desk;
    }

    void list(Exchange exchange) {
        exchange.parameters(Set.of());
        ObjectNode json = Exchange.newObject();
        ArrayNode waiting = json.putArray("waiting");
        for (InboxEntry entry : desk.waiting()) {
            ObjectNode each = waiting.addObject();
            each.put("id", entry.id());
            each.put("entity", entry.entity());
            each.put("tick", entry.tick());
            each.put("at", entry.at().toString());
            each.put("times", entry.times());
            each.put("kind", entry.situation().kind().name());
            each.put("situation", entry.situation().words());
            each.put("goal", entry.goal().text());
            ArrayNode options = each.putArray("options");
            entry.situation()
                    .options()
                    .forEach(option -> options.add(option.text().isEmpty() ? option.action() : option.text()));
        }
        exchange.answer(200, json);
    }

    void answer(Exchange exchange) {
        ObjectNode body = exchange.object(Set.of("option", "goal"));
        JsonNode option = body.path("option");
        if (!option.isMissingNode() && !(option.isInt() && option.intValue() > 0)) {
            throw new Refusal(400, "option is no number from 1 up; give the option's place in the list");
        }
        JsonNode goal = body.path("goal");
        String text = goal.isTextual() ? goal.textValue().strip() : "";
        if (!goal.isMissingNode() && (text.isEmpty() || text.length() > LONGEST_GOAL)) {
            throw new Refusal(400, "goal is no text of 1 to " + LONGEST_GOAL + " characters; give a few words");
        }
        if (option.isMissingNode() && goal.isMissingNode()) {
            throw new Refusal(400, "the answer holds neither an option nor a goal; give one");
        }
        StrategistReply reply = new StrategistReply(
                Signal.CONTINUE,
                option.isMissingNode() ? Optional.empty() : Optional.of(Integer.toString(option.intValue())),
                Optional.of(text).filter(each -> !each.isEmpty()),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty());
        if (!answers.tryAcquire()) {
            throw new Refusal(429, MOST_ANSWERS + " answers are on their way; send this one when one has arrived");
        }
        AnswerVerdict verdict;
        try {
            verdict = desk.answer(exchange.variable(), reply, BY);
        } finally {
            answers.release();
        }
        ObjectNode json = Exchange.newObject();
        json.put("taken", verdict.isTaken());
        json.put("verdict", verdict.kind().name());
        json.put("reason", verdict.reason());
        exchange.answer(200, json);
    }
}
