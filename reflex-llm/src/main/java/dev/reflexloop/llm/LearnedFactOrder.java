package dev.reflexloop.llm;

import dev.reflexloop.Perception;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Learns which facts change. For each fact one long holds in which of the last 64 ticks its text changed, and a mean how many characters
 * in front stayed when it did, its name at least. What an order would have cost in these ticks follows: a fact is paid for in each tick in
 * which one in front of it changed, and without the characters that stayed where it is the first that changed.
 */
final class LearnedFactOrder implements FactOrder {
    private static final int MAX_ENTITIES = 256;
    private static final int MAX_FACTS = 256;
    private static final int MAX_NAME = 64;
    private static final int TICKS_BETWEEN_LOOKS = 16;
    private static final int GAIN_OVER_COST = 2;
    private static final int MAX_HEAD = 128;
    private static final double NEW_SHARE = 0.125;

    private final Map<String, Watch> entities = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Watch> eldest) {
            return size() > MAX_ENTITIES;
        }
    };

    @Override
    public List<String> arrange(Perception perception, Map<String, String> shown) {
        Watch watch;
        synchronized (entities) {
            watch = entities.computeIfAbsent(perception.entity(), entity -> new Watch());
        }
        return watch.arrange(perception.tick(), shown);
    }

    /** What is known about one fact. */
    private static final class History {
        private int textHash;
        private String head = "";
        private int length;
        private long changes;
        private double kept;

        void see(@Nullable String shown) {
            String text = shown == null ? "" : shown;
            int hash = text.hashCode();
            boolean changed = hash != textHash;
            changes = changes << 1 | (changed ? 1 : 0);
            if (changed) {
                kept += NEW_SHARE * (commonPrefix(head, text) - kept);
                textHash = hash;
                head = text.substring(0, Math.min(MAX_HEAD, text.length()));
                length = text.length();
            }
        }

        private static int commonPrefix(String head, String text) {
            int same = 0;
            while (same < Math.min(head.length(), text.length()) && head.charAt(same) == text.charAt(same)) {
                same++;
            }
            return same;
        }

        boolean forgotten() {
            return length == 0 && changes == 0;
        }
    }

    /** One entity: its facts in the order in which they are shown. */
    private static final class Watch {
        private Map<String, History> facts = new LinkedHashMap<>();
        private long lastTick;
        private int seen;

        synchronized List<String> arrange(long tick, Map<String, String> shown) {
            if (seen == 0 || tick != lastTick) {
                lastTick = tick;
                see(shown);
                if (++seen % TICKS_BETWEEN_LOOKS == 0) {
                    reorder();
                }
            }
            return order(shown);
        }

        private void see(Map<String, String> shown) {
            facts.values().removeIf(History::forgotten);
            facts.forEach((name, history) -> history.see(shown.get(name)));
            for (Map.Entry<String, String> fact : shown.entrySet()) {
                if (facts.size() >= MAX_FACTS) {
                    return;
                }
                if (fact.getKey().length() <= MAX_NAME && !facts.containsKey(fact.getKey())) {
                    History history = new History();
                    history.see(fact.getValue());
                    facts.put(fact.getKey(), history);
                }
            }
        }

        private void reorder() {
            List<Map.Entry<String, History>> sorted = new ArrayList<>(facts.entrySet());
            sorted.sort(
                    Comparator.<Map.Entry<String, History>>comparingInt(fact -> Long.bitCount(fact.getValue().changes))
                            .thenComparingDouble(fact -> -fact.getValue().kept));
            Map<String, History> better = new LinkedHashMap<>();
            sorted.forEach(fact -> better.put(fact.getKey(), fact.getValue()));
            if (cost(facts) - cost(better) > GAIN_OVER_COST * costOfChange(better)) {
                facts = better;
            }
        }

        /** The characters that would have been evaluated in the ticks that are remembered. */
        private static double cost(Map<String, History> order) {
            double cost = 0;
            long changed = 0;
            for (History fact : order.values()) {
                cost += (double) fact.length * Long.bitCount(changed);
                cost += Math.max(0, fact.length - fact.kept) * Long.bitCount(fact.changes & ~changed);
                changed |= fact.changes;
            }
            return cost;
        }

        /** The characters from the first fact on that would stand in another place. */
        private long costOfChange(Map<String, History> order) {
            long cost = 0;
            Iterator<History> now = facts.values().iterator();
            for (History fact : order.values()) {
                if (now.next() != fact || cost > 0) {
                    cost += fact.length;
                }
            }
            return cost;
        }

        private List<String> order(Map<String, String> shown) {
            List<String> names = new ArrayList<>(shown.size());
            Set<String> placed = new HashSet<>();
            for (String name : facts.keySet()) {
                if (shown.containsKey(name)) {
                    names.add(name);
                    placed.add(name);
                }
            }
            for (String name : shown.keySet()) {
                if (!placed.contains(name)) {
                    names.add(name);
                }
            }
            return names;
        }
    }
}
