package dev.reflexloop.escalation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Situation;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionMatchTest {
    private static final List<Situation.Option> OPTIONS = List.of(
            new Situation.Option("Pay the fine", "talk", Optional.of("guard")),
            new Situation.Option("Resist arrest", "fight", Optional.of("guard")),
            new Situation.Option("Resist the dog", "fight", Optional.of("dog")),
            new Situation.Option("42", "wait", Optional.empty()));

    @ParameterizedTest
    @CsvSource({
        "1, 1",
        "' 2 ', 2",
        "option 3, 3",
        "(2), 2",
        "2) Resist arrest, 2",
        "2. fight, 2",
        "pay the FINE, 1",
        "talk, 1",
        "fight dog, 3",
        "42, 4",
        "wait, 4",
        "4, 4"
    })
    void answer_thatMeansAnOption_findsIt(String answer, int number) {
        assertThat(OptionMatch.of(answer, OPTIONS)).isEqualTo(new OptionMatch(number, Optional.empty()));
    }

    @ParameterizedTest
    @CsvSource({"0", "5", "-1", "9999", "99999999999", "fight", "dance", "2) Pay the fine", "''", "1 2"})
    void answer_thatMeansNoneOrTwo_isAProblem(String answer) {
        OptionMatch match = OptionMatch.of(answer, OPTIONS);
        assertThat(match.number()).isZero();
        assertThat(match.problem()).isPresent();
    }

    @Test
    void answer_toASituationWithoutOptions_isAProblem() {
        assertThat(OptionMatch.of("1", List.of()).problem()).contains("there is no option 1; none are offered");
    }
}
