package dev.reflexloop.benchmarks;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Fact;
import dev.reflexloop.Goal;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * What models behind servers are asked in the benchmarks: a role-playing game's character, twelve facts in the order in which a bot's author
 * would write them down, three of which are different in every tick: fatigue, position and the distance to the nearest person.
 */
final class WireGame {
    /** The eight actions of the original reflex loop. */
    static final List<String> ACTIONS =
            List.of("explore", "approach_npc", "enter_door", "fight", "flee", "talk", "wait", "quicksave");

    private static final ActionSchema SCHEMA = schemaOf(ACTIONS);
    private static final Goal GOAL = Goal.of("Deliver the package to Caius Cosades in Balmora");
    private static final String[] CELLS = {
        "Balmora, Labor Town", "Seyda Neen", "Bitter Coast Region", "Vivec, Foreign Quarter"
    };
    private static final String[] PEOPLE = {"Nalcarya of White Haven", "Fargoth", "Ajira", "Hlaalu guard"};
    private static final String[] WEAPONS = {"iron longsword", "chitin short bow", "steel war axe"};

    private final String entity;
    private final SplittableRandom random;
    private double x = -2_153;
    private double y = -11_340;

    /** The game of one character; the same entity sees the same. */
    WireGame(String entity) {
        this.entity = entity;
        this.random = new SplittableRandom(entity.hashCode());
    }

    private static ActionSchema schemaOf(List<String> names) {
        ActionSchema.Builder builder = ActionSchema.builder("morrowind");
        names.forEach(name -> builder.action(Action.of(name)));
        return builder.idle("wait").build();
    }

    static ActionSchema schema() {
        return SCHEMA;
    }

    /** The question of a tick: called with 0, 1, 2 and so on. */
    Question question(int tick) {
        int place = entity.hashCode() & 0xff;
        x += random.nextInt(-90, 91);
        y += random.nextInt(-90, 91);
        Perception perception = Perception.builder(entity, tick)
                .at(Instant.EPOCH.plusMillis(500L * tick))
                .fact("health", 84)
                .fact("magicka", 61)
                .fact("fatigue", 100 + (tick * 7 + place) % 90)
                .fact("position", String.format(Locale.ROOT, "%.0f, %.0f", x, y))
                .fact("cell", CELLS[place % CELLS.length])
                .fact("weather", "ash storm")
                .fact("hour", 14)
                .fact("weapon", WEAPONS[place % WEAPONS.length])
                .fact("nearest_npc", PEOPLE[place % PEOPLE.length])
                .fact("npc_distance", 1 + random.nextInt(400) / 10.0)
                .fact("npc_disposition", 47)
                .fact("quest", "Report to Caius Cosades")
                .build();
        return new Question(perception, GOAL, SCHEMA, SCHEMA.actions());
    }

    /** The facts as a text, in the perception's own order. */
    static String asGiven(Question question, String between) {
        return question.perception().facts().entrySet().stream()
                .map(fact -> fact.getKey() + ": " + text(fact.getValue()))
                .collect(Collectors.joining(between));
    }

    private static String text(Fact fact) {
        if (fact instanceof Fact.Quantity quantity) {
            double value = quantity.value();
            return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
        }
        return fact instanceof Fact.Text words ? words.value() : fact.toString();
    }
}
