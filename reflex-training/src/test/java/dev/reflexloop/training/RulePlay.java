package dev.reflexloop.training;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Decision;
import dev.reflexloop.Fact;
import dev.reflexloop.Goal;
import dev.reflexloop.Perception;
import dev.reflexloop.Served;
import dev.reflexloop.Step;
import dev.reflexloop.TrajectoryFile;
import dev.reflexloop.TrajectoryLogger;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** Writes trajectory logs of a made-up game that is played by a rule with thresholds. */
final class RulePlay {

    static final List<String> ACTIONS =
            List.of("charge", "strafe", "retreat", "ram", "hold_fire", "hunt", "wall", "dodge");

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final SplittableRandom random;
    private double energy = 100;
    private double enemyEnergy = 100;
    private double distance = 500;
    private double wall = 200;
    private double speed;

    private RulePlay(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /** Logs sessions of play by the rule; with {@code exploring}, the served action is random and the rule is the teacher. */
    static Path write(Path file, int sessions, int steps, long seed, boolean exploring) {
        ActionSchema schema = schema();
        try (TrajectoryLogger log =
                TrajectoryFile.builder(file).queueCapacity(100_000).build()) {
            for (int session = 0; session < sessions; session++) {
                String name = "session-" + session;
                log.header(name, schema, START);
                RulePlay play = new RulePlay(seed * 1000 + session);
                for (int tick = 0; tick < steps; tick++) {
                    log.step(play.step(name, tick, schema, exploring));
                }
                if (!log.flush(Duration.ofSeconds(20))) {
                    throw new IllegalStateException("the log did not take everything");
                }
            }
        }
        return file;
    }

    static ActionSchema schema() {
        ActionSchema.Builder builder = ActionSchema.builder("tactics");
        ACTIONS.forEach(name -> builder.action(Action.of(name)));
        return builder.idle("strafe").build();
    }

    private Step step(String session, int tick, ActionSchema schema, boolean exploring) {
        energy = walk(energy, 8, 0, 100);
        enemyEnergy = walk(enemyEnergy, 8, 0, 100);
        distance = walk(distance, 80, 30, 900);
        wall = walk(wall, 40, 0, 400);
        speed = walk(speed, 3, -8, 8);
        boolean hit = random.nextInt(4) == 0;
        int enemies = random.nextInt(4);
        String arena = tick / 100 % 2 == 0 ? "duel" : "melee";
        List<Map<String, Fact>> seen = new ArrayList<>();
        for (int i = 0; i < enemies; i++) {
            Map<String, Fact> enemy = new LinkedHashMap<>();
            enemy.put("far", Fact.of((double) random.nextInt(900)));
            enemy.put("weak", Fact.of(random.nextBoolean()));
            seen.add(enemy);
        }
        Perception perception = Perception.builder("bot", tick)
                .fact("speed", speed)
                .fact("distance", distance)
                .fact("energy", energy)
                .fact("enemyEnergy", enemyEnergy)
                .fact("wall", wall)
                .fact("hit", hit)
                .fact("arena", arena)
                .fact("enemies", seen)
                .fact("version", 3)
                .at(START)
                .build();
        String right = rule(hit, enemies, arena);
        String served = exploring ? ACTIONS.get(random.nextInt(ACTIONS.size())) : right;
        Action action = schema.actions().get(ACTIONS.indexOf(served));
        Decision decision = new Decision(
                session + "-" + tick,
                START,
                perception,
                Goal.of("win"),
                schema.actions(),
                action,
                Optional.empty(),
                Served.MODEL,
                Optional.empty(),
                Optional.empty(),
                Duration.ofMillis(1),
                false,
                Optional.empty(),
                false,
                Optional.empty(),
                Optional.empty());
        return new Step(session, decision, exploring ? Optional.of(right) : Optional.empty());
    }

    private String rule(boolean hit, int enemies, String arena) {
        if (enemies == 0) {
            return "hunt";
        }
        if (energy < 20) {
            return distance < 300 ? "retreat" : "hold_fire";
        }
        if (wall < 60) {
            return "wall";
        }
        if (hit) {
            return "dodge";
        }
        if (enemyEnergy < 15 && distance < 400) {
            return "ram";
        }
        return arena.equals("duel") && distance > 450 ? "charge" : "strafe";
    }

    private double walk(double value, double width, double least, double most) {
        double next = value + (random.nextDouble() * 2 - 1) * width;
        return next < least ? 2 * least - next : next > most ? 2 * most - next : next;
    }
}
