package dev.reflexloop.escalation;

import dev.reflexloop.Goal;
import dev.reflexloop.ReflexClock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Turns a plan that is being written into drafts of a goal: its first whole sentences, as many as a goal may have, and not too often, because every
 * new goal costs the reflex a part of its prompt's cache. Thread-safe.
 */
final class PlanUpdates implements Consumer<String> {
    /** More of a goal is not shown to the reflex's model. */
    private static final int MAX_GOAL = 200;

    private static final Pattern THOUGHT = Pattern.compile("<think>.*?(?:</think>|\\z)", Pattern.DOTALL);
    private static final Pattern END_OF_PLAN = Pattern.compile("\\{|```");
    private static final Pattern END_OF_SENTENCE = Pattern.compile("[.!?](?=\\s)|\\n");

    private final ReflexClock clock;
    private final long everyNanos;
    private final Consumer<Goal> to;
    private long dueNanos;
    private String given = "";
    private String latest = "";
    private boolean ended;

    PlanUpdates(ReflexClock clock, Duration every, Consumer<Goal> to) {
        this.clock = clock;
        this.everyNanos = every.toNanos();
        this.to = to;
        this.dueNanos = clock.nanos();
    }

    @Override
    public synchronized void accept(String soFar) {
        if (ended) {
            return;
        }
        latest = soFar;
        String goal = sentences(soFar, false);
        long now = clock.nanos();
        if (!goal.isEmpty() && !goal.equals(given) && now - dueNanos >= 0) {
            given = goal;
            dueNanos = now + everyNanos;
            to.accept(Goal.draft(goal));
        }
    }

    /** Gives nothing any more; returns the goal that the whole plan makes. */
    synchronized Optional<Goal> end() {
        ended = true;
        String goal = sentences(latest, true);
        return goal.isEmpty() ? Optional.empty() : Optional.of(Goal.of(goal));
    }

    private static String sentences(String text, boolean isWhole) {
        String plan = THOUGHT.matcher(text).replaceAll("").stripLeading();
        Matcher end = END_OF_PLAN.matcher(plan);
        boolean hasEnded = end.find();
        plan = hasEnded ? plan.substring(0, end.start()) : plan;
        int length = hasEnded || isWhole ? plan.length() : 0;
        Matcher sentence = END_OF_SENTENCE.matcher(plan);
        for (int from = 0; length != plan.length() && sentence.find(from); from = sentence.end()) {
            length = sentence.end();
        }
        String sentences = plan.substring(0, length).strip().replaceAll("\\s+", " ");
        return sentences.length() <= MAX_GOAL ? sentences : shorter(sentences);
    }

    /** The whole sentences that fit; where not even one does, its beginning. */
    private static String shorter(String sentences) {
        Matcher sentence = END_OF_SENTENCE.matcher(sentences);
        int length = 0;
        while (sentence.find() && sentence.end() <= MAX_GOAL) {
            length = sentence.end();
        }
        return Texts.cut(sentences, length == 0 ? MAX_GOAL : length);
    }
}
