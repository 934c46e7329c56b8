package dev.reflexloop.testkit;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.LoopGuard;
import dev.reflexloop.Target;
import dev.reflexloop.Timings;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Supplier;

/**
 * A bot in a {@link GuardWorld}, and what a person who looks over its shoulder would say.
 *
 * @param name the name of its trace
 * @param expected how the mission ends, or {@value #NONE}
 * @param why the person's reason
 * @param ticks how long it lasts unless it is stopped
 * @param tickMillis how long a tick is
 * @param settings what the guard is told about the game; usually nothing
 * @param world the world at its beginning
 * @param player what the bot does: an action's name, and a target after a colon
 * @param strategist what the strategist replies after a tick; usually nothing
 */
record GuardStory(
        String name,
        String expected,
        String why,
        int ticks,
        int tickMillis,
        Settings settings,
        Supplier<GuardWorld> world,
        Player player,
        Strategist strategist) {
    static final String NONE = "NONE";

    static final ActionSchema SCHEMA = ActionSchema.builder("ruins")
            .action("wait", "stand still")
            .action("explore", "walk on eastwards")
            .action(
                    Action.of("approach_npc"),
                    perception -> !perception.text("near", "").isEmpty())
            .action(
                    Action.of("enter_door"),
                    perception -> perception.fact("door").isPresent())
            .action(Action.of("fight"), perception -> perception.fact("enemy").isPresent())
            .action("flee", "run away westwards")
            .action(Action.of("talk"), perception -> perception.fact("said").isPresent())
            .action("quicksave", "save the game")
            .action("rest", "lie down and heal")
            .action("dig", "dig for ore")
            .targets(
                    "approach_npc",
                    perception -> List.of(
                            Target.of("fargoth"),
                            Target.of("arrille"),
                            Target.of("north_post"),
                            Target.of("south_post")))
            .idle("wait")
            .build();

    interface Player {
        String choose(GuardWorld world, int tick);
    }

    interface Strategist {
        Optional<Reply> reply(GuardWorld world, int tick);
    }

    record Reply(int exitCode, List<String> actions) {
        static Optional<Reply> of(int exitCode, String... actions) {
            return Optional.of(new Reply(exitCode, List.of(actions)));
        }
    }

    record Settings(List<String> progress, List<String> ignore, List<String> waiting) {
        static final Settings DEFAULT = new Settings(List.of(), List.of(), List.of());

        LoopGuard.Builder guard(RecordingAlerts alerts) {
            return LoopGuard.builder(alerts)
                    .progress(progress.toArray(String[]::new))
                    .ignore(ignore.toArray(String[]::new))
                    .waiting(waiting.toArray(String[]::new));
        }
    }

    static GuardStory of(
            String name, String expected, String why, int ticks, Supplier<GuardWorld> world, Player player) {
        return new GuardStory(
                name, expected, why, ticks, 1_000, Settings.DEFAULT, world, player, (played, tick) -> Optional.empty());
    }

    GuardStory every(int millis) {
        return new GuardStory(name, expected, why, ticks, millis, settings, world, player, strategist);
    }

    GuardStory with(Strategist replies) {
        return new GuardStory(name, expected, why, ticks, tickMillis, settings, world, player, replies);
    }

    GuardStory progress(String... facts) {
        Settings named = new Settings(List.of(facts), settings.ignore(), settings.waiting());
        return new GuardStory(name, expected, why, ticks, tickMillis, named, world, player, strategist);
    }

    /** An answer that is all for one choice. */
    static Answer answer(String choice) {
        String[] parts = choice.split(":", 2);
        Map<String, Map<String, Double>> targets =
                parts.length == 1 ? Map.of() : Map.of(parts[0], Map.of(parts[1], 1.0));
        return new Answer(
                "player",
                Optional.empty(),
                Map.of(parts[0], 1.0),
                OptionalDouble.empty(),
                targets,
                Map.of(),
                Optional.empty(),
                Timings.unknown());
    }
}
