package dev.reflexloop.examples.heartbeat;

import dev.reflexloop.Fact;
import java.util.LinkedHashMap;
import java.util.Map;

/** A thing whose state a test sets; the words ok, warning and critical are what the rule makes of it. */
final class FakeProbe implements Probe {
    private final String name;
    private volatile String state = "ok";
    private volatile double load;

    FakeProbe(String name) {
        this.name = name;
    }

    void becomes(Severity severity) {
        this.state = severity.label();
    }

    void load(double value) {
        this.load = value;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Map<String, Fact> look() {
        if (state.equals("broken")) {
            throw new IllegalStateException("cannot look");
        }
        Map<String, Fact> facts = new LinkedHashMap<>();
        facts.put(STATE, Fact.of(state));
        facts.put("load", Fact.of(load));
        return facts;
    }

    void breaks() {
        this.state = "broken";
    }

    @Override
    public Finding judge(Map<String, Fact> facts) {
        String seen = Probe.text(facts, STATE);
        return new Finding(Severity.of(seen).orElse(Severity.WARNING), "seems " + seen);
    }
}
