package dev.reflexloop.llm.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.reflexloop.ReflexException;
import dev.reflexloop.UnusableModelException;
import dev.reflexloop.llm.calibration.OptionCount;
import dev.reflexloop.llm.gguf.GgufWriter.TensorType;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DecisionStampTest {
    private static final String TEMPLATE = "tokenizer.chat_template.systemone";
    private static final String CHAT_ML = "{{ '<|im_start|>' }}";

    @TempDir
    Path folder;

    private final DecisionStamp stamp = DecisionStamp.builder().build();

    private static GgufWriter plain() {
        return new GgufWriter()
                .put("general.architecture", "llama")
                .put("general.name", "plain")
                .put("tokenizer.ggml.model", "gpt2");
    }

    private static GgufWriter withLabels(GgufWriter writer, String... more) {
        List<String> tokens = new ArrayList<>(List.of(more));
        tokens.addAll(List.of(ModelText.LABELS.split("")));
        return writer.putStrings("tokenizer.ggml.tokens", tokens);
    }

    private Path model(GgufWriter writer) throws IOException {
        Path file = folder.resolve("plain.gguf");
        float[] values = new float[96];
        Random random = new Random(5);
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
        }
        writer.tensor("a", TensorType.F32, FloatBuffer.wrap(values, 0, 7), 7)
                .tensor("b", TensorType.Q4_0, FloatBuffer.wrap(values), 32, 3)
                .tensor("c", TensorType.Q8_0, FloatBuffer.wrap(values), 96)
                .write(file);
        return file;
    }

    /** The hash of every tensor's bytes as they are in the file. */
    private static Map<String, String> hashes(Path path) throws Exception {
        byte[] bytes = Files.readAllBytes(path);
        Map<String, String> hashes = new HashMap<>();
        try (GgufFile file = GgufFile.open(path)) {
            for (GgufTensor tensor : file.tensors()) {
                MessageDigest digest = MessageDigest.getInstance("SHA-256");
                digest.update(bytes, (int) tensor.position(), (int) tensor.byteSize());
                hashes.put(
                        tensor.name() + tensor.type() + tensor.shape(),
                        HexFormat.of().formatHex(digest.digest()));
            }
        }
        return hashes;
    }

    @Test
    void copy_plainModel_addsTheKeysAndKeepsEverythingElse() throws Exception {
        Path source = model(withLabels(plain().putInts("odd", 3, 1).put("last", true)));
        byte[] before = Files.readAllBytes(source);
        Path target = folder.resolve("deep/stamped.gguf");
        DecisionStamp.builder()
                .temperature(1.5)
                .temperature(OptionCount.SIX_TO_TEN, 0.75)
                .build()
                .copy(source, target);

        try (GgufFile file = GgufFile.open(target)) {
            assertThat(file.string("llama.decision.type")).contains("openjev");
            assertThat(file.number("llama.decision.temperature.choice")).hasValue(1.5);
            assertThat(file.number("llama.decision.temperature.choice.6_10")).hasValue(0.75);
            assertThat(file.string(TEMPLATE).orElseThrow())
                    .containsSubsequence("instructions", "options", "option.key", "state");
            assertThat(file.string("general.name")).contains("plain");
            assertThat(file.floats("odd").orElseThrow()).containsExactly(3, 1);
            assertThat(file.flag("last")).contains(true);
            assertThat(file.strings("tokenizer.ggml.tokens").orElseThrow()).hasSize(52);
        }
        assertThat(hashes(target)).hasSize(3).isEqualTo(hashes(source));
        assertThat(Files.readAllBytes(source)).isEqualTo(before);
    }

    @Test
    void copy_stampedModel_replacesWhatWasStamped() throws Exception {
        Path source = model(withLabels(plain()));
        Path once = folder.resolve("once.gguf");
        Path twice = folder.resolve("twice.gguf");
        DecisionStamp.builder().temperature(OptionCount.TWO, 2).build().copy(source, once);
        DecisionStamp.builder().template("{{ state }}?").temperature(3).build().copy(once, twice);

        try (GgufFile file = GgufFile.open(twice)) {
            assertThat(file.keys())
                    .filteredOn(key -> key.contains("decision") || key.contains("systemone"))
                    .containsExactlyInAnyOrder("llama.decision.type", "llama.decision.temperature.choice", TEMPLATE);
            assertThat(file.string(TEMPLATE)).contains("{{ state }}?");
        }
        assertThat(hashes(twice)).isEqualTo(hashes(source));
    }

    @Test
    void copy_ownAlignment_isKept() throws Exception {
        Path source = model(withLabels(plain().put("general.alignment", 4_096)));
        Path target = folder.resolve("stamped.gguf");
        stamp.copy(source, target);

        try (GgufFile file = GgufFile.open(target)) {
            assertThat(file.tensors()).hasSize(3).allMatch(tensor -> tensor.position() % 4_096 == 0);
        }
        assertThat(hashes(target)).isEqualTo(hashes(source));
    }

    @Test
    void copy_chatModel_framesThePromptAsItsTurnsAre() throws Exception {
        Path source = model(withLabels(
                plain().put("tokenizer.chat_template", CHAT_ML)
                        .put("tokenizer.ggml.bos_token_id", 1)
                        .put("tokenizer.ggml.add_bos_token", true),
                "<|im_start|>",
                "<|begin|>"));
        Path target = folder.resolve("stamped.gguf");
        stamp.copy(source, target);

        try (GgufFile file = GgufFile.open(target)) {
            assertThat(file.string(TEMPLATE).orElseThrow())
                    .startsWith("<|begin|><|im_start|>user\n{{ instructions")
                    .endsWith("<|im_start|>assistant\n");
        }
    }

    @Test
    void copy_targetIsThere_isRefusedUnlessToldOtherwise() throws Exception {
        Path source = model(withLabels(plain()));
        Path target = Files.writeString(folder.resolve("taken.gguf"), "mine");
        Path link = Files.createLink(folder.resolve("link.gguf"), source);
        DecisionStamp overwriting = DecisionStamp.builder().overwrite(true).build();

        assertThatThrownBy(() -> stamp.copy(source, target))
                .isInstanceOf(FileAlreadyExistsException.class)
                .hasMessageContaining("taken.gguf")
                .hasMessageContaining("overwrite");
        assertThat(target).hasContent("mine");
        for (Path same : List.of(source, link)) {
            assertThatThrownBy(() -> overwriting.copy(source, same))
                    .isInstanceOf(FileAlreadyExistsException.class)
                    .hasMessageContaining("the model itself");
        }
        overwriting.copy(source, target);
        assertThat(hashes(target)).isEqualTo(hashes(source));
    }

    @Test
    void copy_modelThatCannotDecide_isRefusedWithARemedy() throws IOException {
        assertRefused(plain().putStrings("tokenizer.ggml.tokens", List.of("A", "B")), "'C'", "has them");
        assertRefused(plain(), "no vocabulary");
        assertRefused(
                withLabels(new GgufWriter().put("general.architecture", "llama").put("tokenizer.ggml.model", "llama")),
                "'A'");
        assertRefused(withLabels(plain().put("general.type", "adapter")), "'adapter'", "base model");
        assertRefused(withLabels(plain().put("split.count", 3)), "3 parts", "--merge");
        assertRefused(withLabels(plain().put("llama.decision.type", "laya")), "'laya'", "as it is");
        assertRefused(withLabels(new GgufWriter()), "architecture");
    }

    @Test
    void copy_wordsOrBytesThatAreLabels_areAccepted() throws Exception {
        List<String> words = new ArrayList<>();
        List<String> bytes = new ArrayList<>();
        for (String label : ModelText.LABELS.split("")) {
            words.add("\u2581" + label);
            bytes.add(String.format("<0x%02X>", (int) label.charAt(0)));
        }
        GgufWriter marked = new GgufWriter()
                .put("general.architecture", "llama")
                .put("tokenizer.ggml.model", "llama")
                .putStrings("tokenizer.ggml.tokens", words);
        GgufWriter unmarked = new GgufWriter()
                .put("general.architecture", "llama")
                .put("tokenizer.ggml.model", "llama")
                .put("tokenizer.ggml.add_space_prefix", false)
                .putStrings("tokenizer.ggml.tokens", bytes);
        for (GgufWriter writer : List.of(marked, unmarked)) {
            Path target = folder.resolve("stamped.gguf");
            stamp.copy(model(writer), target);
            assertThat(Files.exists(target)).isTrue();
            Files.delete(target);
        }
    }

    private void assertRefused(GgufWriter writer, String... reasons) throws IOException {
        Path source = model(writer);
        assertThatThrownBy(() -> stamp.copy(source, folder.resolve("stamped.gguf")))
                .isInstanceOf(UnusableModelException.class)
                .hasMessageContaining("plain.gguf")
                .hasMessageContainingAll(reasons);
        assertNothingWritten();
    }

    private void assertNothingWritten() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactly("plain.gguf");
        }
    }

    @Test
    void copy_truncatedFile_isRefusedAndLeavesNothingBehind() throws IOException {
        Path source = model(withLabels(plain()));
        byte[] whole = Files.readAllBytes(source);
        for (int length = 0; length < whole.length - 32; length += 1 + length / 100) {
            Files.write(source, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> stamp.copy(source, folder.resolve("stamped.gguf")))
                    .as("cut to %d bytes", length)
                    .isInstanceOf(UnusableModelException.class)
                    .hasMessageContaining("plain.gguf");
        }
        assertNothingWritten();
    }

    @Test
    void copy_hostileFile_isRefusedWithTheReason() throws IOException {
        assertRefused("GGUX".getBytes(StandardCharsets.UTF_8), 0, "does not begin with 'GGUF'");
        assertRefused(new byte[] {0, 0, 0, 3}, 4, "big-endian");
        assertRefused(new byte[] {-1, -1, -1, -1, -1, -1, -1, 127}, 8, "truncated or corrupt");
        assertRefused(new byte[] {-1, -1, -1, -1, -1, -1, -1, 127}, 16, "truncated or corrupt");
        assertRefused("general.architectu".getBytes(StandardCharsets.UTF_8), -1, "there twice");
    }

    private void assertRefused(byte[] changed, int at, String reason) throws IOException {
        // two keys of one length, so that the second can become the first
        Path source = model(withLabels(plain().put("abcdefghijklmnopqrre", 1)));
        byte[] bytes = Files.readAllBytes(source);
        int place = at >= 0 ? at : new String(bytes, StandardCharsets.ISO_8859_1).indexOf("abcdefghijklmnopqr");
        System.arraycopy(changed, 0, bytes, place, changed.length);
        Files.write(source, bytes);
        assertThatThrownBy(() -> stamp.copy(source, folder.resolve("stamped.gguf")))
                .isInstanceOf(UnusableModelException.class)
                .hasMessageContaining(reason);
        assertNothingWritten();
    }

    @Test
    void copy_mutatedBytes_givesAReadableCopyOrARefusal() throws Exception {
        Path source = model(withLabels(plain().put("general.alignment", 64)));
        byte[] whole = Files.readAllBytes(source);
        Random random = new Random(13);
        Path target = folder.resolve("stamped.gguf");
        DecisionStamp overwriting = DecisionStamp.builder().overwrite(true).build();
        int copied = 0;
        for (int i = 0; i < 1_500; i++) {
            byte[] mutated = whole.clone();
            for (int change = random.nextInt(3); change >= 0; change--) {
                mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
            }
            Files.write(source, mutated);
            Throwable failure = catchThrowable(() -> overwriting.copy(source, target));
            if (failure == null) {
                copied++;
                assertThat(hashes(target)).isEqualTo(hashes(source));
            } else {
                assertThat(failure).isInstanceOf(ReflexException.class).hasMessageContaining("plain.gguf");
            }
        }
        assertThat(copied).isPositive();
    }

    @Test
    void builder_unusableSettings_areRefused() {
        Consumer<Double> temperature = value ->
                DecisionStamp.builder().temperature(OptionCount.TWO, value).build();
        for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY, 1e-50, 1e300}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> temperature.accept(bad))
                    .withMessageContaining("TWO");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DecisionStamp.builder().template(" "));
    }
}
