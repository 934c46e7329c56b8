package dev.reflexloop.console.review;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * How far a review is. Immutable.
 *
 * @param total decisions to review: those that a model or a cache served
 * @param chosen those that were labelled good
 * @param rejected those that were labelled bad
 * @param skipped those that were skipped
 * @param left those without a label
 */
public record Progress(long total, long chosen, long rejected, long skipped, long left) {

    /**
     * The same as JSON.
     *
     * @return an object with {@code total, chosen, rejected, skipped, left}
     */
    public ObjectNode toJson() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("total", total)
                .put("chosen", chosen)
                .put("rejected", rejected)
                .put("skipped", skipped)
                .put("left", left);
    }
}
