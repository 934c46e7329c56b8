package dev.reflexloop;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what was seen, within bounds, and says what is new. Thread-safe: an entity's memory is locked for one look, which is that of one
 * loop where each entity has a loop of its own; the list of memories for a map operation.
 */
final class Novelty {
    private static final int ENTITIES = 4_096;
    private static final int NAMES = 256;
    private static final int TEXTS = 1_024;
    private static final int TEXTS_OF_A_NAME = 64;
    private static final int SHOWN = 200;

    private final int warmUp;
    private final boolean overAll;
    private final double beyond;
    private final Map<String, Memory> memories = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Memory> eldest) {
            return size() > ENTITIES;
        }
    };

    Novelty(int warmUp, boolean overAll, double beyond) {
        this.warmUp = warmUp;
        this.overAll = overAll;
        this.beyond = beyond;
    }

    /** Learns from a perception; what was new in it, null if nothing was or it only taught. */
    @Nullable
    String look(Perception perception) {
        Memory memory;
        synchronized (memories) {
            memory = memories.computeIfAbsent(overAll ? "" : perception.entity(), entity -> new Memory());
        }
        synchronized (memory) {
            String news = memory.facts("", perception.facts());
            return memory.looks++ < warmUp ? null : news;
        }
    }

    /** What was seen of one fact. Texts are kept as their hashes: a rare mistake is cheaper than the texts. */
    private static final class Seen {
        private final Set<Integer> texts = new HashSet<>();
        private boolean free;
        private boolean ranged;
        private double lowest;
        private double highest;
    }

    private final class Memory {
        private final Map<String, Seen> names = new HashMap<>();
        private int texts;
        private long looks;

        /** Learns all, and returns the first news. */
        @Nullable
        String facts(String prefix, Map<String, Fact> facts) {
            String news = null;
            for (Map.Entry<String, Fact> entry : facts.entrySet()) {
                String name = prefix.isEmpty() ? entry.getKey() : prefix + "." + entry.getKey();
                String found = fact(name, entry.getValue());
                news = news == null ? found : news;
            }
            return news;
        }

        private @Nullable String fact(String name, Fact fact) {
            Seen seen = names.get(name);
            boolean isNew = seen == null;
            if (seen == null) {
                if (names.size() == NAMES) {
                    return null;
                }
                seen = new Seen();
                names.put(name, seen);
            }
            String news = isNew ? "the fact '" + shown(name) + "'" : null;
            String found = null;
            if (fact instanceof Fact.Text text) {
                found = text(seen, text.value()) ? shown(name) + " is '" + shown(text.value()) + "'" : null;
            } else if (fact instanceof Fact.Quantity quantity) {
                found = number(seen, quantity.value()) ? shown(name) + " is " + quantity.value() : null;
            } else if (fact instanceof Fact.Records records) {
                for (Map<String, Fact> each : records.records()) {
                    String inside = facts(name, each);
                    found = found == null ? inside : found;
                }
            }
            return news == null ? found : news;
        }

        private boolean text(Seen seen, String value) {
            if (seen.free || seen.texts.contains(value.hashCode())) {
                return false;
            }
            if (texts == TEXTS || seen.texts.size() == TEXTS_OF_A_NAME) {
                texts -= seen.texts.size();
                seen.texts.clear();
                seen.free = true;
                return false;
            }
            texts++;
            return seen.texts.add(value.hashCode());
        }

        /** A number that never changed has no range yet. */
        private boolean number(Seen seen, double value) {
            double width = seen.highest - seen.lowest;
            boolean far = seen.ranged
                    && width > 0
                    && (value > seen.highest + beyond * width || value < seen.lowest - beyond * width);
            seen.lowest = seen.ranged ? Math.min(seen.lowest, value) : value;
            seen.highest = seen.ranged ? Math.max(seen.highest, value) : value;
            seen.ranged = true;
            return far;
        }
    }

    private static String shown(String text) {
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
    }
}
