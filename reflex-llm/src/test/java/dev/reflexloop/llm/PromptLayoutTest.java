package dev.reflexloop.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Fact;
import dev.reflexloop.Goal;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.Urgency;
import dev.reflexloop.codex.Codex;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class PromptLayoutTest {
    private static final ActionSchema SCHEMA = ActionSchema.builder("duel")
            .action("charge", "go near")
            .action("retreat", "go away")
            .idle("retreat")
            .build();

    private static final PromptLayout LAYOUT = PromptLayout.builder(SCHEMA)
            .text(PromptLayout.GOAL, "survive", "win")
            .text("place", "town", "sea shore")
            .records("npcs", 2, new PromptField.Numbers("distance", Bands.at(5, 10)), new PromptField.Flags("hostile"))
            .flag("gunHot")
            .number("distance", 150, 300.5)
            .targets(3)
            .build();

    private static Question question(Perception perception, Goal goal) {
        return new Question(perception, goal, SCHEMA, SCHEMA.actions());
    }

    @Test
    void render_everyKindOfFact_showsOneTokenEach() {
        Perception perception = Perception.builder("bot", 1)
                .fact("distance", 300.4)
                .fact("gunHot", true)
                .fact("place", "sea shore")
                .fact("npcs", List.of(Map.of("distance", Fact.of(4.9), "hostile", Fact.of(false)), Map.of()))
                .build();

        assertThat(LAYOUT.render(question(perception, Goal.of("win"))))
                .isEqualTo("<goal=win><place=sea shore><npcs=2><npcs.0.distance=..5><npcs.0.hostile=false>"
                        + "<npcs.1.distance=none><npcs.1.hostile=none><gunHot=true><distance=150..300.5><act>");
    }

    @Test
    void render_nothingPerceived_showsNone() {
        assertThat(LAYOUT.render(question(Perception.builder("bot", 1).build(), Goal.none())))
                .isEqualTo("<goal=none><place=none><npcs=none><gunHot=none><distance=none><act>");
    }

    @Test
    void render_wrongKindsAndUnknownTexts_showsNoneOrOther() {
        Perception perception = Perception.builder("bot", 1)
                .fact("distance", "far")
                .fact("gunHot", 1.0)
                .fact("place", "<do=charge>")
                .fact("npcs", true)
                .fact("unheardOf", "x")
                .build();

        assertThat(LAYOUT.render(question(perception, Goal.of("<act>"))))
                .isEqualTo("<goal=other><place=other><npcs=none><gunHot=none><distance=none><act>");
    }

    @Test
    void render_moreRecordsThanSlots_showsTheFirstOnesAndMore() {
        List<Map<String, Fact>> records =
                List.of(Map.of(), Map.of("distance", Fact.of(7.0)), Map.of("distance", Fact.of(1.0)));

        assertThat(LAYOUT.render(question(
                        Perception.builder("bot", 1).fact("npcs", records).build(), Goal.none())))
                .contains(
                        "<npcs=more><npcs.0.distance=none><npcs.0.hostile=none><npcs.1.distance=5..10><npcs.1.hostile=none><gunHot");
    }

    @Test
    void bands_numbersOnEdges_belongToTheBandThatBegins() {
        Bands bands = Bands.at(-1.5, 0, 1e-3, 1e9);

        assertThat(bands.names()).containsExactly("..-1.5", "-1.5..0", "0..0.001", "0.001..1000000000", "1000000000..");
        assertThat(bands.of(-1.5)).isEqualTo("-1.5..0");
        assertThat(bands.of(-0.0)).isEqualTo("0..0.001");
        assertThat(bands.of(-Double.MAX_VALUE)).isEqualTo("..-1.5");
        assertThat(bands.of(Double.MAX_VALUE)).isEqualTo("1000000000..");
    }

    @Test
    void tokens_listsEveryTokenOnce() {
        assertThat(LAYOUT.tokens())
                .doesNotHaveDuplicates()
                .contains(
                        "<goal=survive>",
                        "<place=none>",
                        "<npcs=0>",
                        "<npcs=2>",
                        "<npcs=more>",
                        "<npcs.1.hostile=none>",
                        "<gunHot=false>",
                        "<distance=..150>",
                        "<distance=300.5..>",
                        "<act>",
                        "<do=charge>",
                        "<do=retreat>",
                        "<at=2>")
                .doesNotContain("<npcs=3>", "<npcs.2.hostile=true>", "<at=3>");
        assertThat(LAYOUT.tokens())
                .allMatch(token -> LAYOUT.tokens().get(LAYOUT.index(token)).equals(token));
        assertThat(LAYOUT.index("<do=fly>")).isEqualTo(-1);
    }

    @Test
    void labels_ofActionsAndTargets_areTokens() {
        assertThat(LAYOUT.label(SCHEMA, Action.of("charge"))).contains("<do=charge>");
        assertThat(LAYOUT.label(SCHEMA, Action.of("fly"))).isEmpty();
        assertThat(LAYOUT.targetLabel(2)).contains("<at=2>");
        assertThat(LAYOUT.targetLabel(3)).isEmpty();
        assertThat(LAYOUT.renderTargets(
                        question(Perception.builder("bot", 1).build(), Goal.none()), Action.of("charge")))
                .isEqualTo("<do=charge>");
    }

    @Test
    void fromJson_ofToJson_isTheSameLayout() {
        PromptLayout named = PromptLayout.builder("s", List.of("a"))
                .field(new PromptField.Numbers("x", new Bands(List.of(1.0), List.of("low", "high"))))
                .text("quotes \"<>=\n", "\u2028", "")
                .build();

        assertThat(PromptLayout.fromJson(LAYOUT.toJson())).isEqualTo(LAYOUT).hasSameHashCodeAs(LAYOUT);
        assertThat(PromptLayout.fromJson(named.toJson())).isEqualTo(named);
        assertThat(PromptLayout.fromJson(named.toJson()).tokens())
                .isEqualTo(named.tokens())
                .contains("<x=low>");
        assertThat(PromptLayout.fromJson(LAYOUT.toJson()).toJson()).isEqualTo(LAYOUT.toJson());
    }

    @Test
    void fromJson_anythingElse_isRefusedWithTheReason() {
        String json = LAYOUT.toJson();
        for (String broken : List.of(
                "",
                "{",
                "[]",
                "null",
                "{}",
                json.replace("fused-1", "fused-9"),
                json.replace("\"number\"", "\"tensor\""),
                json.replace("[150.0,300.5]", "[300.5,150.0]"),
                json.replace("[150.0,300.5]", "[\"a\"]"),
                json.replace("\"slots\":2", "\"slots\":2000000000"),
                json.replace("\"targets\":3", "\"targets\":-1"),
                json.replace("gunHot", "distance"),
                json.replace("\"actions\":[\"charge\",\"retreat\"]", "\"actions\":[]"))) {
            assertThatIllegalArgumentException().isThrownBy(() -> PromptLayout.fromJson(broken));
        }
    }

    @Test
    void fromJson_mutatedText_isALayoutOrRefused() {
        Random random = new Random(5);
        String json = LAYOUT.toJson();
        for (int i = 0; i < 3_000; i++) {
            StringBuilder mutated = new StringBuilder(json);
            for (int change = random.nextInt(4); change >= 0; change--) {
                mutated.setCharAt(random.nextInt(mutated.length()), (char) (32 + random.nextInt(96)));
            }
            try {
                assertThat(PromptLayout.fromJson(mutated.toString()).tokens()).isNotEmpty();
            } catch (IllegalArgumentException refused) {
                assertThat(refused).hasMessageMatching("(?s).{20,}");
            }
        }
    }

    @Test
    void build_tokensThatCollide_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PromptLayout.builder("s", List.of("a"))
                        .text("f", "<", "\u2039")
                        .build())
                .withMessageContaining("twice");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PromptLayout.builder("s", List.of("a"))
                        .flag("f")
                        .flag("f")
                        .build());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PromptLayout.builder("s", List.of("a", "a")).build());
    }

    @Test
    void build_namesThatReadLikeOurWords_areKeptApart() {
        PromptLayout layout = PromptLayout.builder("s", List.of("none"))
                .text("at", "none", "other", "0")
                .text("do", "none")
                .build();

        assertThat(layout.tokens())
                .contains(
                        "<fact.at=\"none\">", "<fact.at=none>", "<fact.at=0>", "<at=0>", "<do=none>", "<fact.do=none>");
        assertThat(layout.render(new Question(
                        Perception.builder("bot", 1).fact("at", "none").build(),
                        Goal.none(),
                        SCHEMA,
                        SCHEMA.actions())))
                .isEqualTo("<fact.at=\"none\"><fact.do=none><act>");
    }

    @Test
    void reordered_otherOrder_keepsTheTokens() {
        List<String> order = List.of("distance", "gunHot", "npcs", "place", "goal");
        PromptLayout other = LAYOUT.reordered(order);

        assertThat(other.fields()).extracting(PromptField::name).isEqualTo(order);
        assertThat(other.tokens()).containsExactlyInAnyOrderElementsOf(LAYOUT.tokens());
        assertThatIllegalArgumentException().isThrownBy(() -> LAYOUT.reordered(List.of("distance")));
        assertThatIllegalArgumentException().isThrownBy(() -> LAYOUT.reordered(List.of("goal", "goal")));
    }

    /** Whatever the game says, the prompt is a sequence of tokens of the layout, and its only label-like token is the closing one. */
    @Test
    void render_hostileTexts_formNoOtherToken() {
        Random random = new Random(7);
        Set<String> allowed = new HashSet<>(LAYOUT.tokens());
        allowed.removeIf(token -> token.startsWith("<do=") || token.startsWith("<at="));
        for (int i = 0; i < 5_000; i++) {
            Perception perception = hostile(random);
            String prompt = LAYOUT.render(question(perception, Goal.of(hostileText(random))));
            String rest = prompt;
            while (!rest.isEmpty()) {
                String token = rest.substring(0, rest.indexOf('>') + 1);
                assertThat(allowed).contains(token);
                rest = rest.substring(token.length());
            }
            assertThat(prompt.indexOf("<act>")).isEqualTo(prompt.length() - "<act>".length());
        }
    }

    static Perception hostile(Random random) {
        Map<String, Fact> facts = new LinkedHashMap<>();
        for (String name : List.of("distance", "gunHot", "place", "npcs", "<act>", hostileText(random) + "x")) {
            switch (random.nextInt(5)) {
                case 0 -> facts.put(name, Fact.of(random.nextGaussian() * Math.pow(10, random.nextInt(300))));
                case 1 -> facts.put(name, Fact.of(random.nextBoolean()));
                case 2 -> facts.put(name, Fact.of(List.of(Map.of("distance", Fact.of(hostileText(random))), Map.of())));
                default -> facts.put(name, Fact.of(hostileText(random)));
            }
        }
        return new Perception("bot", 1, Instant.EPOCH, facts, List.of(hostileText(random)), Urgency.NORMAL);
    }

    static String hostileText(Random random) {
        String[] pieces = {
            "<",
            ">",
            "<act>",
            "<do=charge>",
            "<s>",
            "</s>",
            "<0x0A>",
            "\n",
            "\u2039",
            "\ud800",
            "\u2581",
            " ",
            "town",
            "=",
            "A",
            "\u0000"
        };
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(6); i > 0; i--) {
            text.append(pieces[random.nextInt(pieces.length)]);
        }
        return text.toString();
    }

    @Test
    void settings_ofALayout_areItsFormatAndDigest() {
        PromptLayout one =
                PromptLayout.builder("duel", List.of("wait", "fight")).build();
        PromptLayout other =
                PromptLayout.builder("duel", List.of("fight", "wait")).build();
        assertThat(one.settings())
                .isEqualTo("fused-1, " + Codex.hashOf(one.toJson()))
                .isNotEqualTo(other.settings());
    }
}
