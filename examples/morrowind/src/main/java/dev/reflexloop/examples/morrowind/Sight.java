package dev.reflexloop.examples.morrowind;

import dev.reflexloop.Fact;
import dev.reflexloop.Perception;
import java.util.List;
import java.util.Map;

/** The names of the facts that the actions' masks and the rule look at, and safe ways to read them: facts come from a file. */
final class Sight {
    static final String NPCS = "npcs";
    static final String DOORS = "doors";
    static final String ENEMIES = "enemies";
    static final String COMBAT = "combat";
    static final String STUCK = "stuck";
    static final String HEALTH = "health";
    static final String FATIGUE = "fatigue";
    static final String SINCE_SAVE = "sinceSave";
    static final String ID = "id";
    static final String NAME = "name";
    static final String DISTANCE = "distance";
    static final String KNOWN = "known";

    /** What {@link PerceptionJson} makes of the situation and its choices. */
    static final String SITUATION = "situation";

    static final String SITUATION_ID = "situationId";
    static final String WORDS = "words";
    static final String OPTIONS = "options";
    static final String ACTION = "action";

    /** What {@link Aim} makes of the goal. */
    static final String AIM = "aim";

    private static final double OUT_OF_SIGHT = 1_000;

    private Sight() {}

    /** Whether somebody or something waits for an answer. */
    static boolean isAsked(Perception seen) {
        return !records(seen, OPTIONS).isEmpty();
    }

    /** A list of records, empty where the fact is absent or something else. */
    static List<Map<String, Fact>> records(Perception seen, String name) {
        return seen.facts().get(name) instanceof Fact.Records list ? list.records() : List.of();
    }

    static String text(Map<String, Fact> thing, String name, String otherwise) {
        return thing.get(name) instanceof Fact.Text text ? text.value() : otherwise;
    }

    static boolean flag(Map<String, Fact> thing, String name) {
        return thing.get(name) instanceof Fact.Flag flag && flag.value();
    }

    /** How far away something is, in metres; far where it does not say. */
    static double distance(Map<String, Fact> thing) {
        return thing.get(DISTANCE) instanceof Fact.Quantity metres ? metres.value() : OUT_OF_SIGHT;
    }

    /** How far away the nearest of a list is, in metres; far where there is none. */
    static double nearest(Perception seen, String name) {
        double nearest = OUT_OF_SIGHT;
        for (Map<String, Fact> each : records(seen, name)) {
            nearest = Math.min(nearest, distance(each));
        }
        return nearest;
    }
}
