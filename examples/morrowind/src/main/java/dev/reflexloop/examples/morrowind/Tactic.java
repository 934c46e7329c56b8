package dev.reflexloop.examples.morrowind;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Fact;
import dev.reflexloop.Perception;
import dev.reflexloop.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The eight actions of the original reflex, and when each is legal. While somebody waits for an answer (the perception has choices), only
 * the actions that give one and waiting are legal, because the game stands still in a dialogue.
 */
enum Tactic {
    /** Legal wherever nobody waits for an answer. */
    EXPLORE("go where we have not been yet"),
    /** Legal while somebody is in sight, but too far away to talk to. */
    APPROACH_NPC("walk up to somebody, to be able to talk"),
    /** Legal in front of a door. */
    ENTER_DOOR("go through the door in front of us"),
    /** Legal while an enemy is in sight. */
    FIGHT("attack an enemy"),
    /** Legal while an enemy is in sight. */
    FLEE("run away from the enemies"),
    /** Legal beside somebody, and to give an answer. */
    TALK("talk to somebody beside us, or give an answer"),
    /** Always legal. */
    WAIT("stand still and rest"),
    /** Legal outside of combat. */
    QUICKSAVE("save the game");

    /** Distances are in metres. */
    static final double BESIDE = 3;

    static final double AT_THE_DOOR = 5;

    private static final Duration BETWEEN_SAVES = Duration.ofSeconds(30);

    private final String description;

    Tactic(String description) {
        this.description = description;
    }

    /** The name that models and pilots see. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The actions with their masks and targets.
     *
     * @param timesFasterThanTheWall how fast the game's clock runs, for the cooldown of quicksave
     */
    static ActionSchema schema(double timesFasterThanTheWall) {
        ActionSchema.Builder builder = ActionSchema.builder("morrowind");
        for (Tactic tactic : values()) {
            Action action = Action.of(tactic.label(), tactic.description);
            if (tactic == WAIT) {
                builder.action(action);
            } else if (tactic == QUICKSAVE) {
                Duration cooldown = Duration.ofNanos((long) (BETWEEN_SAVES.toNanos() / timesFasterThanTheWall));
                builder.action(action.withCooldown(cooldown), tactic::isLegal);
            } else {
                builder.action(action, tactic::isLegal);
            }
        }
        for (Tactic aimed : List.of(APPROACH_NPC, ENTER_DOOR, FIGHT, TALK, EXPLORE, FLEE, QUICKSAVE)) {
            builder.targets(aimed.label(), aimed::targets);
        }
        return builder.idle(WAIT.label()).build();
    }

    private boolean isLegal(Perception seen) {
        if (Sight.isAsked(seen)) {
            return Sight.records(seen, Sight.OPTIONS).stream().anyMatch(this::carriesOut);
        }
        return switch (this) {
            case APPROACH_NPC -> any(seen, Sight.NPCS, distance -> distance > BESIDE);
            case TALK -> any(seen, Sight.NPCS, distance -> distance <= BESIDE);
            case ENTER_DOOR -> any(seen, Sight.DOORS, distance -> distance <= AT_THE_DOOR);
            case FIGHT, FLEE -> !Sight.records(seen, Sight.ENEMIES).isEmpty();
            case QUICKSAVE -> !seen.flag(Sight.COMBAT);
            case EXPLORE, WAIT -> true;
        };
    }

    private boolean carriesOut(Map<String, Fact> option) {
        return Sight.text(option, Sight.ACTION, "").equals(label());
    }

    private List<Target> targets(Perception seen) {
        if (Sight.isAsked(seen)) {
            return answers(seen);
        }
        return switch (this) {
            case APPROACH_NPC -> things(seen, Sight.NPCS, distance -> distance > BESIDE);
            case TALK -> things(seen, Sight.NPCS, distance -> distance <= BESIDE);
            case ENTER_DOOR -> things(seen, Sight.DOORS, distance -> distance <= AT_THE_DOOR);
            case FIGHT -> things(seen, Sight.ENEMIES, distance -> true);
            default -> List.of();
        };
    }

    /** The options that this action carries out; their texts are the perception's choices, in the same order. */
    private List<Target> answers(Perception seen) {
        List<Target> targets = new ArrayList<>();
        List<Map<String, Fact>> options = Sight.records(seen, Sight.OPTIONS);
        for (int i = 0; i < options.size(); i++) {
            if (carriesOut(options.get(i))) {
                String words = i < seen.choices().size() ? seen.choices().get(i) : "";
                targets.add(new Target(Sight.text(options.get(i), Sight.ID, "option-" + (i + 1)), words));
            }
        }
        return targets;
    }

    private static boolean any(Perception seen, String list, Predicate<Double> near) {
        return Sight.records(seen, list).stream().anyMatch(each -> near.test(Sight.distance(each)));
    }

    private static List<Target> things(Perception seen, String list, Predicate<Double> near) {
        List<Target> targets = new ArrayList<>();
        for (Map<String, Fact> each : Sight.records(seen, list)) {
            String id = Sight.text(each, Sight.ID, "");
            if (!id.isBlank()
                    && near.test(Sight.distance(each))
                    && targets.size() < ActionSchema.MAX_OPTIONS
                    && targets.stream().noneMatch(known -> known.id().equals(id))) {
                targets.add(new Target(id, Sight.text(each, Sight.NAME, "")));
            }
        }
        return targets;
    }
}
