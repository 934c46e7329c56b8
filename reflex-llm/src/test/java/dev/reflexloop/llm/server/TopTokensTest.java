package dev.reflexloop.llm.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.reflexloop.Timings;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class TopTokensTest {
    private static final double ROUNDING = 1e-9;
    private final TopTokens tokens = new TopTokens();

    private void list(String text, double probability) throws IOException {
        tokens.add(text, DoubleNode.valueOf(Math.log(probability)));
    }

    private LabelScores over(String... labels) throws IOException {
        return tokens.over(List.of(labels), Timings.unknown());
    }

    @Test
    void labels_allListed_getTheirExactSharesAndMass() throws IOException {
        list(" A", 0.6);
        list(" the", 0.2);
        list(" B", 0.15);
        LabelScores scores = over(" A", " B");
        assertThat(scores.probabilities().get(0)).isCloseTo(0.8, within(ROUNDING));
        assertThat(scores.probabilities().get(1)).isCloseTo(0.2, within(ROUNDING));
        assertThat(scores.mass()).hasValueCloseTo(0.75, within(ROUNDING));
    }

    @Test
    void label_notListed_getsNoMoreThanTheLeastListed() throws IOException {
        list(" A", 0.5);
        list(" the", 0.1);
        LabelScores scores = over(" A", " B");
        assertThat(scores.probabilities().get(1)).isCloseTo(0.1 / 0.6, within(0.001));
        assertThat(scores.mass()).hasValueCloseTo(0.5, within(ROUNDING));
    }

    @Test
    void labels_notListed_shareNoMoreThanWhatIsLeftOver() throws IOException {
        list(" A", 0.7);
        list(" the", 0.28);
        LabelScores scores = over(" A", " B", " C");
        assertThat(scores.probabilities().get(1)).isCloseTo(0.01 / 0.72, within(0.001));
        assertThat(scores.probabilities())
                .element(2)
                .isEqualTo(scores.probabilities().get(1));
        assertThat(scores.mass()).hasValueCloseTo(0.7, within(ROUNDING));
    }

    @Test
    void label_notListed_neverOvertakesOneThatIs() throws IOException {
        list(" the", 0.3);
        list(" C", 0.02);
        assertThat(over(" A", " B", " C").best()).isEqualTo(2);
    }

    @Test
    void labels_noneListed_haveNoProbabilitiesAndNoMass() throws IOException {
        list(" the", 0.9);
        LabelScores scores = over(" A", " B");
        assertThat(scores.probabilities()).isEmpty();
        assertThat(scores.mass()).hasValue(0);
        assertThat(scores.best()).isEqualTo(-1);
    }

    @Test
    void label_listedTwice_countsWithBothTokens() throws IOException {
        list(" A", 0.4);
        list(" B", 0.3);
        list(" A", 0.2);
        assertThat(over(" A", " B").probabilities().get(0)).isCloseTo(0.6 / 0.9, within(ROUNDING));
    }

    @Test
    void label_listedWithoutItsSpaceOnly_countsAllTheSame() throws IOException {
        list("A", 0.4);
        list("B", 0.1);
        assertThat(over(" A", " B").probabilities().get(0)).isCloseTo(0.8, within(ROUNDING));
    }

    @Test
    void label_listedAsItIs_leavesOutFormsWithoutSpace() throws IOException {
        list("B", 0.5);
        list(" A", 0.3);
        list(" B", 0.1);
        LabelScores scores = over(" A", " B");
        assertThat(scores.probabilities().get(0)).isCloseTo(0.75, within(ROUNDING));
        assertThat(scores.mass()).hasValueCloseTo(0.4, within(ROUNDING));
    }

    @Test
    void entry_withoutALogProbability_isRefused() {
        assertThatThrownBy(() -> tokens.add(" A", TextNode.valueOf("NaN"))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> tokens.add(" A", DoubleNode.valueOf(Double.NaN)))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> tokens.add(" A", DoubleNode.valueOf(0.5))).isInstanceOf(IOException.class);
    }

    @Test
    void entries_ofMoreThanADistribution_areRefused() throws IOException {
        list(" A", 0.9);
        assertThatThrownBy(() -> list(" B", 0.9)).isInstanceOf(IOException.class);
    }
}
