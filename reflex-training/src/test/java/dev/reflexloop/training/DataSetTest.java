package dev.reflexloop.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflexloop.llm.PromptField;
import dev.reflexloop.llm.PromptLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From logs to layout and examples. */
class DataSetTest {

    private static final LayoutLearner.Options OPTIONS = new LayoutLearner.Options(20, 32, 2, Set.of(), Map.of());

    @TempDir
    Path folder;

    @Test
    void read_rulePlay_learnsKindsThresholdsAndOrder() {
        DataSet data = read(RulePlay.write(folder.resolve("play.jsonl"), 12, 500, 1, false), OPTIONS);
        PromptLayout layout = data.layout();

        assertThat(layout.schema()).isEqualTo("tactics");
        assertThat(layout.actions()).isEqualTo(RulePlay.ACTIONS);
        assertThat(layout.fields().stream().map(PromptField::name))
                .startsWith("arena")
                .containsExactlyInAnyOrder(
                        "arena", "hit", "energy", "enemyEnergy", "distance", "wall", "speed", "enemies")
                .endsWith("enemies");
        assertThat(edges(layout, "energy")).contains(20.0);
        assertThat(edges(layout, "wall")).contains(60.0);
        assertThat(layout.fields())
                .anySatisfy(field -> assertThat(field).isInstanceOfSatisfying(PromptField.Records.class, records -> {
                    assertThat(records.slots()).isEqualTo(2);
                    assertThat(records.fields().stream().map(PromptField::name)).containsExactly("far", "weak");
                }));
        assertThat(data.examples().count()).isEqualTo(6000);
        assertThat(data.episodes()).isEqualTo(12);
        assertThat(data.notices()).anySatisfy(notice -> assertThat(notice).contains("'version' is left out"));
    }

    @Test
    void read_declaredEdgesAndIgnoredFacts_areHeeded() {
        Path log = RulePlay.write(folder.resolve("play.jsonl"), 10, 100, 1, false);
        LayoutLearner.Options options = new LayoutLearner.Options(
                5,
                32,
                2,
                Set.of("speed", "enemies.weak"),
                Map.of("distance", new double[] {123.5}, "enemies.far", new double[] {77}, "altitude", new double[] {1
                }));

        DataSet data = read(log, options);

        assertThat(edges(data.layout(), "distance")).contains(123.5).hasSize(5);
        assertThat(data.layout().fields().stream().map(PromptField::name)).doesNotContain("speed");
        assertThat(data.layout().toJson()).contains("77.0").doesNotContain("weak");
        assertThat(data.notices()).anySatisfy(notice -> assertThat(notice).contains("altitude"));
    }

    @Test
    void read_examples_areThePromptsOfTheLayout() {
        DataSet data = read(RulePlay.write(folder.resolve("play.jsonl"), 10, 50, 1, false), OPTIONS);
        Examples examples = data.examples();

        for (int i = 0; i < examples.count(); i++) {
            int[] tokens = new int[examples.length(i)];
            examples.copyTokens(i, tokens, 0);
            assertThat(tokens).startsWith(DataSet.BEGIN);
            assertThat(java.util.Arrays.stream(tokens)).allMatch(token -> token < data.vocabulary());
            assertThat(data.layout().tokens().get(tokens[tokens.length - 1] - DataSet.FIRST_FUSED))
                    .isEqualTo(PromptLayout.ACT);
            assertThat(examples.legal(i, examples.label(i))).isTrue();
        }
        assertThat(data.layout().tokens().get(data.labelTokens()[3] - DataSet.FIRST_FUSED))
                .isEqualTo("<do=ram>");
    }

    @Test
    void read_exploringPlay_takesTheTeacherWhereAsked() {
        Path log = RulePlay.write(folder.resolve("play.jsonl"), 10, 400, 1, true);
        int[] byTeacher = labels(DataSet.read(TrainingLogs.of(List.of(log)), OPTIONS, LabelSource.TEACHER));
        int[] byAction = labels(DataSet.read(TrainingLogs.of(List.of(log)), OPTIONS, LabelSource.ACTION));

        assertThat(byTeacher[RulePlay.ACTIONS.indexOf("ram")]).isLessThan(200);
        assertThat(byAction[RulePlay.ACTIONS.indexOf("ram")]).isBetween(400, 600);
    }

    @Test
    void read_teacherAskedOfLogsWithoutOne_saysThatTheServedActionWasTaken() {
        Path log = RulePlay.write(folder.resolve("play.jsonl"), 10, 30, 1, false);

        assertThat(DataSet.read(TrainingLogs.of(List.of(log)), OPTIONS, LabelSource.TEACHER)
                        .notices())
                .anySatisfy(notice -> assertThat(notice).contains("300 steps name no teacher"));
    }

