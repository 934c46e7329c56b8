package dev.reflexloop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ShownTextTest {
    @Test
    void clipped_ofAText_isItsBeginning() {
        assertThat(ShownText.clipped("abc", 3)).isEqualTo("abc");
        assertThat(ShownText.clipped("abcd", 3)).isEqualTo("abc");
        assertThat(ShownText.clipped("", 3)).isEmpty();
    }

    @Test
    void clipped_withinACharacterOfTwoParts_leavesItOut() {
        assertThat(ShownText.clipped("ab\uD83D\uDE00cd", 3)).isEqualTo("ab");
        assertThat(ShownText.clipped("ab\uD83D\uDE00cd", 4)).isEqualTo("ab\uD83D\uDE00");
    }
}
