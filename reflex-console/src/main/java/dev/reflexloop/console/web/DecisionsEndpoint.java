package dev.reflexloop.console.web;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.console.decisions.DecisionArchive;
import dev.reflexloop.console.decisions.LoggedDecision;
import dev.reflexloop.console.review.Label;
import dev.reflexloop.console.review.Review;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code /decisions}: decisions as their logs tell them. Thread-safe. */
final class DecisionsEndpoint {
    private static final int DEFAULT_LIMIT = 50;
    private static final int MOST = 200;

    private final DecisionArchive archive;
    private final @Nullable Review review;

    DecisionsEndpoint(DecisionArchive archive, @Nullable Review review) {
        this.archive = archive;
        this.review = review;
    }

    void newest(Exchange exchange) {
        Map<String, String> parameters = exchange.parameters(Set.of("limit", "entity"));
        int limit = (int) Exchange.number(parameters, "limit", 1, MOST).orElse(DEFAULT_LIMIT);
        archive.refresh();
        ObjectNode json = Exchange.newObject();
        ArrayNode decisions = json.putArray("decisions");
        archive.newest(limit, Optional.ofNullable(parameters.get("entity"))).forEach(each -> decisions.add(json(each)));
        exchange.answer(200, json);
    }

    void one(Exchange exchange) {
        exchange.parameters(Set.of());
        archive.refresh(); // what came of it may be new
        LoggedDecision decision = archive.find(exchange.variable())
                .orElseThrow(
                        () -> new Refusal(
                                404,
                                "this decision is in none of the logs; it is not written yet, was rotated away, or never there"));
        exchange.answer(200, json(decision));
    }

    private ObjectNode json(LoggedDecision decision) {
        return json(decision, review);
    }

    static ObjectNode json(LoggedDecision decision, @Nullable Review review) {
        Optional<Label> label = review == null ? Optional.empty() : review.labelOf(decision.id());
        return decision.toJson().put("review", label.map(Label::word).orElse(null));
    }
}
