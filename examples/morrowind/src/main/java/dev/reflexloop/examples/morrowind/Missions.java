package dev.reflexloop.examples.morrowind;

import dev.reflexloop.LoopGuard;
import dev.reflexloop.Mission;
import dev.reflexloop.Signal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the pilot says about missions, as far as it is about the mission that the guard knows: the one whose goal ends in the words in which
 * the pilot announced it. Thread-safe.
 */
final class Missions {
    private static final int MAX_KNOWN = 1_000;

    private final LoopGuard guard;

    /** By the pilot's name for it, the words of a mission. */
    private final Map<String, String> announced = new LinkedHashMap<>();

    /** By id, the goal of every mission that the guard had. */
    private final Map<String, String> seen = new LinkedHashMap<>();

    Missions(LoopGuard guard) {
        this.guard = guard;
    }

    /** Takes what the pilot says. */
    synchronized void heard(PilotEvent.Mission event) {
        if (event.state() == PilotEvent.Mission.State.BEGUN) {
            if (announced.size() < MAX_KNOWN) {
                announced.put(event.id(), event.text().strip());
            }
            return;
        }
        String words = announced.remove(event.id());
        Mission now = guard.mission();
        if (words != null && !words.isEmpty() && now.goal().text().endsWith(words)) {
            boolean complete = event.state() == PilotEvent.Mission.State.COMPLETE;
            guard.signal(now.id(), complete ? Signal.COMPLETE : Signal.SUMMARY_ONLY, List.of());
        }
    }

    /** Notes the mission of this moment, unless it has no goal: such a mission ends silently. */
    synchronized void look() {
        Mission now = guard.mission();
        if (!now.goal().text().isEmpty() && seen.size() < MAX_KNOWN) {
            seen.putIfAbsent(now.id(), now.goal().text());
        }
    }

    /** Every mission with a goal, by id. */
    synchronized Map<String, String> seen() {
        return Map.copyOf(seen);
    }
}
