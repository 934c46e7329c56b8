package dev.reflexloop.llm.nano;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reflexloop.TrajectoryReader;
import dev.reflexloop.TrajectoryRecord;
import dev.reflexloop.llm.Bands;
import dev.reflexloop.llm.GgufFixture;
import dev.reflexloop.llm.PromptField;
import dev.reflexloop.llm.PromptLayout;
import dev.reflexloop.llm.gguf.GgufFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Our engine against a real llama-server that loads the same file: equal tokens, and label probabilities within 1e-3 for F32 and 1e-2
 * for Q8_0, over 200 prompts.
 *
 * <p>The committed model is compared on recorded perceptions. System property {@code reflex.parity.model} names another model, and
 * {@code reflex.parity.log} another trajectory log.
 */
final class LlamaServerParityIT {
    private static final int PROMPTS = 200;
    private static final double F32 = 1e-3;
    private static final double Q8_0 = 1e-2;

    @TempDir
    Path folder;

    @BeforeAll
    static void requireServer() {
        assumeTrue(
                LlamaServer.executable().isPresent(),
                "no llama-server is installed: set REFLEX_LLAMA_SERVER to one to compare our engine with it");
    }

    private static PromptLayout layout() {
        return PromptLayout.builder(Games.SCHEMA)
                .text(PromptLayout.GOAL, "win", "survive at all costs")
                .text("place", "Seyda Neen", "caf\u00e9 <town>", "", "none")
                .records(
                        "enemies",
                        3,
                        new PromptField.Numbers("distance", Bands.at(5, 10.5)),
                        new PromptField.Flags("hostile"))
                .flag("gunHot")
                .number("distance", -150, 0, 1e-3, 600)
                .build();
    }

    @Test
    void compare_randomModelInF32_agrees() throws Exception {
        GgufFixture.Shape shape = new GgufFixture.Shape(4, 128, 384, 4, 2, 512, false);
        compareRandom(GgufFixture.model(shape, layout(), GgufFixture.Type.F32, 1), F32);
    }

    @Test
    void compare_randomModelInF16_agrees() throws Exception {
        GgufFixture.Shape shape = new GgufFixture.Shape(2, 96, 256, 3, 3, 512, true);
        compareRandom(GgufFixture.model(shape, layout(), GgufFixture.Type.F16, 2), Q8_0);
    }

    @Test
    void compare_randomModelInQ8_0_agrees() throws Exception {
        GgufFixture.Shape shape = new GgufFixture.Shape(2, 128, 384, 4, 4, 512, true);
        compareRandom(GgufFixture.model(shape, layout(), GgufFixture.Type.Q8_0, 3), Q8_0);
    }

    private void compareRandom(GgufFixture fixture, double tolerance) throws Exception {
        Random random = new Random(5);
        List<String> prompts = new ArrayList<>();
        for (int i = 0; i < PROMPTS; i++) {
            prompts.add(randomPrompt(layout(), random));
        }
        compare(fixture.write(folder.resolve("random.gguf")), layout(), prompts, tolerance);
    }

    @Test
    void compare_committedModel_agreesInF32AndQ8_0() throws Exception {
        Optional<Path> committed = committedModel();
        assumeTrue(committed.isPresent(), "no model is committed under examples, and -Dreflex.parity.model names none");
        Path model = committed.orElseThrow();
        try (GgufFile file = GgufFile.open(model)) {
            PromptLayout layout =
                    PromptLayout.fromJson(file.string("reflex.prompt.layout").orElseThrow());
            List<String> prompts = recordedPrompts(layout);
            boolean exact = file.tensors().stream()
                    .allMatch(tensor -> tensor.type().name().equals("F32"));
            compare(model, layout, prompts, exact ? F32 : Q8_0);
            Path quantized = GgufFixture.copyOf(file, GgufFixture.Type.Q8_0).write(folder.resolve("q8_0.gguf"));
            compare(quantized, layout, prompts, Q8_0);
        }
    }

    private static Optional<Path> committedModel() throws IOException {
        String named = System.getProperty("reflex.parity.model", "");
        if (!named.isEmpty()) {
            return Optional.of(Path.of(named));
        }
        Path resources = Path.of("..", "examples", "robocode", "src", "main", "resources");
        if (!Files.isDirectory(resources)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.walk(resources)) {
            return files.filter(file -> file.toString().endsWith(".gguf"))
                    .sorted()
                    .findFirst();
        }
    }

    /** The prompts of recorded perceptions, spread evenly over the log, and random ones, on which a trained model is less certain. */
    private static List<String> recordedPrompts(PromptLayout layout) {
        Path log = Path.of(System.getProperty(
                "reflex.parity.log",
                Path.of("..", "benchmarks", "data", "games.jsonl").toString()));
        List<String> recorded = new ArrayList<>();
        if (Files.exists(log)) {
            for (TrajectoryRecord each : TrajectoryReader.readAll(log)) {
                if (each instanceof TrajectoryRecord.Decided step) {
                    recorded.add(layout.text(layout.encode(step.perception(), step.goal())));
                }
            }
        }
        List<String> prompts = new ArrayList<>();
        for (int i = 0; i < PROMPTS && recorded.size() >= PROMPTS; i++) {
            prompts.add(recorded.get(i * (recorded.size() - 1) / (PROMPTS - 1)));
        }
        Random random = new Random(6);
        for (int i = 0; i < PROMPTS; i++) {
            prompts.add(randomPrompt(layout, random));
        }
        return prompts;
    }

