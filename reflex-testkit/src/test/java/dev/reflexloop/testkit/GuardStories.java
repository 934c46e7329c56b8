package dev.reflexloop.testkit;

import static dev.reflexloop.testkit.GuardStory.NONE;

import dev.reflexloop.testkit.GuardStory.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The stories that are recorded as traces of the guard, with what a person says about each of them. */
final class GuardStories {
    private GuardStories() {}

    /** Each of them, with no two of the same name. */
    static List<GuardStory> all() {
        List<GuardStory> stories = new ArrayList<>();
        stuck(stories);
        toAndFro(stories);
        waiting(stories);
        fighting(stories);
        moving(stories);
        strategists(stories);
        return stories;
    }

    private static String cycle(int tick, String... choices) {
        return choices[tick % choices.length];
    }

    private static void stuck(List<GuardStory> stories) {
        stories.add(GuardStory.of(
                "wall",
                "STUCK",
                "it walked fifteen steps and has pushed against the wall for half a minute",
                50,
                () -> new GuardWorld().wallAt(22.5),
                (world, tick) -> "explore"));
        stories.add(GuardStory.of(
                "wall-from-the-start",
                "STUCK",
                "it has pushed against the wall for a minute and never did anything else",
                70,
                () -> new GuardWorld().wallAt(0),
                (world, tick) -> "explore"));
        stories.add(GuardStory.of(
                "wall-and-clock",
                "STUCK",
                "only the clock goes on, as it did while the bot waited at first",
                60,
                () -> new GuardWorld().wallAt(15).clock(1),
                (world, tick) -> tick < 12 ? "wait" : "explore"));
        stories.add(GuardStory.of(
                        "wall-and-slow-clock",
                        "STUCK",
                        "only the clock goes on, now and then, as it did while the bot waited at first",
                        170,
                        () -> new GuardWorld().wallAt(15).clock(5),
                        (world, tick) -> tick < 40 ? "wait" : "explore")
                .every(200));
        stories.add(GuardStory.of(
                "wall-and-jitter",
                "STUCK",
                "its position trembles, as it did while the bot waited at first, but it stands at the wall",
                60,
                () -> new GuardWorld().wallAt(15).jitter(0.04),
                (world, tick) -> tick < 12 ? "wait" : "explore"));
        stories.add(GuardStory.of(
                "wall-in-a-crowd",
                "STUCK",
                "people pass by as they always do; the bot pushes against the wall",
                70,
                () -> new GuardWorld().wallAt(15).crowd("Fargoth", "Arrille", "Eldafire"),
                (world, tick) -> tick < 15 ? "wait" : "explore"));
        stories.add(GuardStory.of(
                "locked-door",
                "STUCK",
                "the door is locked, and it tries the same door again and again",
                45,
                () -> new GuardWorld().wallAt(7.5).door("locked", Long.MAX_VALUE),
                (world, tick) -> tick < 6 ? "explore" : "enter_door"));
        stories.add(GuardStory.of(
                "silent-npc",
                "STUCK",
                "nobody answers, and it goes on talking",
                50,
                () -> new GuardWorld().dialogue(0, "-"),
                (world, tick) -> tick < 8 ? "explore" : "talk"));
        stories.add(GuardStory.of(
                "quicksave-spam",
                "STUCK",
                "it does nothing but save the same moment",
                45,
                GuardWorld::new,
                (world, tick) -> tick < 5 ? "explore" : "quicksave"));
        stories.add(GuardStory.of(
                "fumbling",
                "STUCK",
                "it tries this and that, without order, and nothing comes of any of it",
                90,
                () -> new GuardWorld().wallAt(9).door("locked", Long.MAX_VALUE).dialogue(0, "-"),
                (world, tick) -> tick < 8
                        ? "explore"
                        : cycle(world.chance.nextInt(4), "talk", "enter_door", "explore", "quicksave")));
    }

    private static void toAndFro(List<GuardStory> stories) {
        stories.add(GuardStory.of(
                "two-equal-targets",
                "OSCILLATION",
                "it turns from one person to the other and walks to neither",
                45,
                () -> new GuardWorld().post("fargoth", 30).post("arrille", -30),
                (world, tick) -> tick < 6 ? "explore" : cycle(tick, "approach_npc:fargoth", "approach_npc:arrille")));
        stories.add(GuardStory.of(
                "door-or-wall",
                "OSCILLATION",
                "it changes between the locked door and the wall beside it",
                50,
                () -> new GuardWorld().wallAt(7.5).door("locked", Long.MAX_VALUE),
                (world, tick) -> tick < 6 ? "explore" : cycle(tick, "enter_door", "explore")));
        stories.add(GuardStory.of(
                "three-things-in-turn",
                "OSCILLATION",
                "talk, door, wall, and again from the beginning; nothing happens",
                60,
                () -> new GuardWorld()
                        .wallAt(7.5)
                        .door("locked", Long.MAX_VALUE)
                        .dialogue(0, "-"),
                (world, tick) -> tick < 6 ? "explore" : cycle(tick, "talk", "enter_door", "explore")));
        stories.add(GuardStory.of(
                "door-wall-and-pauses",
                "OSCILLATION",
                "it pauses between its attempts, which does not make them better",
                80,
                () -> new GuardWorld().wallAt(7.5).door("locked", Long.MAX_VALUE),
                (world, tick) -> tick < 6 ? "explore" : cycle(tick, "enter_door", "wait", "explore", "wait")));
    }

