package dev.reflexloop.llm.server;

import dev.reflexloop.Deadline;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Asks a server how likely each of some labels is to come next. Thread-safe; returns at once. */
@FunctionalInterface
interface LabelScorer {
    /**
     * Asks.
     *
     * @param prompt the text that the label follows
     * @param labels the labels, one or more
     * @param deadline the moment after which the scores are of no use
     * @return what the labels got; cancelling it ends the exchange
     */
    CompletableFuture<LabelScores> score(String prompt, List<String> labels, Deadline deadline);
}
