package dev.reflexloop.testkit;

import dev.reflexloop.Fact;
import dev.reflexloop.Perception;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A small role-playing world, the same every time it is played: a street with a wall at its eastern end, doors, people and enemies. It knows
 * nothing of guards; what stands in a trace is what happened here.
 */
final class GuardWorld {
    private static final double STRIDE = 1.5;

    /** One who walks about by himself. */
    private static final class Passer {
        private final String name;
        private double distance = 6;

        private Passer(String name) {
            this.name = name;
        }
    }

    final Random chance = new Random(4711);
    private final List<Passer> crowd = new ArrayList<>();
    private final Map<String, Double> posts = new LinkedHashMap<>();
    private double x;
    private double y;
    private double wallAt = Double.MAX_VALUE;
    private double jitter;
    private double drift;
    private double health = 100;
    private double poison;
    private double enemyHealth;
    private double enemyDistance;
    private double damage;
    private double hitChance = 1;
    private double enemyDamage;
    private String place = "Seyda Neen";
    private String door = "none";
    private long doorOpensAt = Long.MAX_VALUE;
    private long loadingTicks;
    private long enteredAt = -1;
    private String line = "";
    private List<String> lines = List.of();
    private int pause;
    private int talked;
    private int ore;
    private int dug;
    private double healing;
    private double sleep;
    private boolean showsClock;
    private int ticksPerSecond = 1;
    private String facing = "";
    private String quest = "";
    private long now;

    // ---- how a story begins

    GuardWorld wallAt(double position) {
        wallAt = position;
        return this;
    }

    GuardWorld jitter(double size) {
        jitter = size;
        return this;
    }

    GuardWorld boat(double speed) {
        drift = speed;
        return this;
    }

    GuardWorld clock(int ticks) {
        showsClock = true;
        ticksPerSecond = ticks;
        return this;
    }

    GuardWorld health(double value, double perTickOfRest) {
        health = value;
        healing = perTickOfRest;
        return this;
    }

    GuardWorld poisoned(double perTick) {
        poison = perTick;
        return this;
    }

    GuardWorld enemy(double itsHealth, double ourDamage, double ourHitChance, double itsDamage) {
        enemyHealth = itsHealth;
        enemyDistance = 4;
        damage = ourDamage;
        hitChance = ourHitChance;
        enemyDamage = itsDamage;
        return this;
    }

    GuardWorld door(String state, long opensAt) {
        door = state;
        doorOpensAt = opensAt;
        return this;
    }

    GuardWorld loading(long ticks) {
        loadingTicks = ticks;
        return this;
    }

    GuardWorld dialogue(int pauseBetweenLines, String... spoken) {
        pause = pauseBetweenLines;
        lines = List.of(spoken);
        return this;
    }

    GuardWorld crowd(String... names) {
        for (String name : names) {
            crowd.add(new Passer(name));
        }
        return this;
    }

    GuardWorld post(String name, double position) {
        posts.put(name, position);
        return this;
    }

    GuardWorld quest(String stage) {
        quest = stage;
        return this;
    }

    // ---- what stories ask

    double health() {
        return health;
    }

    double x() {
        return x;
    }

    double enemyDistance() {
        return enemyDistance;
    }

    boolean isOpen() {
        return door.equals("open");
    }

    // ---- one tick

    Perception see(long tick, Instant at) {
        Perception.Builder seen = Perception.builder("nerevar", tick).at(at);
        seen.fact("place", place);
        seen.fact("x", round(x + trembling()));
        seen.fact("y", round(y + trembling()));
        seen.fact("health", Math.rint(health));
        if (enemyDistance > 0) {
            seen.fact("enemy", enemyHealth > 0 ? "mudcrab" : "ghost");
            seen.fact("enemyDistance", round(enemyDistance));
        }
        if (enemyHealth > 0) {
            seen.fact("enemyHealth", Math.rint(enemyHealth));
        }
        if (!door.equals("none")) {
            seen.fact("door", door);
        }
        if (!lines.isEmpty()) {
            seen.fact("said", line);
        }
        if (ore > 0 || dug > 0) {
            seen.fact("ore", ore);
        }
        if (!posts.isEmpty()) {
            seen.fact("near", String.join(", ", posts.keySet()));
        }
        if (!quest.isEmpty()) {
            seen.fact("quest", quest);
        }
        if (showsClock) {
            seen.fact("seconds", (double) Math.floorDiv(now, ticksPerSecond));
        }
        if (!crowd.isEmpty()) {
            List<Map<String, Fact>> people = new ArrayList<>();
            for (Passer each : crowd) {
                Map<String, Fact> person = new LinkedHashMap<>();
                person.put("name", Fact.of(each.name));
                person.put("distance", Fact.of(round(each.distance)));
                people.add(person);
            }
            seen.fact("people", people);
        }
        return seen.build();
    }

    private double trembling() {
        return jitter == 0 ? 0 : (chance.nextDouble() - 0.5) * 2 * jitter;
    }

    private static double round(double value) {
        return Math.rint(value * 100) / 100;
    }

    void act(String action, String target) {
        now++;
        switch (action) {
            case "explore" -> x = Math.min(wallAt, x + STRIDE);
            case "flee" -> flee();
            case "fight" -> fight();
            case "rest" -> rest();
            case "talk" -> talk();
            case "dig" -> dig();
            case "enter_door" -> enter();
            case "approach_npc" -> approach(target);
            default -> {
                // waiting and saving change nothing
            }
        }
        x += drift;
        health = Math.max(1, health - poison);
        if (enemyDistance > 0) {
            enemyDistance = Math.max(1, enemyDistance - 0.8);
        }
        for (Passer each : crowd) {
            each.distance = Math.max(1, Math.min(12, each.distance + (chance.nextDouble() - 0.5) * 4));
        }
        if (now >= doorOpensAt && door.equals("closed")) {
            door = "open";
        }
        if (enteredAt >= 0 && now - enteredAt >= loadingTicks) {
            enteredAt = -1;
            place = "the census office";
            x = 0;
        }
    }

    private void flee() {
        x -= STRIDE;
        enemyDistance += enemyDistance > 0 ? 3.5 : 0;
    }

    private void fight() {
        if (enemyDistance == 0) {
            return;
        }
        if (chance.nextDouble() < hitChance) {
            enemyHealth = Math.max(0, enemyHealth - damage);
        }
        if (enemyDamage > 0 && chance.nextInt(4) == 0) {
            health = Math.max(1, health - Math.rint(enemyDamage * (0.5 + chance.nextDouble())));
        }
    }

    private void rest() {
        sleep += healing;
        if (sleep >= 1 && health < 100) {
            health++;
            sleep--;
        }
    }

    private void talk() {
        if (pause > 0 && ++talked % pause == 0) {
            line = lines.get((talked / pause - 1) % lines.size());
        }
    }

    private void dig() {
        if (++dug % 9 == 0) {
            ore++;
        }
    }

    private void enter() {
        if (loadingTicks > 0) {
            enteredAt = enteredAt < 0 ? now : enteredAt;
        } else if (isOpen()) {
            place = "the census office";
            door = "none";
        }
    }

    /** Turning takes a tick; who turns in every tick gets nowhere. */
    private void approach(String target) {
        if (!target.equals(facing)) {
            facing = target;
            return;
        }
        double to = posts.getOrDefault(target, x);
        x += Math.max(-STRIDE, Math.min(STRIDE, to - x));
    }
}
