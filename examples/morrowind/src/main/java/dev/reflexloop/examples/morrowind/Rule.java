package dev.reflexloop.examples.morrowind;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Decision;
import dev.reflexloop.Fact;
import dev.reflexloop.FallbackPolicy;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The hand-written rule: what the nano model learned from, what is served when a model does not answer, and what stands in for a model
 * ({@code --model rule}). Every number is compared with the edges of {@link #edges()} only.
 */
final class Rule implements FallbackPolicy {
    private static final double DYING = 25;
    private static final double HURT = 50;
    private static final double EXHAUSTED = 15;
    private static final double DANGER = 15;
    private static final double IN_VIEW = 40;
    private static final double LONG_AGO = 240;

    private final ActionSchema schema;

    Rule(ActionSchema schema) {
        this.schema = schema;
    }

    /** The edges that the rule compares each number with, by fact; {@code list.field} for records. */
    static Map<String, double[]> edges() {
        Map<String, double[]> edges = new LinkedHashMap<>();
        edges.put(Sight.HEALTH, new double[] {DYING, HURT});
        edges.put(Sight.FATIGUE, new double[] {EXHAUSTED});
        edges.put(Sight.SINCE_SAVE, new double[] {LONG_AGO});
        edges.put(Sight.ENEMIES + "." + Sight.DISTANCE, new double[] {DANGER});
        edges.put(Sight.NPCS + "." + Sight.DISTANCE, new double[] {Tactic.BESIDE, IN_VIEW});
        edges.put(Sight.DOORS + "." + Sight.DISTANCE, new double[] {Tactic.AT_THE_DOOR});
        return edges;
    }

    /** What the rule would do, whether it is legal or not. */
    static Tactic choose(Perception seen) {
        if (Sight.isAsked(seen)) {
            return Tactic.TALK;
        }
        String aim = seen.text(Sight.AIM, Aim.EXPLORE.label());
        double health = seen.number(Sight.HEALTH, 100);
        if (seen.flag(Sight.COMBAT) || Sight.nearest(seen, Sight.ENEMIES) < DANGER) {
            boolean spent = health < DYING || seen.number(Sight.FATIGUE, 100) < EXHAUSTED;
            boolean shy = aim.equals(Aim.HIDE.label()) || (health < HURT && !aim.equals(Aim.FIGHT.label()));
            return spent || shy ? Tactic.FLEE : Tactic.FIGHT;
        }
        if (aim.equals(Aim.FIGHT.label()) && !Sight.records(seen, Sight.ENEMIES).isEmpty() && health >= HURT) {
            return Tactic.FIGHT;
        }
        if (health < HURT || seen.number(Sight.FATIGUE, 100) < EXHAUSTED) {
            return Tactic.WAIT;
        }
        if (seen.number(Sight.SINCE_SAVE, 0) >= LONG_AGO) {
            return Tactic.QUICKSAVE;
        }
        return seen.flag(Sight.STUCK) ? Tactic.EXPLORE : inPeace(seen, aim);
    }

    private static Tactic inPeace(Perception seen, String aim) {
        Map<String, Fact> stranger = firstUnknown(seen, Sight.NPCS);
        boolean sociable = !aim.equals(Aim.HIDE.label()) && !stranger.isEmpty();
        if (sociable && Sight.distance(stranger) <= Tactic.BESIDE) {
            return Tactic.TALK;
        }
        if (aim.equals(Aim.MEET.label()) && sociable && Sight.distance(stranger) < IN_VIEW) {
            return Tactic.APPROACH_NPC;
        }
        Map<String, Fact> door = firstUnknown(seen, Sight.DOORS);
        boolean curious = aim.equals(Aim.ENTER.label()) || aim.equals(Aim.EXPLORE.label());
        if (curious && !door.isEmpty() && Sight.distance(door) <= Tactic.AT_THE_DOOR) {
            return Tactic.ENTER_DOOR;
        }
        return Tactic.EXPLORE;
    }

    /** The first of a list, which is the nearest, if we do not know it yet; empty otherwise. */
    private static Map<String, Fact> firstUnknown(Perception seen, String list) {
        List<Map<String, Fact>> all = Sight.records(seen, list);
        return all.isEmpty() || Sight.flag(all.get(0), Sight.KNOWN) ? Map.of() : all.get(0);
    }

    @Override
    public Action choose(Perception seen, List<Action> legal, Optional<Decision> last) {
        Action chosen = schema.actions().get(choose(seen).ordinal());
        return legal.contains(chosen) ? chosen : schema.idle();
    }

    /** The rule in the place of a model. */
    ReflexModel asModel() {
        return new InstantModel("rule", question -> choose(question.perception(), question.legal(), Optional.empty()));
    }
}
