package dev.reflexloop.console.review;

import static dev.reflexloop.console.decisions.LogSamples.append;
import static dev.reflexloop.console.decisions.LogSamples.outcome;
import static dev.reflexloop.console.decisions.LogSamples.step;
import static dev.reflexloop.console.decisions.LogSamples.tick;
import static dev.reflexloop.console.decisions.LogSamples.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflexloop.ReflexThreads;
import dev.reflexloop.Served;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReviewTest {
    private static final String TICK = "20261121T194827Z-2aef1ea9-";

    @TempDir
    Path folder;

    private Path log;
    private Path labels;

    /** Doubt: s-2 most, then s-3, then s-1; s-4 was not the model's, s-5 was from the cache and certain. */
    @BeforeEach
    void play() {
        log = write(folder.resolve("play.jsonl"), to -> {
            to.step(step("s", 1, "bot", Served.MODEL, 0.95));
            to.step(step("s", 2, "bot", Served.MODEL, 0.5));
            to.step(step("s", 3, "bot", Served.MODEL, 0.2));
            to.step(step("s", 4, "bot", Served.FALLBACK, 0.5));
            to.step(step("s", 5, "bot", Served.CACHE, 1));
            to.outcome(outcome("s-2", "chosen"));
        });
        labels = folder.resolve("play.jsonl.labels.jsonl");
    }

    private Review open() {
        return Review.open(List.of(folder));
    }

    private static List<String> all(Review review) {
        List<String> ids = new ArrayList<>();
        while (review.next().isPresent()) {
            String id = review.next().orElseThrow().id();
            review.label(id, Label.SKIP, "test");
            ids.add(id);
        }
        return ids;
    }

    @Test
    void next_ofSteps_isTheMostUncertainOfTheModelsOwn() {
        assertThat(all(open())).containsExactly("s-2", "s-3", "s-1", "s-5");
    }

    @Test
    void next_ofAModelsStepWithoutProbabilities_comesLast() throws IOException {
        String line = Files.readAllLines(log).get(1).replace("s-1", "s-0");
        append(log, line.replaceAll("\"probabilities\":\\{[^}]*}", "\"probabilities\":{}") + "\n");
        assertThat(all(open())).endsWith("s-5", "s-0");
    }

    @Test
    void label_given_isInTheFileBesideAndTheLogIsAsItWas() throws IOException {
        byte[] before = Files.readAllBytes(log);
        Review review = open();
        assertThat(review.progress()).isEqualTo(new Progress(4, 0, 0, 0, 4));
        review.label("s-2", Label.CHOSEN, "me");
        review.label("s-3", Label.REJECTED, "me");
        review.label("s-1", Label.SKIP, "me");
        assertThat(review.progress()).isEqualTo(new Progress(4, 1, 1, 1, 1));
        List<String> lines = Files.readAllLines(labels);
        assertThat(lines).hasSize(4);
        assertThat(lines.get(0)).isEqualTo("{\"type\":\"header\",\"version\":1,\"log\":\"play.jsonl\"}");
        assertThat(lines.get(1))
                .startsWith("{\"type\":\"label\",\"id\":\"s-2\",\"label\":\"chosen\",\"by\":\"me\",\"at\":\"20");
        assertThat(Files.readAllBytes(log)).isEqualTo(before);
    }

    @Test
    void open_again_goesOnWhereItWas() {
        open().label("s-2", Label.REJECTED, "me");
        Review again = open();
        assertThat(again.labelOf("s-2")).contains(Label.REJECTED);
        assertThat(again.progress()).isEqualTo(new Progress(4, 0, 1, 0, 3));
        assertThat(again.next().orElseThrow().id()).isEqualTo("s-3");
        assertThat(again.undo()).contains("s-2");
        assertThat(again.undo()).isEmpty();
        assertThat(open().labelOf("s-2")).isEmpty();
    }

    @Test
    void undo_ofASecondLabel_bringsTheFirstBack() {
        Review review = open();
        review.label("s-2", Label.CHOSEN, "me");
        review.label("s-3", Label.CHOSEN, "me");
        review.label("s-2", Label.REJECTED, "me");
        assertThat(review.undo()).contains("s-2");
        assertThat(review.labelOf("s-2")).contains(Label.CHOSEN);
        assertThat(review.undo()).contains("s-3");
        assertThat(review.undo()).contains("s-2");
        assertThat(review.undo()).isEmpty();
        assertThat(review.progress().left()).isEqualTo(4);
    }

    @Test
    void undo_beforeAnyLabelOfItsOwn_leavesWhatOthersGaveMeanwhile() {
        Review one = open();
        Review other = open();
        other.label("s-2", Label.CHOSEN, "other");
        one.refresh();
        assertThat(one.labelOf("s-2")).contains(Label.CHOSEN);
        assertThat(one.undo()).isEmpty();
        assertThat(other.undo()).contains("s-2");
        one.refresh();
        assertThat(one.labelOf("s-2")).isEmpty();
    }

    @Test
    void outcomeByTheGame_isNoLabelByAPerson() {
        assertThat(open().labelOf("s-2")).isEmpty();
    }

    @Test
    void ticks_areReviewedAlike() throws IOException {
        Path ticks = append(
                folder.resolve("ticks_20261121.jsonl"),
                tick(1, 0.5, "") + tick(2, -1, "") + tick(3, 0.6, "rejected") + tick(4, 0.9, ""));
        Review review = Review.open(List.of(ticks));
        assertThat(review.progress()).isEqualTo(new Progress(3, 0, 1, 0, 2));
        assertThat(review.labelOf(TICK + 3)).contains(Label.REJECTED);
        assertThat(review.next().orElseThrow().id()).isEqualTo(TICK + 1);
        review.label(TICK + 3, Label.CHOSEN, "me");
        assertThat(review.labelOf(TICK + 3)).contains(Label.CHOSEN);
        assertThat(Files.readString(folder.resolve("ticks_20261121.jsonl.labels.jsonl")))
                .contains(TICK + 3);
    }

    @Test
    void labels_afterTheLogWasRotated_stillCount() throws IOException {
        Review review = open();
        review.label("s-2", Label.CHOSEN, "me");
        Files.move(log, folder.resolve("play.1.jsonl"));
        write(log, to -> to.step(step("s", 6, "bot", Served.MODEL, 0.5)));
        review.refresh();
        assertThat(review.labelOf("s-2")).contains(Label.CHOSEN);
        review.label("s-3", Label.REJECTED, "me");
        review.label("s-6", Label.REJECTED, "me");
        assertThat(Files.readAllLines(labels)).hasSize(4);
        assertThat(Review.open(List.of(log)).progress()).isEqualTo(new Progress(5, 1, 2, 0, 2));
    }

    @Test
    void label_afterATornLine_standsOnALineOfItsOwn() throws IOException {
        open().label("s-2", Label.CHOSEN, "me");
        append(labels, "{\"type\":\"label\",\"id\":\"s-3\",\"lab");
        Review review = open();
        assertThat(review.labelOf("s-3")).isEmpty();
        review.label("s-1", Label.REJECTED, "me");
        assertThat(review.labelOf("s-1")).contains(Label.REJECTED);
        assertThat(open().progress()).isEqualTo(new Progress(4, 1, 1, 0, 2));
    }

    @Test
    void label_ofAnUnknownDecision_isRefused() {
        Review review = open();
        assertThatThrownBy(() -> review.label("nobody", Label.CHOSEN, "me"))
                .isInstanceOf(ReviewException.class)
                .hasMessageContaining("'nobody' is in none of the logs");
        assertThat(labels).doesNotExist();
    }

    @Test
    void label_thatCannotBeWritten_isNotCounted() throws IOException {
        Path elsewhere = Files.writeString(folder.resolve("precious"), "");
        Files.createSymbolicLink(labels, elsewhere);
        Review review = open();
        assertThatThrownBy(() -> review.label("s-2", Label.CHOSEN, "me"))
                .isInstanceOf(ReviewException.class)
                .hasMessageContaining("could not be written");
        assertThat(review.labelOf("s-2")).isEmpty();
        assertThat(review.undo()).isEmpty();
        assertThat(elsewhere).isEmptyFile();
    }

    @Test
    void labels_takenAwayMeanwhile_areGone() throws IOException {
        Review review = open();
        review.label("s-2", Label.CHOSEN, "me");
        Files.delete(labels);
        review.refresh();
        assertThat(review.labelOf("s-2")).isEmpty();
        review.label("s-3", Label.CHOSEN, "me");
        assertThat(open().progress().chosen()).isEqualTo(1);
    }

    @Test
    void label_byManyAtOnce_losesNone() throws Exception {
        Path many = write(folder.resolve("many.jsonl"), to -> {
            for (int i = 1; i <= 200; i++) {
                to.step(step("m", i, "bot", Served.MODEL, 0.5));
            }
        });
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            int first = t;
            Review own = Review.open(List.of(many));
            threads.add(ReflexThreads.create("reviewer-" + t, () -> {
                for (int i = 1 + first; i <= 200; i += 4) {
                    own.label("m-" + i, i % 2 == 0 ? Label.CHOSEN : Label.REJECTED, "reviewer");
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(Review.open(List.of(many)).progress()).isEqualTo(new Progress(200, 100, 100, 0, 0));
    }

    /** Whatever is in a labels file, a review works, and what it labels is there afterwards. */
    @Test
    void open_ofDamagedLabels_worksAndKeepsWhatIsLabelled() throws IOException {
        Review first = open();
        for (int i = 0; i < 10; i++) {
            first.label("s-" + (1 + i % 3), Label.values()[i % 3], "me");
        }
        first.undo();
        byte[] good = Files.readAllBytes(labels);
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            byte[] bytes = Arrays.copyOf(good, random.nextInt(good.length));
            for (int hits = bytes.length == 0 ? 0 : random.nextInt(20); hits > 0; hits--) {
                bytes[random.nextInt(bytes.length)] = (byte)
                        (random.nextBoolean() ? random.nextInt(256) : "\n\"{}[]:,\\0".charAt(random.nextInt(10)));
            }
            Files.write(labels, bytes);
            Review review = open();
            Progress progress = review.progress();
            assertThat(progress.chosen() + progress.rejected() + progress.skipped() + progress.left())
                    .isEqualTo(progress.total())
                    .isEqualTo(4);
            review.label("s-5", Label.CHOSEN, "me");
            assertThat(open().labelOf("s-5")).as("seed %s", seed).contains(Label.CHOSEN);
            assertThat(review.undo()).contains("s-5");
        }
    }

    @Test
    void by_hostileAndLong_isClippedAndOneLine() throws IOException {
        open().label("s-2", Label.CHOSEN, "\n{\"type\":\"undo\",\"id\":\"s-2\"}\n" + "x".repeat(10_000));
        assertThat(Files.readAllLines(labels, StandardCharsets.UTF_8)).hasSize(2);
        assertThat(Files.size(labels)).isLessThan(1_000);
        assertThat(open().labelOf("s-2")).contains(Label.CHOSEN);
    }
}
