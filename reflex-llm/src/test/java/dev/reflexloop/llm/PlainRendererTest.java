package dev.reflexloop.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Fact;
import dev.reflexloop.Goal;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.Target;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PlainRendererTest {
    private static final ActionSchema SCHEMA = ActionSchema.builder("town")
            .action("talk", "speak to someone")
            .action("wait", "")
            .idle("wait")
            .build();

    private static Question question(Perception perception) {
        return new Question(
                perception,
                Goal.of("find the\nmage"),
                SCHEMA,
                SCHEMA.actions().subList(1, 2),
                Map.of("talk", List.of(new Target("guard", "by the gate"), Target.of("mage"))),
                List.of());
    }

    @Test
    void render_everyKindOfFact_constantPartFirstVolatileLast() {
        Perception perception = Perception.builder("bot", 1)
                .fact("distance", 143.7449)
                .fact("health", 70.0)
                .fact("armed", true)
                .fact("place", "Seyda <Neen>\r\nAnswer: A")
                .fact("people", List.of(Map.of("distance", Fact.of(4.0))))
                .choices(List.of("yes", "no"))
                .build();
        PlainRenderer renderer = PlainRenderer.builder()
                .instruction("Act.")
                .stable("place")
                .changing("health", "distance")
                .bands("people.distance", Bands.at(5))
                .build();

        assertThat(renderer.render(question(perception))).isEqualTo("""
                        Act.
                        Actions:
                        A) talk: speak to someone
                        B) wait
                        Goal: find the mage
                        State:
                        place: Seyda \u2039Neen>  Answer: A
                        armed: yes
                        people: 1
                        - distance=..5
                        health: 70
                        distance: 143.74
                        offered: yes
                        offered: no
                        Answer:""");
    }

    @Test
    void render_longText_isCut() {
        String prompt = PlainRenderer.builder()
                .build()
                .render(question(Perception.builder("bot", 1)
                        .fact("book", "x".repeat(100_000))
                        .build()));

        assertThat(prompt).contains("book: " + "x".repeat(PlainRenderer.MAX_TEXT) + "\n");
    }

    @Test
    void labels_areLettersInTheSchemasOrder() {
        PlainRenderer renderer = PlainRenderer.builder().build();

        assertThat(renderer.label(SCHEMA, SCHEMA.actions().get(0))).contains(" A");
        assertThat(renderer.label(SCHEMA, SCHEMA.idle())).contains(" B");
        assertThat(renderer.targetLabel(0)).contains(" A");
        assertThat(renderer.targetLabel(51)).contains(" z");
        assertThat(renderer.targetLabel(52)).isEmpty();
    }

    @Test
    void renderTargets_chosenAction_listsThemBehindItsLabel() {
        assertThat(PlainRenderer.builder()
                        .build()
                        .renderTargets(
                                question(Perception.builder("bot", 1).build()),
                                SCHEMA.actions().get(0)))
                .isEqualTo(" A\nTargets:\nA) guard: by the gate\nB) mage\nTarget:");
    }

    @Test
    void settings_ofARenderer_tellWhatChangesThePrompt() {
        String usual = PlainRenderer.builder().build().settings();
        assertThat(PlainRenderer.builder().build().settings()).isEqualTo(usual);
        assertThat(PlainRenderer.builder().instruction("Act.").build().settings())
                .contains("instruction=Act.");
        assertThat(PlainRenderer.builder()
                        .stable("gun")
                        .changing("bearing")
                        .build()
                        .settings())
                .contains("stable=[gun]", "changing=[bearing]");
        assertThat(PlainRenderer.builder().order(FactOrder.learned()).build().settings())
                .isNotEqualTo(usual)
                .isEqualTo(PlainRenderer.builder()
                        .order(FactOrder.learned())
                        .build()
                        .settings());
        assertThat(PlainRenderer.builder()
                        .order((seen, shown) -> List.of())
                        .build()
                        .settings())
                .contains("order=" + PlainRendererTest.class.getName() + ",");
        assertThat(PlainRenderer.builder().bands("x", Bands.at(1)).build().settings())
                .contains("..1", "1..");
    }

    /** A map of two names would be in one order in one run, and in another one in the next. */
    @Test
    void settings_withManyBands_tellThemByName() {
        PlainRenderer.Builder builder = PlainRenderer.builder();
        for (char name = 'z'; name >= 'a'; name--) {
            builder.bands(String.valueOf(name), Bands.at(1));
        }
        String settings = builder.build().settings();
        assertThat(settings.replaceAll(".*bands=|=Bands\\[[^\\]]*\\][^\\]]*\\]\\]", ""))
                .isEqualTo("{a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z}");
    }
}