    /** Any prompt that the layout can form: every field with one of its tokens. */
    private static String randomPrompt(PromptLayout layout, Random random) {
        StringBuilder prompt = new StringBuilder();
        List<String> tokens = layout.tokens();
        int act = layout.index(PromptLayout.ACT);
        int fields = Math.min(act, 12 + random.nextInt(30));
        for (int i = 0; i < fields; i++) {
            prompt.append(tokens.get(random.nextInt(act)));
        }
        return prompt.append(PromptLayout.ACT).toString();
    }

    private static void compare(Path model, PromptLayout layout, List<String> prompts, double tolerance)
            throws Exception {
        double largest = 0;
        try (GgufFile file = GgufFile.open(model);
                LlamaServer server = LlamaServer.start(LlamaServer.executable().orElseThrow(), model)) {
            SpmTokenizer tokenizer = SpmTokenizer.of(file);
            ModelShape shape = ModelShape.of(file, tokenizer.vocabularySize());
            Transformer transformer = new ModelLoader(file, shape, Kernels.best(), 512).load();
            Workspace work = new Workspace(shape);
            KeyValueCache cache = new KeyValueCache(shape);
            int[] labels = layout.actions().stream()
                    .mapToInt(action ->
                            tokenizer.encode(PromptLayout.actionToken(action), false, SpmTokenizer.Specials.ALL)[0])
                    .toArray();
            for (String prompt : prompts) {
                int[] tokens = tokenizer.encode(prompt, true, SpmTokenizer.Specials.ALL);
                assertThat(tokens).as("tokens of %s", prompt).isEqualTo(server.tokenize(prompt));
                int known = Math.min(cache.commonPrefix(tokens, tokens.length), tokens.length - 1);
                assertThat(transformer.evaluate(cache, tokens, known, tokens.length, cache.promptEnd(), work))
                        .isTrue();
                double[] ours = softmax(transformer, cache.promptEnd().state, labels);
                double[] theirs = server.probabilities(prompt, labels);
                for (int i = 0; i < labels.length; i++) {
                    largest = Math.max(largest, Math.abs(ours[i] - theirs[i]));
                }
            }
        }
        System.out.printf(
                "%s: %d prompts, largest difference of a label's probability %.2e%n",
                model.getFileName(), prompts.size(), largest);
        assertThat(largest).isLessThan(tolerance);
    }

    private static double[] softmax(Transformer transformer, float[] state, int[] labels) {
        double[] values = new double[labels.length];
        double sum = 0;
        for (int i = 0; i < labels.length; i++) {
            values[i] = Math.exp(transformer.logit(state, labels[i]));
            sum += values[i];
        }
        for (int i = 0; i < labels.length; i++) {
            values[i] /= sum;
        }
        return values;
    }

    /** Texts that are no prompt of ours: bytes, spaces, control tokens, special tokens inside words. */
    @Test
    void tokenize_anyText_agrees() throws Exception {
        GgufFixture fixture = GgufFixture.model(GgufFixture.Shape.tiny(), layout(), GgufFixture.Type.F32, 4);
        addMerges(fixture);
        Path model = fixture.write(folder.resolve("tokens.gguf"));
        try (GgufFile file = GgufFile.open(model);
                LlamaServer server = LlamaServer.start(LlamaServer.executable().orElseThrow(), model)) {
            SpmTokenizer tokenizer = SpmTokenizer.of(file);
            Random random = new Random(7);
            String[] words = {
                "the",
                "then",
                " ",
                "  ",
                "<act>",
                "<s>",
                "</s>",
                "<unk>",
                "<0x41>",
                "caf\u00e9",
                "\n",
                "\u2581",
                "<place=Seyda Neen>",
                "hen",
                "\ud83d\ude00",
                "thethe",
                "<",
                ">"
            };
            for (int i = 0; i < PROMPTS; i++) {
                StringBuilder text = new StringBuilder();
                for (int word = random.nextInt(8); word >= 0; word--) {
                    text.append(words[random.nextInt(words.length)]);
                }
                assertThat(tokenizer.encode(text.toString(), true, SpmTokenizer.Specials.ALL))
                        .as("tokens of '%s'", text)
                        .isEqualTo(server.tokenize(text.toString()));
            }
        }
    }

    /** Turns the last tokens into normal ones that merge, with a leading space wanted. */
    private static void addMerges(GgufFixture fixture) {
        @SuppressWarnings("unchecked")
        List<String> tokens = (List<String>) fixture.metadata.get("tokenizer.ggml.tokens");
        int[] types = (int[]) fixture.metadata.get("tokenizer.ggml.token_type");
        float[] scores = (float[]) fixture.metadata.get("tokenizer.ggml.scores");
        String[] merges = {"t", "h", "e", "n", "th", "he", "the", "then", "\u2581", "\u2581the", "\u2581\u2581", "en"};
        for (int i = 0; i < merges.length; i++) {
            int id = tokens.size() - merges.length + i;
            tokens.set(id, merges[i]);
            types[id] = 1;
            scores[id] = -((i * 7) % 12) - 1f;
        }
        fixture.metadata.put("tokenizer.ggml.add_space_prefix", true);
    }
}
