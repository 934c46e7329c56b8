package dev.reflexloop.examples.morrowind;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Deadline;
import dev.reflexloop.Fact;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexModel;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Decides about invented perceptions, so that the first real one is not decided by code that the JVM has never seen. Stateless. */
final class WarmUp {
    private static final int MOST = 200;
    private static final Duration LIMIT = Duration.ofSeconds(2);

    private WarmUp() {}

    /** Blocks until that is done, at most some seconds. */
    static void run(ActionSchema schema, ReflexModel model) {
        Deadline end = Deadline.in(LIMIT, ReflexClock.system());
        Rule rule = new Rule(schema);
        try (ReflexLoop loop = ReflexLoop.builder(schema, model)
                .budget(LIMIT)
                .fallback(rule)
                .teacher(rule)
                .build()) {
            for (int tick = 0; tick < MOST && !end.expired(); tick++) {
                loop.decide(invented(tick));
            }
        }
    }

    private static Perception invented(int tick) {
        return Perception.builder("warm-up", tick)
                .fact(Sight.AIM, Aim.values()[tick % Aim.values().length].label())
                .fact("place", "nowhere")
                .fact(Sight.HEALTH, tick % 100)
                .fact(Sight.FATIGUE, 100 - tick % 100)
                .fact(Sight.COMBAT, tick % 3 == 0)
                .fact(Sight.NPCS, things(tick, tick % 2))
                .fact(Sight.DOORS, things(tick, tick % 5 == 0 ? 1 : 0))
                .fact(Sight.ENEMIES, things(tick, tick % 3 == 0 ? 2 : 0))
                .build();
    }

    private static List<Map<String, Fact>> things(int tick, int count) {
        return List.of("a", "b").subList(0, count).stream()
                .map(id -> Map.of(Sight.ID, Fact.of(id), Sight.DISTANCE, Fact.of(tick % 20)))
                .toList();
    }
}
