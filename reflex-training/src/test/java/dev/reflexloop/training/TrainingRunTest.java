package dev.reflexloop.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingRunTest {

    private static final NanoShape SHAPE = new NanoShape(1, 32, 2, 2, 64, 64, false);
    private static final WeightMap MAP = new WeightMap(SHAPE, 320);
    private static final int[] LABELS = {310, 311, 312};
    private static final long MINUTE = 60_000_000_000L;

    @TempDir
    Path folder;

    private final List<Long> resumed = new ArrayList<>();

    @BeforeAll
    static void loadNatives() {
        Natives.load();
    }

    @Test
    void run_learnableRule_isLearned() throws IOException {
        TrainingRun.Result result =
                run("learn", hyper(1, 30, 1000), () -> 0L, () -> false).orElseThrow();

        assertThat(result.heldOut().accuracy()).isGreaterThan(0.95);
        assertThat(result.heldOut().count()).isPositive();
        assertThat(result.weights()).hasSize(MAP.size());
    }

    @Test
    void run_sameSeed_givesTheSameWeights() throws IOException {
        float[] first =
                run("a", hyper(5, 2, 1000), () -> 0L, () -> false).orElseThrow().weights();

        assertThat(run("b", hyper(5, 2, 1000), () -> 0L, () -> false)
                        .orElseThrow()
                        .weights())
                .containsExactly(first);
        assertThat(run("c", hyper(6, 2, 1000), () -> 0L, () -> false)
                        .orElseThrow()
                        .weights())
                .isNotEqualTo(first);
    }

    @Test
    void run_stoppedAndResumed_givesTheWeightsOfOneRun() throws IOException {
        float[] whole = run("whole", hyper(1, 4, 1000), () -> 0L, () -> false)
                .orElseThrow()
                .weights();
        int[] steps = new int[1];
        assertThat(run("parts", hyper(1, 4, 1000), () -> 0L, () -> ++steps[0] == 13))
                .isEmpty();
        assertThat(resumed).isEmpty();

        TrainingRun.Result rest =
                run("parts", hyper(1, 4, 1000), () -> 0L, () -> false).orElseThrow();

        assertThat(resumed).containsExactly(13L);
        assertThat(rest.weights()).containsExactly(whole);
    }

    @Test
    void run_checkpointOfOtherSettingsOrDamaged_startsAnew() throws IOException {
        int[] steps = new int[1];
        run("other", hyper(1, 4, 1000), () -> 0L, () -> ++steps[0] == 5);
        run("other", hyper(2, 1, 1000), () -> 0L, () -> false);
        assertThat(resumed).isEmpty();

        Files.writeString(folder.resolve("other"), "no checkpoint");
        run("other", hyper(2, 1, 1000), () -> 0L, () -> false);
        assertThat(resumed).isEmpty();
    }

    @Test
    void run_timeLimitBindsFirst_endsThereWithACooledSchedule() throws IOException {
        long[] now = new long[1];
        List<Double> rates = new ArrayList<>();
        TrainingRun run = new TrainingRun(
                MAP,
                EXAMPLES,
                SPLIT,
                LABELS,
                new int[0],
                hyper(1, 1000, 1000),
                folder.resolve("time"),
                Long.MAX_VALUE,
                () -> now[0] += MINUTE / 500,
                () -> false,
                watcher(rates));

        TrainingRun.Result result = run.run().orElseThrow();

        assertThat(result.ending()).isEqualTo("time limit");
        assertThat(result.elapsedNanos()).isBetween(MINUTE, MINUTE + MINUTE / 50);
        assertThat(rates.get(rates.size() - 1)).isLessThan(1e-4);
    }

    @Test
    void run_noBetterForALongTime_endsEarly() throws IOException {
        TrainingRun.Result result =
                run("stale", hyper(1, 400, 3), () -> 0L, () -> false).orElseThrow();

        assertThat(result.ending()).startsWith("no better for 3");
        assertThat(result.steps()).isLessThan(400L * 15);
    }

    @Test
    void run_checkpointCannotBeWritten_throws() throws IOException {
        Files.writeString(folder.resolve("file"), "in the way");

        assertThatThrownBy(() -> run("file/checkpoint", hyper(1, 4, 1000), () -> 0L, () -> true))
                .isInstanceOf(IOException.class);
    }

    @Test
    void byEpisode_examplesOfOneEpisode_areOnOneSide() {
        Split split = Split.byEpisode(EXAMPLES, 0.2, 3);

        assertThat(split.training().length + split.heldOut().length).isEqualTo(EXAMPLES.count());
        assertThat(split.heldOut().length).isBetween(EXAMPLES.count() / 5, EXAMPLES.count() / 5 + 100);
        assertThat(java.util.Arrays.stream(split.heldOut())
                        .map(EXAMPLES::group)
                        .distinct()
                        .boxed())
                .doesNotContainAnyElementsOf(java.util.Arrays.stream(split.training())
                        .map(EXAMPLES::group)
                        .boxed()
                        .toList());
    }

    private static final Examples EXAMPLES = examples();
    private static final Split SPLIT = Split.byEpisode(EXAMPLES, 0.1, 1);

    private Optional<TrainingRun.Result> run(String name, Hyper hyper, LongSupplier clock, BooleanSupplier stop)
            throws IOException {
        return new TrainingRun(
                        MAP,
                        EXAMPLES,
                        SPLIT,
                        LABELS,
                        new int[0],
                        hyper,
                        folder.resolve(name),
                        Long.MAX_VALUE,
                        clock,
                        stop,
                        watcher(new ArrayList<>()))
                .run();
    }

    private TrainingRun.Watcher watcher(List<Double> rates) {
        return new TrainingRun.Watcher() {
            @Override
            public void progress(TrainingRun.State state, LabelLoss.@Nullable Figures heldOut) {
                rates.add(state.rate());
            }

            @Override
            public void resumed(long step) {
                resumed.add(step);
            }
        };
    }

    private static Hyper hyper(long seed, int epochs, int patience) {
        return new Hyper(64, epochs, 3e-3, 10, 0.01, 1, 0.1, patience, 2, MINUTE, seed);
    }

    /** Two fields of four values each; the label is a function of both. */
    private static Examples examples() {
        Examples examples = new Examples(3);
        Random random = new Random(8);
        for (int i = 0; i < 1000; i++) {
            int a = random.nextInt(4);
            int b = random.nextInt(4);
            int label = a == b ? 0 : a > b ? 1 : 2;
            examples.add(new int[] {1, 300 + a, 304 + b, 309}, LABELS[label], label, new long[] {7}, -1, 0, i / 50);
        }
        return examples;
    }
}
