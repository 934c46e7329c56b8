package dev.reflexloop.examples.morrowind;

import dev.reflexloop.Fact;
import dev.reflexloop.Perception;
import dev.reflexloop.Situation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A world that wanders at random through what the rule looks at, so that a model can learn the rule also where no script of a game leads. The
 * same for the same seed. One thread at a time.
 */
final class DrawnWorld {
    private static final double FULL = 100;
    private static final double STRIDE = 15;
    private static final double FARTHEST = 50;
    private static final double LONGEST = 400;
    private static final double NEW_AIM = 0.05;
    private static final double NEW_PLACE = 0.25;
    private static final double ASKED = 0.05;
    private static final int MOST = 3;

    private final SplittableRandom random;
    private Aim aim = Aim.EXPLORE;
    private double health = FULL;
    private double fatigue = FULL;
    private double sinceSave;
    private List<Map<String, Fact>> npcs = List.of();
    private List<Map<String, Fact>> doors = List.of();
    private List<Map<String, Fact>> enemies = List.of();
    private long tick;

    DrawnWorld(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /** The next thing that is seen. */
    Perception next() {
        if (random.nextDouble() < NEW_AIM) {
            aim = Aim.values()[random.nextInt(Aim.values().length)];
        }
        health = wander(health);
        fatigue = wander(fatigue);
        sinceSave = random.nextDouble() < NEW_AIM ? 0 : Math.min(LONGEST, sinceSave + STRIDE * random.nextDouble());
        if (random.nextDouble() < NEW_PLACE) {
            npcs = strangers();
        }
        if (random.nextDouble() < NEW_PLACE) {
            doors = strangers();
        }
        if (random.nextDouble() < NEW_PLACE) {
            enemies = random.nextBoolean() ? List.of() : strangers();
        }
        Perception.Builder seen = Perception.builder("drawn", tick++)
                .fact(Sight.AIM, aim.label())
                .fact(Sight.HEALTH, health)
                .fact(Sight.FATIGUE, fatigue)
                .fact(Sight.SINCE_SAVE, sinceSave)
                .fact(Sight.COMBAT, random.nextDouble() < (enemies.isEmpty() ? 0 : NEW_PLACE))
                .fact(Sight.STUCK, random.nextDouble() < NEW_AIM)
                .fact(Sight.NPCS, npcs)
                .fact(Sight.DOORS, doors)
                .fact(Sight.ENEMIES, enemies);
        if (random.nextDouble() < ASKED) {
            asked(seen);
        }
        return seen.build();
    }

    private static void asked(Perception.Builder seen) {
        seen.fact(Sight.SITUATION, Stats.lower(Situation.Kind.DIALOGUE))
                .fact(Sight.OPTIONS, List.of(Map.of(Sight.ACTION, Fact.of(Tactic.TALK.label()))));
    }

    private double wander(double value) {
        if (random.nextDouble() < NEW_AIM) {
            return FULL * random.nextDouble();
        }
        return Math.max(0, Math.min(FULL, value + STRIDE * (2 * random.nextDouble() - 1)));
    }

    /** Up to three of them, the nearest first; half of them near enough for the masks and the rule to tell them apart. */
    private List<Map<String, Fact>> strangers() {
        List<Map<String, Fact>> drawn = new ArrayList<>();
        for (int left = random.nextInt(MOST + 1); left > 0; left--) {
            double farthest = random.nextBoolean() ? FARTHEST : 2 * Tactic.AT_THE_DOOR;
            drawn.add(Map.of(
                    Sight.DISTANCE,
                    Fact.of(farthest * random.nextDouble()),
                    Sight.KNOWN,
                    Fact.of(random.nextBoolean())));
        }
        drawn.sort(Comparator.comparingDouble(Sight::distance));
        return drawn;
    }
}
