package dev.reflexloop;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Answers to questions that were asked before, for a while. Confined to the loop's turn. */
final class AnswerCache {
    private static final int CAPACITY = 256;

    private record Key(Map<String, Fact> facts, List<String> choices, Goal goal, List<Action> legal) {
        Key(Question question) {
            this(question.perception().facts(), question.perception().choices(), question.goal(), question.legal());
        }
    }

    private record Kept(Answer answer, long storedNanos) {}

    private final long holdNanos;
    private final Map<Key, Kept> entries = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Kept> eldest) {
            return size() > CAPACITY;
        }
    };

    AnswerCache(long holdNanos) {
        this.holdNanos = holdNanos;
    }

    @Nullable
    Answer find(Question question, long nowNanos) {
        if (holdNanos == 0) {
            return null;
        }
        Kept kept = entries.get(new Key(question));
        return kept == null || nowNanos - kept.storedNanos() >= holdNanos ? null : kept.answer();
    }

    void store(Question question, Answer answer, long nowNanos) {
        if (holdNanos > 0) {
            entries.put(new Key(question), new Kept(answer, nowNanos));
        }
    }
}
