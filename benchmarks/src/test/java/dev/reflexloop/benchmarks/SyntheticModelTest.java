package dev.reflexloop.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.llm.gguf.GgufFile;
import dev.reflexloop.llm.gguf.GgufType;
import dev.reflexloop.llm.gguf.GgufWriter.TensorType;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyntheticModelTest {
    private static final long SMOL_2_PARAMETERS = 134_515_008;
    private static final long LLAMA_3_PARAMETERS = 1_235_814_400;

    @TempDir
    private Path folder;

    @Test
    void shapes_parameters_areThoseOfTheModelsThatTheyAreNamedAfter() {
        assertThat(parameters(SyntheticModel.SMOL_135M, Vocabulary.smol())).isEqualTo(SMOL_2_PARAMETERS);
        assertThat(parameters(SyntheticModel.LLAMA_1B, Vocabulary.llama3())).isEqualTo(LLAMA_3_PARAMETERS);
    }

    private static long parameters(SyntheticModel.Shape shape, Vocabulary vocabulary) {
        long width = shape.width();
        long perLayer = 2 * width * width
                + 2 * width * shape.headSize() * shape.keyHeads()
                + 3 * width * shape.hidden()
                + 2 * width;
        return vocabulary.size() * width + shape.layers() * perLayer + width;
    }

    @Test
    void bytePairs_merges_buildEveryTokenFromEarlierOnes() {
        BytePairs pairs = BytePairs.load("r50k_base", 20_000);

        assertThat(pairs.tokens()).hasSize(20_000).doesNotHaveDuplicates();
        assertThat(pairs.merges()).hasSize(20_000 - 256);
        Set<String> known = new HashSet<>(pairs.tokens().subList(0, 256));
        for (int i = 0; i < pairs.merges().size(); i++) {
            String[] parts = pairs.merges().get(i).split(" ", -1);
            assertThat(known).contains(parts);
            assertThat(String.join("", parts)).isEqualTo(pairs.tokens().get(256 + i));
            known.add(pairs.tokens().get(256 + i));
        }
    }

    @Test
    void vocabularies_controlTokens_standWhereTheModelsHaveThem() {
        List<String> smol = Vocabulary.smol().tokens();
        assertThat(smol.subList(0, 3)).containsExactly("<|endoftext|>", "<|im_start|>", "<|im_end|>");
        assertThat(smol).hasSize(49_152).doesNotHaveDuplicates().contains("A", "z", "\u0120talk");
        List<String> llama = Vocabulary.llama3().tokens();
        assertThat(llama).hasSize(128_256).doesNotHaveDuplicates();
        assertThat(llama.get(128_000)).isEqualTo("<|begin_of_text|>");
        assertThat(llama.get(128_006)).isEqualTo("<|start_header_id|>");
        assertThat(llama.get(128_009)).isEqualTo("<|eot_id|>");
    }

    @Test
    void write_fourBitModel_keepsItsTableAtEightBitsAndItsNormsAtThirtyTwo() {
        SyntheticModel.Shape tiny = new SyntheticModel.Shape("tiny", 2, 64, 128, 4, 2, 512, 500_000f, true);
        Path file = folder.resolve("tiny.gguf");
        SyntheticModel.write(file, tiny, Vocabulary.smol(), TensorType.Q4_0);

        try (GgufFile model = GgufFile.open(file)) {
            assertThat(model.tensor("token_embd.weight").orElseThrow().type()).isEqualTo(GgufType.Q8_0);
            assertThat(model.tensor("blk.1.attn_k.weight").orElseThrow().type()).isEqualTo(GgufType.Q4_0);
            assertThat(model.tensor("blk.1.attn_k.weight").orElseThrow().shape())
                    .isEqualTo("64x32");
            assertThat(model.tensor("blk.0.ffn_norm.weight").orElseThrow().type())
                    .isEqualTo(GgufType.F32);
            float[] factors = new float[8];
            model.readRows(model.tensor("rope_freqs.weight").orElseThrow(), 0, 1, factors);
            assertThat(factors[0]).isEqualTo(1);
            assertThat(factors[7]).isEqualTo(32);
            assertThat(factors).isSorted();
        }
    }
}
