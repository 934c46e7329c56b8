package dev.reflexloop.console.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.console.review.Label;
import dev.reflexloop.console.review.Progress;
import dev.reflexloop.console.review.Review;
import dev.reflexloop.console.review.ReviewException;
import java.util.Set;

/** {@code /review}: what is to be labelled next, and the labels. Thread-safe. */
final class ReviewEndpoint {
    private static final String BY = "page";

    private final Review review;

    ReviewEndpoint(Review review) {
        this.review = review;
    }

    void show(Exchange exchange) {
        exchange.parameters(Set.of());
        review.refresh();
        exchange.answer(200, state(Exchange.newObject()));
    }

    void label(Exchange exchange) {
        ObjectNode body = exchange.object(Set.of("id", "label"));
        String id = body.path("id").asText();
        Label label = Label.of(body.path("label").asText())
                .orElseThrow(() -> new Refusal(400, "label is unknown; give chosen, rejected or skip"));
        review.refresh();
        written(() -> review.label(id, label, BY));
        exchange.answer(200, state(Exchange.newObject()));
    }

    void undo(Exchange exchange) {
        exchange.object(Set.of());
        review.refresh();
        ObjectNode json = Exchange.newObject();
        written(() -> json.put("undone", review.undo().orElse(null)));
        exchange.answer(200, state(json));
    }

    private static void written(Runnable write) {
        try {
            write.run();
        } catch (ReviewException failure) {
            int status = failure.getCause() == null ? 404 : 503;
            throw new Refusal(status, Exchange.shown(String.valueOf(failure.getMessage())));
        }
    }

    private ObjectNode state(ObjectNode json) {
        Progress progress = review.progress();
        ObjectNode counts = json.putObject("progress");
        counts.put("total", progress.total());
        counts.put("chosen", progress.chosen());
        counts.put("rejected", progress.rejected());
        counts.put("skipped", progress.skipped());
        counts.put("left", progress.left());
        json.set(
                "next",
                review.next().map(each -> DecisionsEndpoint.json(each, review)).orElse(null));
        return json;
    }
}
