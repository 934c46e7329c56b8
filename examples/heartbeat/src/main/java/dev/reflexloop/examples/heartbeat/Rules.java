package dev.reflexloop.examples.heartbeat;

import dev.reflexloop.Action;
import dev.reflexloop.Fact;
import dev.reflexloop.FallbackPolicy;
import dev.reflexloop.Perception;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The hard-coded rules: what rates a state when no model does, and what every rating can be compared with. Immutable. */
final class Rules {
    private final List<Probe> probes;

    Rules(List<Probe> probes) {
        this.probes = List.copyOf(probes);
    }

    /** The verdict on each probe, by its name. */
    Map<String, Finding> findings(Perception seen) {
        Map<String, Finding> findings = new LinkedHashMap<>();
        for (Probe probe : probes) {
            findings.put(probe.name(), probe.judge(factsOf(probe, seen)));
        }
        return findings;
    }

    private static Map<String, Fact> factsOf(Probe probe, Perception seen) {
        String prefix = probe.name() + '.';
        Map<String, Fact> own = new LinkedHashMap<>();
        seen.facts().forEach((name, fact) -> {
            if (name.startsWith(prefix)) {
                own.put(name.substring(prefix.length()), fact);
            }
        });
        return own;
    }

    /** The worst of the verdicts. */
    static Severity worst(Map<String, Finding> findings) {
        return findings.values().stream().map(Finding::severity).reduce(Severity.OK, Severity::orWorse);
    }

    /** What is the matter, in words for people; what all is well with when nothing is. */
    static String words(Map<String, Finding> findings) {
        boolean troubled = worst(findings) != Severity.OK;
        return findings.entrySet().stream()
                .filter(each -> !troubled || each.getValue().severity() != Severity.OK)
                .map(each -> each.getKey() + ": " + each.getValue().words())
                .collect(Collectors.joining("; "));
    }

    /** The rules as the answer that a loop has before it asks its model. */
    FallbackPolicy asFallback() {
        return (perception, legal, last) -> {
            String label = worst(findings(perception)).label();
            for (Action action : legal) {
                if (action.name().equals(label)) {
                    return action;
                }
            }
            return legal.get(0);
        };
    }
}
