package dev.reflexloop.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingRegistry;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.GptBytePairEncodingParams;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.llm.PlainRenderer;
import dev.reflexloop.llm.gguf.GgufWriter.TensorType;
import dev.reflexloop.llm.server.LlamaServer;
import dev.reflexloop.llm.server.LlamaServerModel;
import dev.reflexloop.llm.server.SystemOneModel;
import dev.reflexloop.testkit.ReflexModelContractTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The generated model in the shape of SmolLM2-135M behind a real llama-server: its tokens, and our models on it. */
final class GeneratedModelIT {
    private static final int SMOL_CONTROLS = 17;
    private static final int SMOL_SIZE = 49_152;
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** How SmolLM2 cuts a text into words: as GPT-2 does, and every digit is one. */
    private static final Pattern SMOL_WORDS = Pattern.compile(
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
            Pattern.UNICODE_CHARACTER_CLASS);

    private static @Nullable LlamaServer server;

    @BeforeAll
    static void start() {
        assumeServer();
        server = LlamaServer.builder(WireBenchmark.stamped(SyntheticModel.smol135M(TensorType.Q8_0)))
                .slots(4)
                .threads(1)
                .startWithin(PATIENCE)
                .withoutApiKey()
                .start();
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    static void assumeServer() {
        String named = System.getenv("REFLEX_LLAMA_SERVER");
        Path usual = Path.of(System.getProperty("user.home"), ".cache", "reflex", "llama", "bin", "llama-server");
        assumeTrue(
                Files.isExecutable(named == null || named.isBlank() ? usual : Path.of(named)),
                "no llama-server is installed: set REFLEX_LLAMA_SERVER to one to have models generated and served");
    }

    private static LlamaServer server() {
        return Objects.requireNonNull(server, "server");
    }

    private static String text() {
        Question question = new WireGame("nerevar").question(7);
        return PlainRenderer.builder().build().render(question) + "\nYou're at the door; it's raining (12.5 m)!\n"
                + WireGame.asGiven(question, "\n");
    }

    @Test
    void tokenize_ofTheShapeOfSmolLm_isWhatTheRanksGive() {
        Map<byte[], Integer> ranks = new IdentityHashMap<>();
        List<byte[]> tokens = BytePairs.read("r50k_base", SMOL_SIZE - SMOL_CONTROLS);
        for (int rank = 0; rank < tokens.size(); rank++) {
            ranks.put(tokens.get(rank), rank);
        }
        EncodingRegistry encodings = Encodings.newLazyEncodingRegistry();
        encodings.registerGptBytePairEncoding(new GptBytePairEncodingParams("smol", SMOL_WORDS, ranks, Map.of()));

        assertThat(new LlamaApi(server().endpoint().toString()).tokens(text()))
                .hasSizeGreaterThan(200)
                .containsExactly(expected(encodings.getEncoding("smol").orElseThrow(), SMOL_CONTROLS));
    }

    @Test
    void tokenize_withTheTokensOfLlama3_isWhatCl100kGives(@TempDir Path folder) {
        Path tiny = folder.resolve("tiny.gguf");
        SyntheticModel.Shape shape = new SyntheticModel.Shape("tiny", 1, 64, 64, 2, 1, 512, 500_000f, true);
        SyntheticModel.write(tiny, shape, Vocabulary.llama3(), TensorType.Q4_0);
        try (LlamaServer llama = LlamaServer.builder(tiny)
                .threads(1)
                .startWithin(PATIENCE)
                .withoutApiKey()
                .start()) {
            Encoding cl100k = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.CL100K_BASE);

            assertThat(new LlamaApi(llama.endpoint().toString()).tokens(text()))
                    .hasSizeGreaterThan(150)
                    .containsExactly(expected(cl100k, 0));
        }
    }

    private static int[] expected(Encoding encoding, int offset) {
        int[] tokens = encoding.encodeOrdinary(text()).toArray();
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] += offset;
        }
        return tokens;
    }

    @Nested
    final class Scored extends ReflexModelContractTest {
        @Override
        protected ReflexModel createModel() {
            return LlamaServerModel.builder(server().endpoint())
                    .schema(schema())
                    .build();
        }

        @Override
        protected Duration answerWithin() {
            return PATIENCE;
        }
    }

    @Nested
    final class Decided extends ReflexModelContractTest {
        @Override
        protected ReflexModel createModel() {
            return SystemOneModel.builder(server().endpoint()).build();
        }

        @Override
        protected Duration answerWithin() {
            return PATIENCE;
        }
    }
}
