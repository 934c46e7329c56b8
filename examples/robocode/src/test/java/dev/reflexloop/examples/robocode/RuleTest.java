package dev.reflexloop.examples.robocode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.llm.Bands;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RuleTest {
    @Test
    void duel_enemyOfMediumSpeed_isHunted() {
        assertThat(Rule.choose(Situations.quietDuel())).isEqualTo(Tactic.HUNT);
    }

    @Test
    void duel_fastEnemyThatDoesNotRush_isStrafed() {
        assertThat(Rule.choose(new Situations().with("enemySpeed", 7).make())).isEqualTo(Tactic.STRAFE);
    }

    @Test
    void duel_underFireFromCloseUp_leavesForTheWall() {
        Situation situation =
                new Situations().with("sinceShot", 3).with("distance", 150).make();

        assertThat(Rule.choose(situation)).isEqualTo(Tactic.CIRCLE_WALL);
    }

    @Test
    void anywhere_energySpent_holdsFire() {
        assertThat(Rule.choose(new Situations().with("energy", 1).make())).isEqualTo(Tactic.HOLD_FIRE);
    }

    @Test
    void team_strongEnemiesThatShoot_areCircled() {
        Situation situation = new Situations()
                .with("others", 5)
                .with("strongest", 200)
                .with("sinceShot", 5)
                .make();

        assertThat(Rule.choose(situation)).isEqualTo(Tactic.CIRCLE_WALL);
    }

    @Test
    void team_nobodyShootsAnyMore_isCharged() {
        Situation situation = new Situations()
                .with("others", 3)
                .with("strongest", 120)
                .with("sinceShot", 99)
                .make();

        assertThat(Rule.choose(situation)).isEqualTo(Tactic.CHARGE);
    }

    @Test
    void melee_byWeaknessAndDistance_huntsSnipesOrCharges() {
        assertThat(Rule.choose(
                        new Situations().with("others", 4).with("weakest", 10).make()))
                .isEqualTo(Tactic.HUNT);
        assertThat(Rule.choose(
                        new Situations().with("others", 4).with("distance", 500).make()))
                .isEqualTo(Tactic.SNIPE);
        assertThat(Rule.choose(
                        new Situations().with("others", 4).with("distance", 100).make()))
                .isEqualTo(Tactic.CHARGE);
    }

    @Test
    void rule_situationsWithNumbersInTheSameBands_getTheSameTactic() {
        Map<String, Bands> bands = new LinkedHashMap<>();
        Rule.edges().forEach((name, edges) -> bands.put(name, Bands.at(edges)));
        SplittableRandom random = new SplittableRandom(3);
        Map<String, Tactic> seen = new HashMap<>();
        Set<Tactic> used = EnumSet.noneOf(Tactic.class);
        for (int i = 0; i < 20_000; i++) {
            Situations situations = new Situations();
            StringBuilder key = new StringBuilder();
            bands.forEach((name, each) -> {
                double edge = each.edges().get(random.nextInt(each.edges().size()));
                double value = random.nextInt(3) == 0 ? edge : edge * random.nextDouble() * 2;
                double exact = name.equals("others") ? Math.rint(value) : Math.round(value * 100) / 100.0;
                situations.with(name, exact);
                key.append(each.of(exact)).append(' ');
            });
            Tactic tactic = Rule.choose(situations.make());
            used.add(tactic);
            assertThat(seen.getOrDefault(key.toString(), tactic)).isEqualTo(tactic);
            seen.put(key.toString(), tactic);
        }
        assertThat(used).hasSizeGreaterThanOrEqualTo(5);
    }
}