    @Test
    void read_fewSessions_splitsThemIntoRuns() {
        DataSet data = read(RulePlay.write(folder.resolve("play.jsonl"), 1, 1000, 1, false), OPTIONS);

        assertThat(data.episodes()).isEqualTo(50);
        assertThat(data.notices()).anySatisfy(notice -> assertThat(notice).contains("few sessions"));
    }

    @Test
    void read_damagedLinesAndTornEnd_keepsTheRestAndSaysSo() throws IOException {
        Path log = RulePlay.write(folder.resolve("a/play.jsonl"), 10, 30, 1, false);
        List<String> lines = Files.readAllLines(log);
        lines.set(5, "{\"type\":\"step\", broken");
        lines.set(9, "\u0000\u0001");
        Files.write(log, lines);
        Files.writeString(log, "{\"type\":\"step\",\"id\":\"torn", StandardOpenOption.APPEND);

        DataSet data = read(folder.resolve("a"), OPTIONS);

        assertThat(data.examples().count()).isEqualTo(298);
        assertThat(data.notices()).anySatisfy(notice -> assertThat(notice).contains("2 lines"));
        assertThat(data.notices()).anySatisfy(notice -> assertThat(notice).contains("torn"));
    }

    @Test
    void read_nothingUsable_saysWhatIsMissing() throws IOException {
        Path empty = Files.writeString(folder.resolve("empty.jsonl"), "");
        Path noise = Files.writeString(folder.resolve("noise.jsonl"), "not a log\nat all\n");
        Path nothing = Files.createDirectory(folder.resolve("nothing"));

        assertUnusable(empty, "no step");
        assertUnusable(noise, "2 lines could not be read");
        assertUnusable(nothing, "no .jsonl file");
        assertUnusable(folder.resolve("absent.jsonl"), "does not exist");
    }

    @Test
    void read_oneLegalActionOnly_saysThatNothingCanBeLearned() throws IOException {
        Path log = RulePlay.write(folder.resolve("play.jsonl"), 1, 20, 1, false);
        String forced = Files.readString(log).replaceAll("\"legal\":\\[[^]]*]", "\"legal\":[\"strafe\"]");
        Files.writeString(log, forced);

        assertUnusable(log, "one legal action only");
    }

    @Test
    void read_twoSchemasOrVersions_areRefused() throws IOException {
        Path log = RulePlay.write(folder.resolve("one.jsonl"), 1, 20, 1, false);
        String text = Files.readString(log);
        Files.writeString(folder.resolve("two.jsonl"), text.replace("\"tactics\"", "\"economy\""));
        assertUnusable(folder, "one schema at a time");

        Files.writeString(folder.resolve("two.jsonl"), text.replace("{\"name\":\"ram\"", "{\"name\":\"hug\""));
        assertUnusable(folder, "one version of the schema");

        Files.writeString(folder.resolve("two.jsonl"), text.replace("\"version\":1", "\"version\":7"));
        assertUnusable(folder, "version 7");
    }

    @Test
    void read_noFactEverChanges_saysSo() throws IOException {
        Path log = RulePlay.write(folder.resolve("play.jsonl"), 1, 20, 1, false);
        Files.writeString(
                log,
                Files.readString(log).replaceAll("\"facts\":\\{.*?\\},\"urgency", "\"facts\":{\"x\":1},\"urgency"));

        assertUnusable(log, "No fact");
    }

    private void assertUnusable(Path log, String reason) {
        assertThatThrownBy(() -> read(log, OPTIONS))
                .isInstanceOfSatisfying(
                        TrainingException.class,
                        failure -> assertThat(failure.reason()).isEqualTo(TrainingException.Reason.UNUSABLE_DATA))
                .hasMessageContaining(reason);
    }

    private static DataSet read(Path log, LayoutLearner.Options options) {
        return DataSet.read(TrainingLogs.of(List.of(log)), options, LabelSource.ACTION);
    }

    private static int[] labels(DataSet data) {
        int[] counts = new int[data.layout().actions().size()];
        for (int i = 0; i < data.examples().count(); i++) {
            counts[data.examples().label(i)]++;
        }
        return counts;
    }

    private static Set<Double> edges(PromptLayout layout, String name) {
        for (PromptField field : layout.fields()) {
            if (field instanceof PromptField.Numbers numbers && numbers.name().equals(name)) {
                return new HashSet<>(numbers.bands().edges());
            }
        }
        throw new AssertionError("no number " + name + " in " + layout.fields());
    }
}
