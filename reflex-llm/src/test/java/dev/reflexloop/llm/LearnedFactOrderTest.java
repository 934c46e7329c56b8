package dev.reflexloop.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Goal;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class LearnedFactOrderTest {
    private static final ActionSchema SCHEMA = ActionSchema.builder("town")
            .action("talk", "")
            .action("wait", "")
            .idle("wait")
            .build();

    private final FactOrder order = FactOrder.learned();

    private List<String> arrange(String entity, long tick, Map<String, String> shown) {
        return order.arrange(Perception.builder(entity, tick).build(), shown);
    }

    private static Map<String, String> shown(String... namesAndTexts) {
        Map<String, String> shown = new LinkedHashMap<>();
        for (int i = 0; i < namesAndTexts.length; i += 2) {
            shown.put(namesAndTexts[i], namesAndTexts[i + 1]);
        }
        return shown;
    }

    @Test
    void arrange_beforeAnythingWasLearned_isThePerceptionsOrder() {
        assertThat(arrange("bot", 1, shown("b", "1", "a", "2"))).containsExactly("b", "a");
        assertThat(FactOrder.given().arrange(Perception.builder("bot", 1).build(), shown("b", "1", "a", "2")))
                .containsExactly("b", "a");
    }

    @Test
    void arrange_firstFactChangesAlways_movesBehindWhatStays() {
        List<String> last = List.of();
        for (int tick = 1; tick <= 64; tick++) {
            last = arrange("bot", tick, shown("steps", "steps: " + tick, "place", "place: by the old gate"));
        }
        assertThat(last).containsExactly("place", "steps");
    }

    @Test
    void arrange_everythingChanges_keepsTheOrder() {
        for (int tick = 1; tick <= 200; tick++) {
            assertThat(arrange("bot", tick, shown("a", "a" + tick, "b", "b" + tick)))
                    .containsExactly("a", "b");
        }
    }

    @Test
    void arrange_twoChangeAlways_putsTheOneWithTheLongerNameFirst() {
        List<String> last = List.of();
        for (int tick = 1; tick <= 64; tick++) {
            last = arrange(
                    "bot",
                    tick,
                    shown("hp", "hp: " + tick, "nearest_enemy_distance", "nearest_enemy_distance: " + tick));
        }
        assertThat(last).containsExactly("nearest_enemy_distance", "hp");
    }

    @Test
    void arrange_twoChangeAlways_putsTheOneThatKeepsItsFirstWordsFirst() {
        List<String> last = List.of();
        for (int tick = 1; tick <= 64; tick++) {
            last = arrange(
                    "bot",
                    tick,
                    shown("near", "near: " + tick + " steps", "place", "place: in the old town near " + tick));
        }
        assertThat(last).containsExactly("place", "near");
    }

    @Test
    void arrange_rareChanges_areNotWorthANewOrder() {
        for (int tick = 1; tick <= 200; tick++) {
            String rare = "rare: " + tick / 100;
            assertThat(arrange("bot", tick, shown("rare", rare, "place", "place: gate")))
                    .containsExactly("rare", "place");
        }
    }

    @Test
    void arrange_samePerceptionTwice_learnsItOnce() {
        FactOrder once = FactOrder.learned();
        for (int tick = 1; tick <= 200; tick++) {
            Map<String, String> shown = shown("steps", "" + tick, "place", "place: gate", "odd", "" + tick % 3);
            Perception perception = Perception.builder("bot", tick).build();
            List<String> expected = once.arrange(perception, shown);
            assertThat(arrange("bot", tick, shown)).isEqualTo(expected);
            assertThat(arrange("bot", tick, shown)).isEqualTo(expected);
        }
    }

    @Test
    void arrange_entitiesInTurn_learnApart() {
        List<String> first = List.of();
        List<String> second = List.of();
        for (int tick = 1; tick <= 64; tick++) {
            first = arrange("anna", tick, shown("steps", "steps: " + tick, "place", "place: by the old gate"));
            second = arrange("bert", tick, shown("steps", "steps: 0", "place", "place: field " + tick));
        }
        assertThat(first).containsExactly("place", "steps");
        assertThat(second).containsExactly("steps", "place");
    }

    @Test
    void arrange_hostileNames_showsEachFactOnce() {
        Random random = new Random(3);
        for (int tick = 1; tick <= 500; tick++) {
            Map<String, String> shown = new LinkedHashMap<>();
            for (int i = 0; i < 300; i++) {
                shown.put("name" + random.nextLong() + "x".repeat(random.nextInt(100)), "v" + i);
            }
            assertThat(arrange("bot" + random.nextInt(1_000), tick, shown))
                    .containsExactlyInAnyOrderElementsOf(shown.keySet());
        }
    }

    @Test
    void render_simulatedGame_changesFewerCharactersThanInTheGivenOrder() {
        PlainRenderer learned =
                PlainRenderer.builder().order(FactOrder.learned()).build();
        PlainRenderer given = PlainRenderer.builder().build();

        assertThat(changedCharacters(learned)).isLessThan(changedCharacters(given) / 2);
    }

    /** Characters behind the first difference, over a game of 12 facts of which the first three change in most ticks. */
    private static long changedCharacters(PlainRenderer renderer) {
        Random random = new Random(9);
        long changed = 0;
        String before = "";
        for (int tick = 1; tick <= 400; tick++) {
            Perception.Builder perception = Perception.builder("bot", tick)
                    .fact("distance", random.nextInt(1_000))
                    .fact("bearing", random.nextInt(360))
                    .fact("health", 100 - random.nextInt(3));
            for (int i = 0; i < 9; i++) {
                perception.fact("stable" + i, "something about the town, seen on day " + tick / (50 * (i + 1)));
            }
            String prompt = renderer.render(new Question(perception.build(), Goal.of("eat"), SCHEMA, SCHEMA.actions()));
            int same = 0;
            while (same < Math.min(before.length(), prompt.length()) && before.charAt(same) == prompt.charAt(same)) {
                same++;
            }
            changed += prompt.length() - same;
            before = prompt;
        }
        return changed;
    }

    @Test
    void render_learnedOrder_leavesExplicitFactsInTheirPlaces() {
        PlainRenderer renderer = PlainRenderer.builder()
                .order(FactOrder.learned())
                .stable("tick")
                .changing("place")
                .build();
        List<String> lines = new ArrayList<>();
        for (int tick = 1; tick <= 64; tick++) {
            Perception perception = Perception.builder("bot", tick)
                    .fact("place", "by the well")
                    .fact("steps", tick)
                    .fact("story", "came from far away")
                    .fact("tick", tick)
                    .build();
            lines = renderer.render(new Question(perception, Goal.none(), SCHEMA, SCHEMA.actions()))
                    .lines()
                    .toList();
        }
        assertThat(lines.subList(6, 10))
                .containsExactly("tick: 64", "story: came from far away", "steps: 64", "place: by the well");
    }
}