    private static void waiting(List<GuardStory> stories) {
        stories.add(GuardStory.of(
                "waiting-at-a-door",
                NONE,
                "somebody will open; waiting is all that can be done",
                75,
                () -> new GuardWorld().wallAt(7.5).door("closed", 60),
                (world, tick) -> tick < 6 ? "explore" : world.isOpen() ? "enter_door" : "wait"));
        stories.add(GuardStory.of(
                "trying-a-door-now-and-then",
                NONE,
                "it waits for the door and tries it every six seconds, as anybody would",
                60,
                () -> new GuardWorld().wallAt(7.5).door("closed", 50),
                (world, tick) -> tick < 6 ? "explore" : tick % 6 == 0 ? "enter_door" : "wait"));
        stories.add(GuardStory.of(
                "resting",
                NONE,
                "it heals, one point in three seconds",
                80,
                () -> new GuardWorld().health(60, 0.34),
                (world, tick) -> tick < 4 ? "explore" : "rest"));
        stories.add(GuardStory.of(
                "resting-slowly",
                NONE,
                "it heals, one point in eight seconds; that is slow, but it is getting on",
                100,
                () -> new GuardWorld().health(40, 0.125),
                (world, tick) -> tick < 4 ? "explore" : "rest"));
        stories.add(GuardStory.of(
                "loading",
                NONE,
                "the game loads for twelve seconds after it went through the door",
                40,
                () -> new GuardWorld().door("open", 0).loading(12),
                (world, tick) -> tick < 6 ? "explore" : tick < 22 ? "enter_door" : "explore"));
        stories.add(GuardStory.of(
                "dialogue-with-pauses",
                NONE,
                "the other one thinks for ten seconds before each line, but the talk goes on",
                80,
                () -> new GuardWorld().dialogue(10, "Halt!", "Who are you?", "Pass.", "And do not come back."),
                (world, tick) -> "talk"));
        stories.add(GuardStory.of(
                "talking-on-a-boat",
                NONE,
                "the boat moves by itself; the talk goes on",
                90,
                () -> new GuardWorld().boat(0.7).dialogue(9, "Sail.", "Wind.", "Land."),
                (world, tick) -> tick < 15 ? "wait" : "talk"));
        stories.add(GuardStory.of(
                        "digging",
                        NONE,
                        "every ninth stroke brings some ore",
                        90,
                        GuardWorld::new,
                        (world, tick) -> "dig")
                .every(1_500));
        stories.add(GuardStory.of(
                "standing-guard",
                NONE,
                "it was told to stand there",
                100,
                () -> new GuardWorld().crowd("Fargoth", "Arrille"),
                (world, tick) -> "wait"));
    }

    private static void fighting(List<GuardStory> stories) {
        stories.add(GuardStory.of(
                "long-fight",
                NONE,
                "forty blows, and the enemy's health falls",
                45,
                () -> new GuardWorld().enemy(100, 2, 1, 4),
                (world, tick) -> "fight"));
        stories.add(GuardStory.of(
                "fight-with-misses",
                NONE,
                "one blow in four hits",
                80,
                () -> new GuardWorld().enemy(60, 3, 0.25, 4),
                (world, tick) -> "fight"));
        stories.add(GuardStory.of(
                "fight-with-a-giant",
                NONE,
                "its health is enormous and falls by one a blow, but it falls",
                80,
                () -> new GuardWorld().enemy(5_000, 1, 0.6, 0),
                (world, tick) -> tick < 10 ? "explore" : "fight"));
        stories.add(GuardStory.of(
                "fight-with-a-ghost-while-poisoned",
                NONE,
                "nobody can see a ghost's health, but it is a fight: the bot is hurt by it",
                60,
                () -> new GuardWorld().poisoned(0.5).enemy(0, 0, 1, 5),
                (world, tick) -> tick < 15 ? "wait" : "fight"));
        stories.add(GuardStory.of(
                "kiting",
                NONE,
                "it strikes and steps back in turn, and keeps the enemy at a distance",
                60,
                () -> new GuardWorld().enemy(80, 4, 0.3, 3),
                (world, tick) -> cycle(tick, "fight", "flee")));
        stories.add(GuardStory.of(
                "kiting-without-a-hit",
                NONE,
                "it has not hit yet, but the distance shows that it is not idle",
                50,
                () -> new GuardWorld().enemy(80, 4, 0, 0),
                (world, tick) -> world.enemyDistance() < 3 ? "flee" : "fight"));
        stories.add(GuardStory.of(
                        "blows-and-cooldowns",
                        NONE,
                        "a blow every four seconds, because the weapon needs that long",
                        120,
                        () -> new GuardWorld().enemy(60, 3, 0.8, 2),
                        (world, tick) -> tick % 8 == 0 ? "fight" : "wait")
                .every(500));
    }

