package dev.reflexloop.examples.robocode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.llm.nano.NanoModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Measures the hand-over curve with one scored round of everything, in the real engine, with the committed model. */
class HandoverIT {
    private static final List<Integer> SHARES = List.of(10, 34);

    @TempDir
    private Path folder;

    @Test
    void handover_oneRoundOfEverything_givesTheCurveAndGoesOnFromItsCells() throws Exception {
        Path file = Models.weak();
        try (Engine engine = Engine.start();
                Terminal terminal = Terminal.open();
                NanoModel model = NanoModel.load(file)) {
            Cells cells = Handover.cells(folder, file, terminal);
            Map<String, Double> figures = new Handover(
                            cells, engine, model, terminal, new Handover.Extent(SHARES, 0, Duration.ofMinutes(5)))
                    .run();

            assertThat(figures)
                    .containsKeys(
                            "aloneScore",
                            "strategistScore",
                            "keptAt34Percent",
                            "randomKeptAt34Percent",
                            "recoveredOverRandom")
                    .containsEntry("alone.handedShare", 0.0)
                    .containsEntry("always.handedShare", 1.0)
                    .containsEntry("modelServedShare", 1.0);
            assertThat(figures.get("doubt.34.handedShare")).isGreaterThan(0);
            assertThat(figures.get("random.34.handedShare")).isBetween(0.05, 0.8);
            assertThat(figures.get("next.random.34.handedShare")).isBetween(0.05, 0.5);

            Handover.Extent noTime = new Handover.Extent(SHARES, 0, Duration.ZERO);
            assertThat(new Handover(cells, engine, model, terminal, noTime).run())
                    .as("started again, when all cells are there")
                    .isEqualTo(figures);
        }
    }
}
