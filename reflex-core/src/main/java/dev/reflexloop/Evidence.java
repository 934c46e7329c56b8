package dev.reflexloop;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Whether anything came of what the bot did, from the perceptions one after the other. Where that cannot be told - no facts, too many
 * of them, facts that come and go, another bot - it says that something did, because a false stop is worse than a late one. Confined to the
 * loop's turn; remembers {@value #MAX_FACTS} facts at most.
 */
final class Evidence {
    private static final int MAX_FACTS = 256;
    /** Effects may land a tick or two late; what changes after so many idle decisions in a row is not the bot's. */
    private static final int SETTLED = 3;

    private final Set<String> only;
    private final Set<String> ignored;
    private final Set<String> progress;
    private final Map<String, WatchedFact> facts = new HashMap<>();
    private final BiConsumer<String, Fact> compare = this::compare;
    private String entity = "";
    private List<String> choices = List.of();
    private long look;
    private long window;
    private int countedBefore;
    private int idleDecisions;
    private boolean lively;

    private int counted;
    private boolean idle;
    private boolean effect;
    private boolean affected;
    private boolean progressed;

    Evidence(Set<String> only, Set<String> ignored, Set<String> progress) {
        this.only = only;
        this.ignored = ignored;
        this.progress = progress;
    }

    /** Looks at a perception; true if what was done before it does not count any more, because something came of it or nobody can tell. */
    boolean look(Perception perception) {
        boolean known = perception.entity().equals(entity);
        if (!known) {
            entity = perception.entity();
            look++;
            idleDecisions = 0;
        }
        look++;
        idle = idleDecisions >= SETTLED;
        effect = !perception.choices().equals(choices);
        progressed = false;
        counted = 0;
        choices = perception.choices();
        if (perception.facts().size() > MAX_FACTS) {
            effect = true;
        } else {
            perception.facts().forEach(compare);
        }
        effect |= counted != countedBefore;
        countedBefore = counted;
        affected = effect && known;
        if (effect || !known) {
            restart();
        }
        return effect || !known;
    }

    private void compare(String name, Fact now) {
        WatchedFact fact = facts.get(name);
        if (fact == null) {
            if (facts.size() == MAX_FACTS) {
                facts.clear();
            }
            boolean counts = (only.isEmpty() || only.contains(name)) && !ignored.contains(name);
            fact = new WatchedFact(now, counts, progress.contains(name));
            facts.put(name, fact);
        }
        boolean known = fact.wasSeenAt(look - 1);
        progressed |= fact.isProgress && fact.differs(now);
        if (!fact.counts) {
            fact.set(now, look);
            return;
        }
        counted++;
        if (!known) {
            fact.set(now, look);
            effect = true;
        } else if (!only.isEmpty()) {
            effect |= fact.differs(now);
            fact.set(now, look);
        } else {
            WatchedFact.Look seen = fact.next(now, look, window, idle);
            effect |= seen == WatchedFact.Look.EFFECT;
            lively |= seen == WatchedFact.Look.LIVELY;
        }
    }

    /** Whether the last look showed that something came of what was done before. */
    boolean affected() {
        return affected;
    }

    /** Whether a fact that stands for progress changed in the last look. */
    boolean progressed() {
        return progressed;
    }

    /** Nothing that was seen so far speaks about what is done from now on. */
    void restart() {
        window = look;
        lively = false;
    }

    /** What was served from the perception that was looked at last. */
    void served(boolean isIdle) {
        idleDecisions = isIdle ? idleDecisions + 1 : 0;
    }

    /**
     * Whether what was done since the last effect can be called ineffective: a fact that the bot has changed before did not change. Without such a
     * witness, a world that stands still but for its clocks is enough for those who have waited longer.
     *
     * @param waitedLonger whether that time has passed
     */
    boolean nothingCame(boolean waitedLonger) {
        if (countedBefore == 0) {
            return false;
        }
        if (!only.isEmpty() || (waitedLonger && !lively)) {
            return true;
        }
        for (WatchedFact each : facts.values()) {
            if (each.wasSeenAt(look) && each.isWitness(window)) {
                return true;
            }
        }
        return false;
    }
}
