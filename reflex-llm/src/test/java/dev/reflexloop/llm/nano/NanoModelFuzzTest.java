package dev.reflexloop.llm.nano;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Deadline;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexException;
import dev.reflexloop.llm.GgufFixture;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged model files: loading one gives a model that answers, or an error of ours; nothing else, and never for long. */
final class NanoModelFuzzTest {
    private static final int HEADER = 24;

    @TempDir
    Path folder;

    private Path write(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("damaged.gguf"), bytes);
    }

    private static byte[] valid() {
        GgufFixture.Shape shape = new GgufFixture.Shape(1, 32, 32, 2, 1, 64, true);
        return GgufFixture.model(shape, Games.LAYOUT, GgufFixture.Type.Q8_0, 1).bytes();
    }

    private static void assertAnswersOrIsRefused(Path path) throws Exception {
        try (NanoModel model = NanoModel.builder(path).warmUp(Duration.ZERO).load()) {
            model.ask(Games.question("bot", new Random(1)), Deadline.in(Duration.ofSeconds(20), ReflexClock.system()))
                    .get(20, TimeUnit.SECONDS);
        } catch (ExecutionException answered) {
            assertThat(answered).hasCauseInstanceOf(ReflexException.class);
        } catch (ReflexException refused) {
            assertThat(refused).hasMessageContaining("damaged.gguf").hasMessageContaining(";");
        }
    }

    @Test
    void load_keptSeeds_areModelsOrRefused() throws Exception {
        for (String name : new String[] {"seed-valid", "seed-truncated", "seed-counts", "seed-noise"}) {
            try (InputStream in = NanoModelFuzzTest.class.getResourceAsStream("/gguf/" + name + ".gguf.gz")) {
                assertThat(in).as(name).isNotNull();
                assertAnswersOrIsRefused(write(new GZIPInputStream(in).readAllBytes()));
            }
        }
    }

    @Test
    void load_truncatedFile_isRefused() throws Exception {
        byte[] bytes = valid();
        Random random = new Random(2);
        for (int i = 0; i < 150; i++) {
            assertAnswersOrIsRefused(write(Arrays.copyOf(bytes, random.nextInt(bytes.length))));
        }
    }

    @Test
    void load_mutatedHead_isAModelOrRefused() throws Exception {
        byte[] bytes = valid();
        int head = new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf("output_norm") + 64;
        Random random = new Random(3);
        for (int i = 0; i < 500; i++) {
            byte[] mutated = bytes.clone();
            for (int change = random.nextInt(4); change >= 0; change--) {
                mutated[random.nextInt(head)] = (byte) random.nextInt();
            }
            assertAnswersOrIsRefused(write(mutated));
        }
    }

    /** The numbers behind the names of metadata and tensors are where counts, shapes and offsets are. */
    @Test
    void load_absurdNumbers_isAModelOrRefused() throws Exception {
        byte[] bytes = valid();
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        String[] names = {
            "llama.block_count", "llama.context_length", "llama.embedding_length", "llama.feed_forward_length",
            "llama.attention.head_count", "llama.attention.head_count_kv", "llama.rope.dimension_count",
                    "tokenizer.ggml.tokens",
            "tokenizer.ggml.scores", "tokenizer.ggml.token_type", "tokenizer.ggml.bos_token_id", "blk.0.attn_q.weight",
            "token_embd.weight", "output_norm.weight"
        };
        long[] numbers = {
            0, 1, -1, 2, 3, 65_536, Integer.MAX_VALUE, Integer.MIN_VALUE, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 32
        };
        for (String name : names) {
            for (int offset : new int[] {0, 4, 8, 12, 16, 20, 24}) {
                for (long number : numbers) {
                    byte[] mutated = bytes.clone();
                    int at = text.indexOf(name) + name.length() + offset;
                    assertThat(at).isGreaterThan(HEADER);
                    ByteBuffer.wrap(mutated).order(ByteOrder.LITTLE_ENDIAN).putLong(at, number);
                    assertAnswersOrIsRefused(write(mutated));
                }
            }
        }
    }

    @Test
    void load_noise_isRefused() throws Exception {
        Random random = new Random(4);
        for (int i = 0; i < 200; i++) {
            byte[] noise = new byte[random.nextInt(4_000)];
            random.nextBytes(noise);
            if (noise.length > 8 && random.nextBoolean()) {
                System.arraycopy(valid(), 0, noise, 0, 8);
            }
            assertAnswersOrIsRefused(write(noise));
        }
    }
}
