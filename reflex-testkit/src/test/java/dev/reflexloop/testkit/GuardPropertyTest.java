package dev.reflexloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.AlertSink;
import dev.reflexloop.Fact;
import dev.reflexloop.Goal;
import dev.reflexloop.LoopGuard;
import dev.reflexloop.Mission.Ending;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random games and random bots. A game has clocks, noise and people who walk about, all of them by themselves, and a position and a progress
 * that only the bot changes. What the bot does comes in random patterns, with pauses of random length in between.
 */
class GuardPropertyTest {
    private static final int GAMES = 100;
    private static final int MOST_ACTIONS = 40;
    private static final Duration LONGEST = Duration.ofSeconds(20);
    private static final List<String> ACTIONS = List.of("explore", "fight", "talk", "dig");

    private static ActionSchema schema() {
        ActionSchema.Builder schema = ActionSchema.builder("random").action("wait", "");
        ACTIONS.forEach(each -> schema.action(each, ""));
        return schema.idle("wait").build();
    }

    /** A game in which some of the bot's actions have an effect. */
    private static final class Game implements AutoCloseable {
        private final Random random;
        private final ManualClock clock = new ManualClock();
        private final LoopGuard guard = LoopGuard.builder(AlertSink.disabled()).build();
        private final ReflexLoop loop;
        private final int tickMillis;
        private final int clockEvery;
        private final double noise;
        private final boolean crowded;
        private String next = "wait";
        private int tick;
        private int sinceEffect;
        private double x;
        private double score;

        Game(long seed) {
            random = new Random(seed);
            tickMillis = 100 + random.nextInt(1_900);
            clockEvery = 1 + random.nextInt(8);
            noise = random.nextInt(3) == 0 ? 0.05 * random.nextDouble() : 0;
            crowded = random.nextInt(3) == 0;
            loop = ReflexLoop.builder(
                            schema(), ScriptedModel.answering(question -> ScriptedModel.favouring(question, next)))
                    .clock(clock)
                    .goal(Goal.of("random"))
                    .guard(guard)
                    .build();
        }

        /** One tick; an action has an effect at the latest after so many without. */
        void play(String action, int effectWithin) {
            next = action;
            clock.advance(Duration.ofMillis(tickMillis));
            Perception.Builder seen = Perception.builder("bot", tick)
                    .fact("place", "somewhere")
                    .fact("time", Math.floorDiv(tick, clockEvery))
                    .fact("x", x + noise * (random.nextDouble() - 0.5))
                    .fact("score", score);
            if (crowded) {
                List<Map<String, Fact>> people = new ArrayList<>();
                people.add(Map.of("distance", Fact.of(random.nextInt(20))));
                seen.fact("people", people);
            }
            tick++;
            boolean acted = loop.decide(seen.build()).action().name().equals(action) && !action.equals("wait");
            if (acted
                    && effectWithin < Integer.MAX_VALUE
                    && (++sinceEffect >= effectWithin || random.nextInt(4) == 0)) {
                sinceEffect = 0;
                if (random.nextBoolean()) {
                    x += random.nextBoolean() ? 1 : -1;
                } else {
                    score += random.nextInt(3) == 0 ? -1 : 1;
                }
            }
        }

        boolean isStopped() {
            return guard.mission().ending().isPresent();
        }

        @Override
        public void close() {
            loop.close();
        }
    }

    /** What a bot does for a while: one thing, a few in turn, or anything; sometimes nothing. */
    private static List<String> spell(Random random, boolean pauses) {
        List<String> spell = new ArrayList<>();
        int kind = random.nextInt(pauses ? 4 : 3);
        int length = 5 + random.nextInt(60);
        int period = 2 + random.nextInt(3);
        int first = random.nextInt(ACTIONS.size());
        for (int i = 0; i < length; i++) {
            spell.add(
                    switch (kind) {
                        case 0 -> ACTIONS.get(first);
                        case 1 -> ACTIONS.get((first + i % period) % ACTIONS.size());
                        case 2 -> ACTIONS.get(random.nextInt(ACTIONS.size()));
                        default -> "wait";
                    });
        }
        return spell;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 10})
    void games_inWhichTheBotGetsOn_areNeverStopped(int effectWithin) {
        for (long seed = 0; seed < GAMES; seed++) {
            try (Game game = new Game(seed)) {
                Random random = new Random(~seed);
                for (int spell = 0; spell < 12; spell++) {
                    for (String action : spell(random, true)) {
                        game.play(action, effectWithin);
                    }
                }
                assertThat(game.guard.mission().ending()).as("game %d", seed).isEmpty();
            }
        }
    }

    @Test
    void games_inWhichNothingComesOfAnything_areStopped() {
        for (long seed = 0; seed < GAMES; seed++) {
            try (Game game = new Game(seed)) {
                Random random = new Random(~seed);
                for (int i = 0; i < 40; i++) {
                    game.play("wait", 1);
                }
                for (int i = 0; i < 40; i++) {
                    game.play(ACTIONS.get(i / 4 % ACTIONS.size()), 2);
                }
                assertThat(game.isStopped()).as("game %d got on so far", seed).isFalse();
                int fruitless = 0;
                Duration began = game.clock.elapsed();
                while (!game.isStopped()) {
                    for (String action : spell(random, false)) {
                        game.play(action, Integer.MAX_VALUE);
                        fruitless += game.isStopped() ? 0 : 1;
                    }
                    boolean longEnough = game.clock.elapsed().minus(began).compareTo(LONGEST) > 0;
                    assertThat(fruitless > MOST_ACTIONS && longEnough && !game.isStopped())
                            .as("game %d goes on and on", seed)
                            .isFalse();
                }
                assertThat(game.guard.mission().ending().orElseThrow()).isIn(Ending.STUCK, Ending.OSCILLATION);
            }
        }
    }
}
