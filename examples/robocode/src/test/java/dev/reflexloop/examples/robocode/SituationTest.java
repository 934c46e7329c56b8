package dev.reflexloop.examples.robocode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Perception;
import dev.reflexloop.Urgency;
import org.junit.jupiter.api.Test;

class SituationTest {
    @Test
    void perception_ofSituation_givesTheSituationBack() {
        Situation situation = new Situations()
                .with("energy", 71.239)
                .with("x", 18.5)
                .with("closing", -3.5)
                .with("near", 2)
                .make();

        assertThat(Situation.of(situation.perception())).isEqualTo(situation);
    }

    @Test
    void perception_afterHit_isUrgent() {
        Situation quiet = Situations.quietDuel();
        Perception urgent = new Situation(
                        1, 400, 300, 1, 0, 50, 50, 0, 50, 50, 100, 0, 0, 100, 0.3, 9, 0, 2, 99, 0, true)
                .perception();

        assertThat(quiet.perception().urgency()).isEqualTo(Urgency.NORMAL);
        assertThat(urgent.urgency()).isEqualTo(Urgency.URGENT);
        assertThat(urgent.flag("hit")).isTrue();
    }

    @Test
    void situation_numbers_areRoundedToHundredths() {
        assertThat(new Situations().with("energy", 71.239).make().energy()).isEqualTo(71.24);
    }
}
