package dev.reflexloop.escalation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Goal;
import dev.reflexloop.testkit.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlanUpdatesTest {
    private final ManualClock clock = new ManualClock();
    private final List<String> goals = new ArrayList<>();
    private final PlanUpdates plan = new PlanUpdates(clock, Duration.ofSeconds(2), this::given);

    private void given(Goal goal) {
        assertThat(goal.draft()).as("more of it may follow").isTrue();
        goals.add(goal.text());
    }

    @Test
    void plan_beingWritten_becomesAGoalAtTheEndOfASentence() {
        plan.accept("Walk to");
        plan.accept("Walk to Balmora");
        plan.accept("Walk to Balmora.");
        assertThat(goals).as("more of a number may follow").isEmpty();
        plan.accept("Walk to Balmora. Then");
        assertThat(goals).containsExactly("Walk to Balmora.");
    }

    @Test
    void plan_thatGrowsFast_isGivenEveryTwoSeconds() {
        plan.accept("One. ");
        plan.accept("One. Two. ");
        clock.advance(Duration.ofMillis(1_999));
        plan.accept("One. Two. Three. ");
        clock.advance(Duration.ofMillis(1));
        plan.accept("One. Two. Three. F");
        assertThat(goals).containsExactly("One.", "One. Two. Three.");
        plan.accept("One. Two. Three. Four. ");
        assertThat(plan.end()).contains(Goal.of("One. Two. Three. Four."));
    }

    @Test
    void plan_thatEnded_givesNothingMore() {
        plan.accept("One. ");
        assertThat(plan.end()).contains(Goal.of("One."));
        clock.advance(Duration.ofSeconds(9));
        plan.accept("One. Two. ");
        assertThat(goals).containsExactly("One.");
    }

    @Test
    void jsonAndThoughts_areNoPartOfAPlan() {
        plan.accept("<think>Hm. What. </think>\n");
        assertThat(goals).isEmpty();
        plan.accept("<think>Hm. What. </think>\nGo  home\n```json\n{\"answer\": 1}");
        assertThat(goals).containsExactly("Go home");
        assertThat(plan.end()).contains(Goal.of("Go home"));
    }

    @Test
    void plan_withoutEnd_isCutAtASentence() {
        plan.accept("Go on and on. ".repeat(100));
        assertThat(goals)
                .singleElement()
                .satisfies(goal -> assertThat(goal)
                        .hasSizeLessThanOrEqualTo(200)
                        .startsWith("Go on and on. Go")
                        .endsWith("on."));
        plan.accept("x".repeat(9_000));
        assertThat(plan.end().orElseThrow().text()).hasSize(200);
    }
}
