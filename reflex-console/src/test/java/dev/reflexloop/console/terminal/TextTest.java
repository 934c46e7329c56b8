package dev.reflexloop.console.terminal;

import static org.assertj.core.api.Assertions.assertThat;

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
}
