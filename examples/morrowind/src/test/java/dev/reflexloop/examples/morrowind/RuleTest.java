package dev.reflexloop.examples.morrowind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Goal;
import dev.reflexloop.Perception;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuleTest {
    private static Sights calm() {
        return Sights.at(1).fact("health", 90).fact("fatigue", 90).fact("sinceSave", 10);
    }

    @Test
    void fight_whenHealthy_flightWhenDying() {
        assertThat(Rule.choose(calm().enemy("rat", 5).build())).isEqualTo(Tactic.FIGHT);
        assertThat(Rule.choose(Sights.at(1).fact("health", 20).enemy("rat", 5).build()))
                .isEqualTo(Tactic.FLEE);
    }

    @Test
    void enemy_farAway_isLeftAloneUnlessHeIsTheGoal() {
        assertThat(Rule.choose(calm().enemy("rat", 30).build())).isEqualTo(Tactic.EXPLORE);
        assertThat(Rule.choose(calm().fact("aim", "fight").enemy("rat", 30).build()))
                .isEqualTo(Tactic.FIGHT);
    }

    @Test
    void stranger_isApproachedOnlyWhereSomebodyIsToBeMet() {
        assertThat(Rule.choose(calm().npc("a", 20).build())).isEqualTo(Tactic.EXPLORE);
        assertThat(Rule.choose(calm().fact("aim", "meet").npc("a", 20).build())).isEqualTo(Tactic.APPROACH_NPC);
        assertThat(Rule.choose(calm().npc("a", 2).build())).isEqualTo(Tactic.TALK);
    }

    @Test
    void peace_isUsedToRestAndToSave() {
        assertThat(Rule.choose(Sights.at(1).fact("health", 40).build())).isEqualTo(Tactic.WAIT);
        assertThat(Rule.choose(calm().build())).isEqualTo(Tactic.EXPLORE);
        assertThat(Rule.choose(Sights.at(1).fact("sinceSave", 300).build())).isEqualTo(Tactic.QUICKSAVE);
    }

    @Test
    void fallback_thatIsNotLegal_isWaiting() {
        ActionSchema schema = Tactic.schema(1);
        Perception seen =
                Sights.at(1).fact("sinceSave", 300).fact("combat", false).build();
        assertThat(new Rule(schema).choose(seen, java.util.List.of(schema.idle()), Optional.empty()))
                .isEqualTo(schema.idle());
    }

    @ParameterizedTest
    @CsvSource({
        "Find Caius Cosades in Balmora, MEET",
        "Clear the cave of smugglers, FIGHT",
        "'Enter the trade house, and talk to nobody', ENTER",
        "Hide until the night, HIDE",
        "Follow the road, EXPLORE",
        "'', EXPLORE"
    })
    void aim_ofAGoal_isThatOfItsFirstKnownWord(String goal, Aim aim) {
        assertThat(Aim.of(Goal.of(goal))).isEqualTo(aim);
    }
}
