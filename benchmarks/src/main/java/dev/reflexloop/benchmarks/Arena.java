package dev.reflexloop.benchmarks;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexModel;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/** What the loop's benchmarks decide about: eight actions, perceptions of twelve facts, and models that cost nothing. */
final class Arena {
    private static final String[] ACTIONS = {
        "explore", "approach_npc", "enter_door", "fight", "flee", "talk", "quicksave", "wait"
    };

    private Arena() {}

    /** The actions, the last of them idle, all legal always. */
    static ActionSchema schema() {
        ActionSchema.Builder builder = ActionSchema.builder("arena");
        for (String action : ACTIONS) {
            builder.action(Action.of(action));
        }
        return builder.idle("wait").build();
    }

    /** Perceptions of twelve facts each: six numbers, three flags, three texts. */
    static Perception[] perceptions(int count) {
        SplittableRandom random = new SplittableRandom(42);
        Perception[] perceptions = new Perception[count];
        for (int i = 0; i < count; i++) {
            perceptions[i] = perception(i, random);
        }
        return perceptions;
    }

    private static Perception perception(int tick, SplittableRandom random) {
        return Perception.builder("bot", tick)
                .at(Instant.EPOCH.plusMillis(tick))
                .fact("health", random.nextInt(101))
                .fact("stamina", random.nextInt(101))
                .fact("enemyDistance", random.nextDouble() * 500)
                .fact("enemyHealth", random.nextInt(101))
                .fact("bearing", random.nextDouble() * 360)
                .fact("npcsNear", random.nextInt(6))
                .fact("inCombat", random.nextBoolean())
                .fact("indoors", random.nextBoolean())
                .fact("doorAhead", random.nextBoolean())
                .fact("place", "place " + random.nextInt(40))
                .fact("weapon", random.nextBoolean() ? "sword" : "bow")
                .fact("weather", random.nextBoolean() ? "clear" : "rain")
                .build();
    }

    /** Answers at once with one fixed distribution over all actions. */
    static ReflexModel instant(boolean returnsAtOnce) {
        Map<String, Double> probabilities = new LinkedHashMap<>();
        for (String action : ACTIONS) {
            probabilities.put(action, action.equals("fight") ? 0.65 : 0.05);
        }
        Answer answer = Answer.of("instant", probabilities);
        return model("instant", returnsAtOnce, (question, deadline) -> CompletableFuture.completedFuture(answer));
    }

    /** Never answers, but lets go of a call that is cancelled, so that the loop asks again in every tick and waits for its whole budget. */
    static ReflexModel silent() {
        return model("silent", false, (question, deadline) -> new CompletableFuture<>());
    }

    /** Never answers and never lets go of a call. */
    static ReflexModel deaf() {
        return model("deaf", false, (question, deadline) -> new CompletableFuture<>() {
            @Override
            public boolean cancel(boolean mayInterruptIfRunning) {
                return false;
            }
        });
    }

    /** Gives a model a name, and says whether it returns at once. */
    static ReflexModel model(String id, boolean returnsAtOnce, ReflexModel asked) {
        return new ReflexModel() {
            @Override
            public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
                return asked.ask(question, deadline);
            }

            @Override
            public String id() {
                return id;
            }

            @Override
            public boolean returnsAtOnce() {
                return returnsAtOnce;
            }
        };
    }
}
