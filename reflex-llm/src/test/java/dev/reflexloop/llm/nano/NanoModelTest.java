package dev.reflexloop.llm.nano;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Goal;
import dev.reflexloop.ModelBusyException;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.Target;
import dev.reflexloop.UnusableModelException;
import dev.reflexloop.codex.Codex;
import dev.reflexloop.llm.GgufFixture;
import dev.reflexloop.llm.PromptLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class NanoModelTest {
    @TempDir
    Path folder;

    private Path write(GgufFixture fixture) {
        return fixture.write(folder.resolve("model.gguf"));
    }

    private Path tiny() {
        return write(GgufFixture.model(GgufFixture.Shape.tiny(), Games.LAYOUT, GgufFixture.Type.F32, 1));
    }

    private static NanoModel load(Path path) {
        return NanoModel.builder(path).warmUp(Duration.ZERO).load();
    }

    private static Deadline soon() {
        return Deadline.in(Duration.ofSeconds(20), ReflexClock.system());
    }

    private static Answer ask(NanoModel model, Question question) throws Exception {
        return model.ask(question, soon()).get(20, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @EnumSource(GgufFixture.Type.class)
    void ask_anyStorage_agreesWithTheReference(GgufFixture.Type type) throws Exception {
        GgufFixture.Shape shape = new GgufFixture.Shape(3, 64, 96, 4, 2, 256, type == GgufFixture.Type.F16);
        GgufFixture fixture = GgufFixture.model(shape, Games.LAYOUT, type, 3);
        Random random = new Random(4);
        // With 8-bit weights activations are rounded to 8 bits too, which the reference does not do.
        Offset<Double> within = offset(type == GgufFixture.Type.Q8_0 ? 0.03 : 2e-5);
        try (NanoModel model = NanoModel.builder(write(fixture))
                .schema(Games.SCHEMA)
                .warmUp(Duration.ZERO)
                .load()) {
            ReferenceModel reference = new ReferenceModel(fixture, shape);
            for (int i = 0; i < 40; i++) {
                Question question = Games.question("bot" + i % 3, random);
                Answer answer = ask(model, question);
                double[] logits = reference.logits(tokens(answer.prompt().orElseThrow()));
                assertSoftmax(logits, question.legal(), answer, within);
                assertTargets(reference, answer, question, within);
            }
        }
    }

    private static int[] tokens(String prompt) {
        List<Integer> ids = new ArrayList<>(List.of(1));
        for (int from = 0; from < prompt.length(); ) {
            int end = prompt.indexOf('>', from) + 1;
            ids.add(259 + Games.LAYOUT.index(prompt.substring(from, end)));
            from = end;
        }
        return ids.stream().mapToInt(id -> id).toArray();
    }

    private static int id(String token) {
        return 259 + Games.LAYOUT.index(token);
    }

    private static void assertSoftmax(double[] logits, List<Action> legal, Answer answer, Offset<Double> within) {
        double all = 0;
        for (double logit : logits) {
            all += Math.exp(logit);
        }
        double sum = 0;
        for (Action action : legal) {
            sum += Math.exp(logits[id(PromptLayout.actionToken(action.name()))]);
        }
        assertThat(answer.probabilities()).hasSize(legal.size());
        for (Action action : legal) {
            assertThat(answer.probabilities().get(action.name()))
                    .isCloseTo(Math.exp(logits[id(PromptLayout.actionToken(action.name()))]) / sum, within);
        }
        assertThat(answer.legalMass().orElseThrow()).isCloseTo(sum / all, within);
    }

    private static void assertTargets(
            ReferenceModel reference, Answer answer, Question question, Offset<Double> within) {
        String best = best(answer.probabilities());
        List<Target> offered = question.targets().getOrDefault(best, List.of());
        if (offered.isEmpty()) {
            assertThat(answer.targets()).isEmpty();
            return;
        }
        double[] logits = reference.logits(tokens(answer.prompt().orElseThrow() + PromptLayout.actionToken(best)));
        double sum = 0;
        for (int i = 0; i < offered.size(); i++) {
            sum += Math.exp(logits[id(PromptLayout.targetToken(i))]);
        }
        for (int i = 0; i < offered.size(); i++) {
            assertThat(answer.targets().get(best).get(offered.get(i).id()))
                    .isCloseTo(Math.exp(logits[id(PromptLayout.targetToken(i))]) / sum, within);
        }
    }

    private static String best(Map<String, Double> probabilities) {
        return probabilities.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
    }

    @Test
    void ask_withPrefixCache_answersLikeWithout() throws Exception {
        Path path = tiny();
        Random random = new Random(9);
        try (NanoModel warm = NanoModel.builder(path)
                        .contexts(3)
                        .warmUp(Duration.ZERO)
                        .load();
                NanoModel cold = NanoModel.builder(path)
                        .contexts(1)
                        .warmUp(Duration.ZERO)
                        .load()) {
            for (int i = 0; i < 60; i++) {
                Question question = Games.question("bot" + random.nextInt(5), random);
                Answer cached = ask(warm, question);
                // The other model's only context is spoilt by a prompt that shares nothing but the beginning.
                ask(
                        cold,
                        new Question(
                                Perception.builder("spoiler", 1).build(),
                                Goal.of("x"),
                                Games.SCHEMA,
                                question.legal()));
                Answer plain = ask(cold, question);
                for (Action action : question.legal()) {
                    assertThat(cached.probabilities().get(action.name()))
                            .isCloseTo(plain.probabilities().get(action.name()), offset(1e-5));
                }
                assertThat(plain.timings().cachedTokens()).isEqualTo(1);
            }
        }
    }

    @Test
    void settings_ofAFile_areItsDigestAndPrompt() throws Exception {
        Path path = tiny();
        String digest = Codex.hashOf(path);
        try (NanoModel model = load(path)) {
            assertThat(model.settings())
                    .isEqualTo(digest + ", prompt: " + model.renderer().settings());
        }
    }

    /** A trainer writes a new model over the one that decides; the record has to name the one that decides. */
    @Test
    void settings_ofAFileThatWasReplacedOrDeleted_areOfTheOneThatWasLoaded() throws Exception {
        Path path = tiny();
        String digest = Codex.hashOf(path);
        try (NanoModel model = load(path)) {
            Files.move(Files.writeString(path.resolveSibling("next"), "x"), path, StandardCopyOption.REPLACE_EXISTING);
            assertThat(model.settings()).startsWith(digest);
            Files.delete(path);
            assertThat(model.settings()).startsWith(digest);
        }
    }

    @Test
    void ask_samePromptAgain_evaluatesNothing() throws Exception {
        try (NanoModel model = load(tiny())) {
            Question question = Games.question("bot", new Random(2));
            Answer first = ask(model, question);
            Answer again = ask(model, question);

            assertThat(first.timings().cachedTokens()).isZero();
            assertThat(again.timings().evaluatedTokens()).isZero();
            assertThat(again.probabilities()).isEqualTo(first.probabilities());
            assertThat(again.targets()).isEqualTo(first.targets());
            assertThat(again.model()).isEqualTo("model");
        }
    }

    @Test
    void ask_lastFactChanged_evaluatesOnlyWhatIsBehindIt() throws Exception {
        try (NanoModel model = load(tiny())) {
            Perception.Builder near =
                    Perception.builder("bot", 1).fact("gunHot", true).fact("bearing", 10.0);
            Perception.Builder far =
                    Perception.builder("bot", 2).fact("gunHot", true).fact("bearing", 60.0);
            Answer first = ask(model, new Question(near.build(), Goal.none(), Games.SCHEMA, Games.SCHEMA.actions()));
            Answer second = ask(model, new Question(far.build(), Goal.none(), Games.SCHEMA, Games.SCHEMA.actions()));

            assertThat(second.timings().evaluatedTokens()).isEqualTo(2);
            assertThat(second.timings().cachedTokens() + 2)
                    .isEqualTo(first.timings().evaluatedTokens());
        }
    }

    @Test
    void ask_promptsLongerThanABatch_agreeWithTheReference() throws Exception {
        GgufFixture.Shape shape = new GgufFixture.Shape(2, 32, 64, 4, 4, 1024, true);
        PromptLayout.Builder builder = PromptLayout.builder(Games.SCHEMA);
        for (int i = 0; i < 150; i++) {
            builder.flag("f" + i);
        }
        GgufFixture fixture = GgufFixture.model(shape, builder.build(), GgufFixture.Type.F32, 8);
        PromptLayout layout = builder.build();
        Random random = new Random(3);
        try (NanoModel model = load(write(fixture))) {
            ReferenceModel reference = new ReferenceModel(fixture, shape);
            for (int round = 0; round < 3; round++) {
                Perception.Builder perception = Perception.builder("bot", round);
                for (int i = 0; i < 150; i++) {
                    perception.fact("f" + i, i < 40 || random.nextBoolean());
                }
                Perception seen = perception.build();
                Answer answer = ask(model, new Question(seen, Goal.none(), Games.SCHEMA, Games.SCHEMA.actions()));
                int[] indexes = layout.encode(seen, Goal.none());
                int[] tokens = new int[indexes.length + 1];
                tokens[0] = 1;
                for (int i = 0; i < indexes.length; i++) {
                    tokens[i + 1] = 259 + indexes[i];
                }
                double[] logits = reference.logits(tokens);
                double sum = 0;
                for (Action action : Games.SCHEMA.actions()) {
                    sum += Math.exp(logits[259 + layout.index(PromptLayout.actionToken(action.name()))]);
                }
                for (Action action : Games.SCHEMA.actions()) {
                    assertThat(answer.probabilities().get(action.name()))
                            .isCloseTo(
                                    Math.exp(logits[259 + layout.index(PromptLayout.actionToken(action.name()))]) / sum,
                                    offset(2e-5));
                }
            }
        }
    }

    @Test
    void ask_manyThreadsAtOnce_answersLikeOneAfterTheOther() throws Exception {
        Path path = tiny();
        List<Question> questions = new ArrayList<>();
        Random random = new Random(12);
        for (int i = 0; i < 400; i++) {
            questions.add(Games.question("bot" + random.nextInt(6), random));
        }
        List<Answer> expected = new ArrayList<>();
        try (NanoModel model = load(path)) {
            for (Question question : questions) {
                expected.add(ask(model, question));
            }
        }
        try (NanoModel model = NanoModel.builder(path)
                .threads(8)
                .contexts(8)
                .queue(1_000)
                .warmUp(Duration.ZERO)
                .load()) {
            List<CompletableFuture<Answer>> answers = questions.stream()
                    .map(question -> model.ask(question, soon()))
                    .toList();
            for (int i = 0; i < questions.size(); i++) {
                Answer answer = answers.get(i).get(20, TimeUnit.SECONDS);
                Answer single = expected.get(i);
                single.probabilities()
                        .forEach((action, probability) ->
                                assertThat(answer.probabilities().get(action)).isCloseTo(probability, offset(1e-5)));
                assertThat(answer.prompt()).isEqualTo(single.prompt());
            }
        }
    }

    @Test
    void ask_deadlineHasPassed_isNotBegun() throws Exception {
        try (NanoModel model = load(tiny())) {
            CompletableFuture<Answer> answer =
                    model.ask(Games.question("bot", new Random(1)), Deadline.in(Duration.ZERO, ReflexClock.system()));

            assertThatThrownBy(() -> answer.get(20, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOf(ModelBusyException.class)
                    .hasMessageContaining("deadline");
        }
    }

    @Test
    void ask_queueIsFull_failsAsBusyAndCancelledOnesMakeRoom() throws Exception {
        Path path = write(GgufFixture.model(
                new GgufFixture.Shape(6, 256, 1024, 4, 4, 256, true), Games.LAYOUT, GgufFixture.Type.F32, 1));
        try (NanoModel model =
                NanoModel.builder(path).queue(4).warmUp(Duration.ZERO).load()) {
            List<CompletableFuture<Answer>> calls = new ArrayList<>();
            Random random = new Random(1);
            for (int i = 0; i < 40; i++) {
                calls.add(model.ask(Games.question("bot" + i, random), soon()));
            }
            assertThat(calls)
                    .anySatisfy(call -> assertThatThrownBy(() -> call.get(20, TimeUnit.SECONDS))
                            .cause()
                            .isInstanceOf(ModelBusyException.class));
            calls.forEach(call -> call.cancel(true));
            assertThat(ask(model, Games.question("bot", random)).probabilities())
                    .isNotEmpty();
        }
    }

    @Test
    void close_withQuestionsWaiting_failsThemAndEndsTheThreads() {
        NanoModel model = NanoModel.builder(tiny())
                .id("closing")
                .threads(3)
                .warmUp(Duration.ZERO)
                .load();
        List<CompletableFuture<Answer>> calls = new ArrayList<>();
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            calls.add(model.ask(Games.question("bot" + i, random), soon()));
        }
        model.close();
        model.close();

        assertThat(calls).allMatch(CompletableFuture::isDone);
        assertThatThrownBy(
                        () -> model.ask(Games.question("bot", random), soon()).get(20, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(ModelUnavailableException.class);
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().contains("nano-closing"));
    }

    @Test
    void ask_promptLongerThanTheContext_failsWithTheReason() throws Exception {
        Path path = write(GgufFixture.model(
                new GgufFixture.Shape(1, 32, 64, 4, 2, 8, true), Games.LAYOUT, GgufFixture.Type.F32, 1));
        try (NanoModel model = load(path)) {
            assertThatThrownBy(() -> ask(model, Games.question("bot", new Random(1))))
                    .hasRootCauseInstanceOf(ModelUnavailableException.class)
                    .hasMessageContaining("tokens");
        }
    }

    @Test
    void load_schemaWithAnUnknownAction_isRefused() throws Exception {
        ActionSchema other =
                ActionSchema.builder("arena").action("fly", "").idle("fly").build();
        Path path = tiny();

        assertThatThrownBy(() -> NanoModel.builder(path)
                        .schema(other)
                        .warmUp(Duration.ZERO)
                        .load())
                .isInstanceOf(UnusableModelException.class)
                .hasMessageContaining("'fly'")
                .hasMessageContaining("train it");
        try (NanoModel model = load(path)) {
            assertThatThrownBy(() -> ask(
                            model,
                            Question.about(other, Perception.builder("bot", 1).build())))
                    .hasRootCauseInstanceOf(UnusableModelException.class);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "general.architecture|gpt2|runs 'llama'",
                "tokenizer.ggml.model|gpt2|tokenizer is 'gpt2'",
                "reflex.prompt.format|fused-7|newer version",
                "reflex.prompt.layout|{}|layout is broken",
                "llama.rope.scaling.type|yarn|without RoPE scaling"
            })
    void load_textOfAnotherKind_isRefusedWithARemedy(String key, String value, String message) {
        GgufFixture fixture = GgufFixture.model(GgufFixture.Shape.tiny(), Games.LAYOUT, GgufFixture.Type.F32, 1);
        fixture.metadata.put(key, value);
        fixture.metadata.put("llama.rope.scaling.factor", 4f);

        assertThatThrownBy(() -> load(write(fixture)))
                .isInstanceOf(UnusableModelException.class)
                .hasMessageContaining(message)
                .hasMessageContaining("model.gguf");
    }

    @Test
    void load_tensorsThatAreMissingUnknownOrOfAnotherShape_isRefused() {
        GgufFixture missing = GgufFixture.model(GgufFixture.Shape.tiny(), Games.LAYOUT, GgufFixture.Type.F32, 1);
        missing.tensors.remove("blk.1.ffn_up.weight");
        assertThatThrownBy(() -> load(write(missing))).hasMessageContaining("'blk.1.ffn_up.weight' is missing");

        GgufFixture unknown = GgufFixture.model(GgufFixture.Shape.tiny(), Games.LAYOUT, GgufFixture.Type.F32, 1);
        unknown.tensors.put("blk.0.attn_q.bias", unknown.tensors.get("blk.0.attn_norm.weight"));
        assertThatThrownBy(() -> load(write(unknown))).hasMessageContaining("'blk.0.attn_q.bias'");

        GgufFixture shape = GgufFixture.model(GgufFixture.Shape.tiny(), Games.LAYOUT, GgufFixture.Type.F32, 1);
        shape.metadata.put("llama.feed_forward_length", 65);
        assertThatThrownBy(() -> load(write(shape))).hasMessageContaining("wants 32x65");
    }

    @Test
    void load_layoutWhoseTokensAreNotInTheVocabulary_isRefused() {
        GgufFixture fixture = GgufFixture.model(GgufFixture.Shape.tiny(), Games.LAYOUT, GgufFixture.Type.F32, 1);
        fixture.metadata.put(
                "reflex.prompt.layout",
                PromptLayout.builder("arena", List.of("fly")).build().toJson());

        assertThatThrownBy(() -> load(write(fixture)))
                .isInstanceOf(UnusableModelException.class)
                .hasMessageContaining("'<do=fly>'")
                .hasMessageContaining("instead of one user-defined token");
    }
}
