package dev.reflexloop.examples.robocode;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The hand-written rule that the model learns from: a function of the situation's numbers and of nothing else. Every number is compared
 * with the fixed edges of {@link #edges()} only, so that bands between these edges tell a model all that the rule looks at.
 */
final class Rule {
    private static final double SPENT = 2;
    private static final double MANY = 2;
    private static final double FORTRESS = 115;
    private static final double STILL = 0.5;
    private static final double SILENT = 80;
    private static final double FAST = 6.5;
    private static final double RUSHING = 5;
    private static final double STUNG = 8;
    private static final double CLOSE = 200;
    private static final double JUST_NOW = 20;
    private static final double WEAK = 25;
    private static final double FAR = 350;

    private Rule() {}

    /** The edges that the rule compares each number with. */
    static Map<String, double[]> edges() {
        Map<String, double[]> edges = new LinkedHashMap<>();
        edges.put("others", new double[] {MANY});
        edges.put("energy", new double[] {SPENT});
        edges.put("enemyEnergy", new double[] {SPENT});
        edges.put("strongest", new double[] {FORTRESS});
        edges.put("weakest", new double[] {WEAK});
        edges.put("enemySpeed", new double[] {STILL, FAST});
        edges.put("closing", new double[] {RUSHING});
        edges.put("distance", new double[] {CLOSE, FAR});
        edges.put("taken", new double[] {STUNG});
        edges.put("sinceShot", new double[] {JUST_NOW, SILENT});
        return edges;
    }

    static Tactic choose(Situation s) {
        if (s.energy() < SPENT && s.enemyEnergy() >= SPENT) {
            return Tactic.HOLD_FIRE;
        }
        if (s.others() < MANY) {
            return duel(s);
        }
        if (s.strongest() >= FORTRESS || s.enemySpeed() < STILL) {
            return fortress(s);
        }
        return melee(s);
    }

    private static Tactic duel(Situation s) {
        if (s.enemySpeed() >= FAST && s.closing() < RUSHING) {
            return Tactic.STRAFE;
        }
        boolean underFire = s.sinceShot() < JUST_NOW && s.distance() < CLOSE;
        return underFire || s.taken() >= STUNG ? Tactic.CIRCLE_WALL : Tactic.HUNT;
    }

    /** Against many that stand still and shoot where they are told: never stay, unless nobody shoots any more. */
    private static Tactic fortress(Situation s) {
        return s.sinceShot() >= SILENT ? Tactic.CHARGE : Tactic.CIRCLE_WALL;
    }

    private static Tactic melee(Situation s) {
        if (s.weakest() < WEAK) {
            return Tactic.HUNT;
        }
        return s.distance() >= FAR ? Tactic.SNIPE : Tactic.CHARGE;
    }
}
