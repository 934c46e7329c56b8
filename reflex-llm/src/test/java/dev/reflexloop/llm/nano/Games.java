package dev.reflexloop.llm.nano;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Fact;
import dev.reflexloop.Goal;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.Target;
import dev.reflexloop.llm.Bands;
import dev.reflexloop.llm.PromptField;
import dev.reflexloop.llm.PromptLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A made-up game for tests: a schema, a layout, random questions. */
final class Games {
    static final ActionSchema SCHEMA = ActionSchema.builder("arena")
            .action("charge", "go near")
            .action("retreat", "go away")
            .action("strafe", "go around")
            .action("fire", "shoot at one")
            .action("wait", "do nothing")
            .targets(
                    "fire",
                    perception -> perception.fact("enemies").orElse(Fact.of(0)) instanceof Fact.Records list
                            ? targets(list.records().size())
                            : List.of())
            .idle("wait")
            .build();

    static final PromptLayout LAYOUT = PromptLayout.builder(SCHEMA)
            .text(PromptLayout.GOAL, "win", "survive")
            .text("place", "open field", "corner")
            .records(
                    "enemies",
                    3,
                    new PromptField.Numbers("distance", Bands.at(100, 200, 400)),
                    new PromptField.Flags("firing"))
            .flag("gunHot")
            .number("energy", 20, 50, 80)
            .number("distance", 50, 100, 150, 200, 300, 400, 600)
            .number("bearing", -90, -45, 0, 45, 90)
            .build();

    private Games() {}

    private static List<Target> targets(int count) {
        List<Target> targets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            targets.add(Target.of("enemy" + i));
        }
        return targets;
    }

    static Perception perception(String entity, Random random) {
        List<Map<String, Fact>> enemies = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            enemies.add(
                    Map.of("distance", Fact.of(random.nextDouble() * 500), "firing", Fact.of(random.nextBoolean())));
        }
        return Perception.builder(entity, 1)
                .fact("place", random.nextBoolean() ? "corner" : "elsewhere")
                .fact("enemies", enemies)
                .fact("gunHot", random.nextBoolean())
                .fact("energy", random.nextDouble() * 100)
                .fact("distance", random.nextDouble() * 700)
                .fact("bearing", random.nextDouble() * 360 - 180)
                .build();
    }

    static Question question(String entity, Random random) {
        Perception perception = perception(entity, random);
        List<Action> legal = new ArrayList<>();
        for (Action action : SCHEMA.actions()) {
            if (action.equals(SCHEMA.idle()) || random.nextInt(4) > 0) {
                legal.add(action);
            }
        }
        Map<String, List<Target>> targets = Map.of();
        for (Action action : legal) {
            List<Target> offered = SCHEMA.targets(action, perception);
            if (!offered.isEmpty()) {
                targets = Map.of(action.name(), offered);
            }
        }
        return new Question(
                perception, Goal.of(random.nextBoolean() ? "win" : "survive"), SCHEMA, legal, targets, List.of());
    }
}
