package dev.reflexloop.examples.morrowind;

import dev.reflexloop.Fact;
import dev.reflexloop.Perception;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Perceptions for tests. */
final class Sights {
    private final Perception.Builder builder;
    private final List<Map<String, Fact>> npcs = new ArrayList<>();
    private final List<Map<String, Fact>> doors = new ArrayList<>();
    private final List<Map<String, Fact>> enemies = new ArrayList<>();
    private final List<Map<String, Fact>> options = new ArrayList<>();
    private final List<String> texts = new ArrayList<>();

    private Sights(long tick) {
        builder = Perception.builder("e", tick);
    }

    static Sights at(long tick) {
        return new Sights(tick);
    }

    Sights npc(String id, double distance) {
        npcs.add(Map.of("id", Fact.of(id), "distance", Fact.of(distance)));
        return this;
    }

    Sights door(String id, double distance) {
        doors.add(Map.of("id", Fact.of(id), "distance", Fact.of(distance)));
        return this;
    }

    Sights enemy(String id, double distance) {
        enemies.add(Map.of("id", Fact.of(id), "distance", Fact.of(distance)));
        return this;
    }

    Sights option(String id, String action, String text) {
        options.add(Map.of("id", Fact.of(id), "action", Fact.of(action)));
        texts.add(text);
        return this;
    }

    Sights fact(String name, double value) {
        builder.fact(name, value);
        return this;
    }

    Sights fact(String name, boolean value) {
        builder.fact(name, value);
        return this;
    }

    Sights fact(String name, String value) {
        builder.fact(name, value);
        return this;
    }

    Perception build() {
        builder.fact("npcs", npcs).fact("doors", doors).fact("enemies", enemies);
        if (!options.isEmpty()) {
            builder.fact("options", options).choices(texts);
        }
        return builder.build();
    }
}