    private static void moving(List<GuardStory> stories) {
        stories.add(GuardStory.of(
                "patrol",
                NONE,
                "it walks from one post to the other and back, as patrols do",
                90,
                () -> new GuardWorld().post("north_post", 9).post("south_post", -9),
                (world, tick) -> cycle(tick / 15, "approach_npc:north_post", "approach_npc:south_post")));
        stories.add(GuardStory.of(
                "pacing",
                NONE,
                "a step to the east and a step to the west, all the time; it keeps watch on a bridge",
                60,
                GuardWorld::new,
                (world, tick) -> cycle(tick, "explore", "flee")));
        stories.add(GuardStory.of(
                        "long-walk",
                        NONE,
                        "it walks, and the clock goes on",
                        150,
                        () -> new GuardWorld().clock(5),
                        (world, tick) -> tick < 20 ? "wait" : "explore")
                .every(200));
        stories.add(GuardStory.of(
                "walk-through-a-crowd",
                NONE,
                "it walks on, past people who walk about",
                70,
                () -> new GuardWorld().crowd("Fargoth", "Arrille", "Eldafire").jitter(0.04),
                (world, tick) -> tick < 15 ? "wait" : "explore"));
        stories.add(GuardStory.of(
                "many-short-stops",
                NONE,
                "it stops at the wall for a while, turns, and goes on",
                90,
                () -> new GuardWorld().wallAt(9),
                (world, tick) -> tick % 22 < 16 ? "explore" : "flee"));
    }

    private static void strategists(List<GuardStory> stories) {
        stories.add(GuardStory.of(
                        "same-orders-in-another-order",
                        "DUPLICATE",
                        "the strategist orders the same three things again, and the bot still stands before the door",
                        40,
                        () -> new GuardWorld().wallAt(0).door("locked", Long.MAX_VALUE),
                        (world, tick) -> cycle(tick, "enter_door", "wait", "wait", "explore"))
                .with((world, tick) -> switch (tick) {
                    case 9 -> Reply.of(1, "enter_door", "look", "explore");
                    case 19 -> Reply.of(1, "explore", "enter_door", "look");
                    default -> Optional.empty();
                }));
        stories.add(GuardStory.of(
                        "plan-after-plan",
                        "ROUNDS",
                        "five plans, much walking about, and the quest is where it was",
                        70,
                        () -> new GuardWorld().quest("find Fargoth's ring"),
                        (world, tick) -> cycle(tick / 10, "explore", "flee"))
                .progress("quest")
                .with((world, tick) -> tick % 10 == 9 ? Reply.of(1, "plan " + tick) : Optional.empty()));
        stories.add(GuardStory.of(
                        "slow-quest",
                        NONE,
                        "every third plan brings the quest one step further",
                        120,
                        () -> new GuardWorld().quest("asked"),
                        (world, tick) -> {
                            world.quest("stage " + tick / 30);
                            return cycle(tick / 10, "explore", "flee");
                        })
                .progress("quest")
                .with((world, tick) ->
                        tick % 10 == 9 ? Reply.of(1, "plan " + tick % 20, "look around") : Optional.empty()));
        stories.add(GuardStory.of(
                        "same-orders-with-success",
                        NONE,
                        "it is told to fight on, and the fight goes well",
                        60,
                        () -> new GuardWorld().enemy(100, 2, 0.8, 2),
                        (world, tick) -> "fight")
                .with((world, tick) -> tick % 10 == 9 ? Reply.of(1, "fight") : Optional.empty()));
        stories.add(GuardStory.of(
                        "one-bad-reply",
                        NONE,
                        "one reply could not be read, the next one was fine, and so again later",
                        60,
                        GuardWorld::new,
                        (world, tick) -> "explore")
                .with((world, tick) ->
                        tick % 20 == 9 ? Reply.of(-1) : tick % 20 == 19 ? Reply.of(1, "explore") : Optional.empty()));
        stories.add(GuardStory.of(
                        "two-bad-replies",
                        "UNREADABLE",
                        "two replies in a row could not be read",
                        40,
                        GuardWorld::new,
                        (world, tick) -> "explore")
                .with((world, tick) -> tick == 9 || tick == 12 ? Reply.of(-1) : Optional.empty()));
        stories.add(GuardStory.of(
                        "forced-stop",
                        "FORCED",
                        "the strategist stops it in the middle of a walk",
                        20,
                        GuardWorld::new,
                        (world, tick) -> "explore")
                .with((world, tick) -> tick == 9 ? Reply.of(3) : Optional.empty()));
        stories.add(GuardStory.of(
                        "done",
                        "COMPLETE",
                        "the strategist says that the goal is reached",
                        20,
                        GuardWorld::new,
                        (world, tick) -> "explore")
                .with((world, tick) -> tick == 9 ? Reply.of(0) : Optional.empty()));
    }
}
