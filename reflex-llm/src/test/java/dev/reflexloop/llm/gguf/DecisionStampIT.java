package dev.reflexloop.llm.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.llm.gguf.GgufWriter.TensorType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A large model in a small JVM. */
final class DecisionStampIT {
    private static final int LARGE = 192 << 20;

    @TempDir
    Path folder;

    @Test
    void command_modelLargerThanItsHeap_stampsIt() throws Exception {
        Path source = folder.resolve("large.gguf");
        Random random = new Random(3);
        new GgufWriter()
                .put("general.architecture", "llama")
                .put("tokenizer.ggml.model", "gpt2")
                .putStrings("tokenizer.ggml.tokens", List.of(ModelText.LABELS.split("")))
                .tensor(
                        "large",
                        TensorType.F32,
                        (first, target) -> {
                            for (int i = 0; i < target.length; i++) {
                                target[i] = random.nextFloat();
                            }
                        },
                        1 << 10,
                        LARGE >> 12)
                .write(source);
        Path target = folder.resolve("stamped.gguf");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx24m",
                        "-XX:MaxDirectMemorySize=16m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.reflexloop.llm.command.StampModel",
                        source.toString(),
                        target.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();

        assertThat(process.exitValue()).as(output).isZero();
        try (GgufFile before = GgufFile.open(source);
                GgufFile after = GgufFile.open(target)) {
            GgufTensor expected = before.tensor("large").orElseThrow();
            GgufTensor copied = after.tensor("large").orElseThrow();
            float[] one = new float[1 << 20];
            float[] other = new float[1 << 20];
            for (long row = 0; row < expected.rows(); row += 1 << 10) {
                before.readRows(expected, row, 1 << 10, one);
                after.readRows(copied, row, 1 << 10, other);
                assertThat(other).isEqualTo(one);
            }
        }
    }
}
