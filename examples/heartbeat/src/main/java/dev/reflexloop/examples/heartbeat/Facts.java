package dev.reflexloop.examples.heartbeat;

import dev.reflexloop.Fact;
import dev.reflexloop.llm.PromptRenderer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Facts in words, and what changed among them. */
final class Facts {
    private static final int MOST_CHANGES = 8;
    private static final int MOST_TEXT = 200;
    /** Latencies and free space never stand still; a number has changed when it moved by more than this share. */
    private static final double NOTICEABLE = 0.1;

    private Facts() {}

    /** One fact a line. */
    static String lines(Map<String, Fact> facts) {
        StringBuilder lines = new StringBuilder(256);
        facts.forEach((name, fact) -> lines.append(PromptRenderer.harmless(name, MOST_TEXT))
                .append(": ")
                .append(word(fact))
                .append('\n'));
        return lines.toString();
    }

    private static String word(Fact fact) {
        if (fact instanceof Fact.Text text) {
            return PromptRenderer.harmless(text.value(), MOST_TEXT);
        } else if (fact instanceof Fact.Quantity quantity) {
            double value = quantity.value();
            return value == Math.rint(value)
                    ? String.format(Locale.ROOT, "%.0f", value)
                    : String.format(Locale.ROOT, "%.2f", value);
        } else if (fact instanceof Fact.Flag flag) {
            return flag.value() ? "yes" : "no";
        } else if (fact instanceof Fact.Records list) {
            return list.records().stream().map(Facts::inOneLine).collect(Collectors.joining("; "));
        }
        return "";
    }

    private static String inOneLine(Map<String, Fact> record) {
        return record.entrySet().stream()
                .map(each -> each.getKey() + '=' + word(each.getValue()))
                .collect(Collectors.joining(" "));
    }

    /** What changed between two looks: at most {@value #MOST_CHANGES} records of a fact, what it was and what it is. */
    static List<Map<String, Fact>> changes(Map<String, Fact> before, Map<String, Fact> now) {
        List<Map<String, Fact>> changes = new ArrayList<>();
        now.forEach((name, fact) -> {
            Fact old = before.get(name);
            if (changes.size() < MOST_CHANGES && (old == null || differs(old, fact))) {
                changes.add(change(name, old == null ? "" : word(old), word(fact)));
            }
        });
        before.forEach((name, old) -> {
            if (changes.size() < MOST_CHANGES && !now.containsKey(name)) {
                changes.add(change(name, word(old), ""));
            }
        });
        return changes;
    }

    private static Map<String, Fact> change(String name, String was, String is) {
        Map<String, Fact> change = new LinkedHashMap<>();
        change.put("fact", Fact.of(name));
        change.put("was", Fact.of(was));
        change.put("is", Fact.of(is));
        return change;
    }

    private static boolean differs(Fact old, Fact now) {
        if (old instanceof Fact.Quantity was && now instanceof Fact.Quantity is) {
            double largest = Math.max(Math.abs(was.value()), Math.abs(is.value()));
            return Math.abs(was.value() - is.value()) > NOTICEABLE * largest;
        }
        return !old.equals(now);
    }
}
