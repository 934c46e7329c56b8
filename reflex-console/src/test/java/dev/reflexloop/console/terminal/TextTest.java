package dev.reflexloop.console.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class TextTest {
    @Test
    void plain_whatMovesATerminal_isSpaces() {
        assertThat(Text.plain("a\u001b[31mb\u0007\n\u202ec\u2028")).isEqualTo("a [31mb   c ");
    }

    @Test
    void plain_halfACharacter_isASpace() {
        assertThat(Text.plain("\ud83d")).isEqualTo(" ");
        assertThat(Text.plain("\ud83d\ude00")).isEqualTo("\ud83d\ude00");
    }

    @Test
    void width_ofColoursAndWideLetters_isWhatIsSeen() {
        assertThat(Text.width(Ink.of(true).bad("abc"))).isEqualTo(3);
        assertThat(Text.width("龍虎")).isEqualTo(4);
        assertThat(Text.width("e\u0301")).isEqualTo(1);
    }

    @Test
    void fit_anything_isExactlyAsWideAsItsColumn() {
        assertThat(Text.fit("abc", 5)).isEqualTo("abc  ");
        assertThat(Text.fit("abcdef", 5)).isEqualTo("abcd…");
        assertThat(Text.width(Text.fit("龍虎龍虎", 4))).isEqualTo(4);
    }

    @Test
    void ink_withoutColours_addsNothing() {
        assertThat(Ink.of(false).bad("abc")).isEqualTo("abc");
        assertThat(Ink.of(true).bad("abc")).isEqualTo("\u001b[31mabc\u001b[0m");
    }

    @Test
    void bar_ofAnyShare_isAsWideAsItsColumn() {
        assertThat(Bar.of(0.5, 4)).isEqualTo("██  ");
        assertThat(Bar.of(0.53125, 4)).isEqualTo("██▏ ");
        assertThat(Bar.of(0.001, 4)).isEqualTo("▏   ");
        assertThat(Bar.of(0.0001, 4)).isEqualTo("    ");
        assertThat(Bar.of(7, 4)).isEqualTo("████");
        assertThat(Bar.of(Double.NaN, 4)).isEqualTo("    ");
    }

    @Test
    void words_ofNumbers_areWhatPeopleRead() {
        assertThat(Words.size(999)).isEqualTo("999 B");
        assertThat(Words.size(1_250_000_000)).isEqualTo("1.3 GB");
        assertThat(Words.millis(420)).isEqualTo("0.42");
        assertThat(Words.millis(153_000)).isEqualTo("153");
        assertThat(Words.count(12_345, "line")).isEqualTo("12,345 lines");
        assertThat(Words.ago(Duration.ofSeconds(-5))).isEqualTo("0 s ago");
        assertThat(Words.ago(Duration.ofMinutes(90))).isEqualTo("90 min ago");
        assertThat(Words.ago(Duration.ofDays(3))).isEqualTo("3 days ago");
    }
}
