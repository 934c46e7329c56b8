package dev.reflexloop.examples.robocode;

import dev.reflexloop.Perception;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the robot senses when a tactic is to be chosen: the numbers that the rule, the fallback and the model all see, and where it is, which
 * only those see who watch. Immutable.
 * "The enemy" is the nearest one. Energies are Robocode's (100 at the start), distances pixels, times turns.
 *
 * @param turn the turn, counted on over the rounds of a battle; the perception's tick, and no fact
 * @param x our place on the field, from its left edge
 * @param y the same from its lower edge
 * @param others how many enemies live
 * @param near how many of them are within 250 pixels
 * @param energy our energy
 * @param enemyEnergy the enemy's energy
 * @param lead our energy minus the enemy's
 * @param strongest the energy of the strongest enemy
 * @param weakest the energy of the weakest enemy
 * @param distance to the enemy
 * @param closing pixels a turn by which the enemy comes nearer of its own accord; negative when it goes away
 * @param enemySpeed the enemy's speed, smoothed over some twenty turns
 * @param wallDistance from our centre to the nearest wall
 * @param hitShare share of shots with which the gun would have hit this enemy lately, 0 to 1
 * @param taken energy lost to bullets and rams in the last 60 turns
 * @param dealt energy that the enemies lost to us in the last 60 turns
 * @param sinceShot since an enemy's shot was last seen, at most {@value #LONG_AGO}
 * @param sinceRam since we last ran into a robot, at most {@value #LONG_AGO}
 * @param gunHeat the gun fires at 0
 * @param hit whether we were hit by a bullet or rammed since the last perception; makes it urgent
 */
record Situation(
        long turn,
        double x,
        double y,
        int others,
        int near,
        double energy,
        double enemyEnergy,
        double lead,
        double strongest,
        double weakest,
        double distance,
        double closing,
        double enemySpeed,
        double wallDistance,
        double hitShare,
        double taken,
        double dealt,
        double sinceShot,
        double sinceRam,
        double gunHeat,
        boolean hit) {
    /** The name of our bot in perceptions. */
    static final String ENTITY = "reflexbot";

    /** The most that times are counted to. */
    static final int LONG_AGO = 99;

    /** Rounds to hundredths, so that rule, model and log see exactly the same numbers. */
    Situation {
        x = rounded(x);
        y = rounded(y);
        energy = rounded(energy);
        enemyEnergy = rounded(enemyEnergy);
        lead = rounded(lead);
        strongest = rounded(strongest);
        weakest = rounded(weakest);
        distance = rounded(distance);
        closing = rounded(closing);
        enemySpeed = rounded(enemySpeed);
        wallDistance = rounded(wallDistance);
        hitShare = rounded(hitShare);
        taken = rounded(taken);
        dealt = rounded(dealt);
        gunHeat = rounded(gunHeat);
    }

    private static double rounded(double value) {
        return Math.round(value * 100) / 100.0;
    }

    /** The numbers by the names under which model and trainer know them, stable ones first. */
    Map<String, Double> numbers() {
        Map<String, Double> numbers = new LinkedHashMap<>();
        numbers.put("others", (double) others);
        numbers.put("near", (double) near);
        numbers.put("strongest", strongest);
        numbers.put("weakest", weakest);
        numbers.put("energy", energy);
        numbers.put("enemyEnergy", enemyEnergy);
        numbers.put("lead", lead);
        numbers.put("hitShare", hitShare);
        numbers.put("enemySpeed", enemySpeed);
        numbers.put("distance", distance);
        numbers.put("wallDistance", wallDistance);
        numbers.put("taken", taken);
        numbers.put("dealt", dealt);
        numbers.put("closing", closing);
        numbers.put("sinceShot", sinceShot);
        numbers.put("sinceRam", sinceRam);
        numbers.put("gunHeat", gunHeat);
        return numbers;
    }

    /** The same as the library sees it. */
    Perception perception() {
        Perception.Builder builder = Perception.builder(ENTITY, turn);
        numbers().forEach(builder::fact);
        builder.fact("hit", hit);
        builder.fact("x", x);
        builder.fact("y", y);
        return (hit ? builder.urgent() : builder).build();
    }

    /** What a perception was made from; a fact that is missing counts as 0. */
    static Situation of(Perception perception) {
        return new Situation(
                perception.tick(),
                perception.number("x", 0),
                perception.number("y", 0),
                (int) perception.number("others", 0),
                (int) perception.number("near", 0),
                perception.number("energy", 0),
                perception.number("enemyEnergy", 0),
                perception.number("lead", 0),
                perception.number("strongest", 0),
                perception.number("weakest", 0),
                perception.number("distance", 0),
                perception.number("closing", 0),
                perception.number("enemySpeed", 0),
                perception.number("wallDistance", 0),
                perception.number("hitShare", 0),
                perception.number("taken", 0),
                perception.number("dealt", 0),
                perception.number("sinceShot", 0),
                perception.number("sinceRam", 0),
                perception.number("gunHeat", 0),
                perception.flag("hit"));
    }
}
