package dev.reflexloop.examples.robocode;

import java.util.LinkedHashMap;
import java.util.Map;

/** Makes situations for tests from a quiet duel, changing single numbers. */
final class Situations {
    private final Map<String, Double> changes = new LinkedHashMap<>();

    static Situation quietDuel() {
        return new Situations().make();
    }

    Situations with(String name, double value) {
        changes.put(name, value);
        return this;
    }

    Situation make() {
        return new Situation(
                30,
                value("x", 400),
                value("y", 300),
                (int) value("others", 1),
                (int) value("near", 0),
                value("energy", 100),
                value("enemyEnergy", 100),
                value("lead", 0),
                value("strongest", 100),
                value("weakest", 100),
                value("distance", 300),
                value("closing", 0),
                value("enemySpeed", 4),
                value("wallDistance", 200),
                value("hitShare", 0.3),
                value("taken", 0),
                value("dealt", 0),
                value("sinceShot", 99),
                value("sinceRam", 99),
                value("gunHeat", 0),
                false);
    }

    private double value(String name, double otherwise) {
        return changes.getOrDefault(name, otherwise);
    }
}
