package dev.reflexloop.examples.morrowind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Fact;
import dev.reflexloop.Perception;
import dev.reflexloop.Target;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TacticTest {
    private final ActionSchema schema = Tactic.schema(1);

    private List<String> legal(Perception seen) {
        return schema.legal(seen).stream().map(Action::name).toList();
    }

    private List<Target> targets(String action, Perception seen) {
        Action named = schema.actions().stream()
                .filter(each -> each.name().equals(action))
                .findFirst()
                .orElseThrow();
        return schema.targets(named, seen);
    }

    @Test
    void schema_hasTheEightActionsOfTheOriginal() {
        assertThat(schema.actions())
                .extracting(Action::name)
                .containsExactly("explore", "approach_npc", "enter_door", "fight", "flee", "talk", "wait", "quicksave");
        assertThat(schema.idle().name()).isEqualTo("wait");
    }

    @Test
    void mask_nothingInSight_leavesWalkingWaitingAndSaving() {
        assertThat(legal(Sights.at(1).build())).containsExactly("explore", "wait", "quicksave");
    }

    @Test
    void mask_somebodyFarAway_canBeApproachedAndNotSpokenTo() {
        Perception seen = Sights.at(1).npc("fargoth", 12).npc("beside", 2).build();
        assertThat(legal(seen)).contains("approach_npc", "talk");
        assertThat(targets("approach_npc", seen)).extracting(Target::id).containsExactly("fargoth");
        assertThat(targets("talk", seen)).extracting(Target::id).containsExactly("beside");
        assertThat(legal(Sights.at(1).npc("fargoth", 12).build())).doesNotContain("talk");
        assertThat(legal(Sights.at(1).npc("fargoth", 1).build())).doesNotContain("approach_npc");
    }

    @Test
    void mask_door_canBeEnteredWhereWeStandBeforeIt() {
        assertThat(legal(Sights.at(1).door("d", 4).build())).contains("enter_door");
        assertThat(legal(Sights.at(1).door("d", 6).build())).doesNotContain("enter_door");
    }

    @Test
    void mask_enemy_allowsFightAndFlight() {
        Perception seen = Sights.at(1).enemy("rat", 10).fact("combat", true).build();
        assertThat(legal(seen)).containsExactly("explore", "fight", "flee", "wait");
        assertThat(targets("fight", seen)).extracting(Target::id).containsExactly("rat");
    }

    @Test
    void mask_whileSomebodyWaitsForAnAnswer_allowsAnswersAndWaitingOnly() {
        Perception seen = Sights.at(1)
                .npc("fargoth", 1)
                .enemy("rat", 10)
                .option("ring.give", "talk", "Give it")
                .option("ring.keep", "talk", "Keep it")
                .option("ring.run", "flee", "Run")
                .build();
        assertThat(legal(seen)).containsExactlyInAnyOrder("talk", "flee", "wait");
        assertThat(targets("talk", seen))
                .containsExactly(new Target("ring.give", "Give it"), new Target("ring.keep", "Keep it"));
        assertThat(targets("flee", seen)).containsExactly(new Target("ring.run", "Run"));
        assertThat(targets("wait", seen)).isEmpty();
    }

    /** Nothing forbids a pilot to leave ids and distances out. */
    @Test
    void things_withoutIdOrDistance_areNoTargets() {
        Perception seen = Perception.builder("e", 1)
                .fact(
                        "npcs",
                        List.of(
                                Map.of("name", Fact.of("nobody")),
                                Map.of("id", Fact.of(7), "distance", Fact.of("near"))))
                .fact("doors", "two")
                .build();
        assertThat(legal(seen)).contains("approach_npc").doesNotContain("talk", "enter_door");
        assertThat(targets("approach_npc", seen)).isEmpty();
    }
}
