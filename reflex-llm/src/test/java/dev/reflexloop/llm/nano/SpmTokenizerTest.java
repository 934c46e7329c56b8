package dev.reflexloop.llm.nano;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Question;
import dev.reflexloop.llm.GgufFixture;
import dev.reflexloop.llm.PlainRenderer;
import dev.reflexloop.llm.PromptLayout;
import dev.reflexloop.llm.gguf.GgufFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SpmTokenizerTest {
    private static final int BYTES = 3;

    @TempDir
    Path folder;

    private SpmTokenizer tokenizer(GgufFixture fixture) {
        try (GgufFile file = GgufFile.open(fixture.write(folder.resolve("model.gguf")))) {
            return SpmTokenizer.of(file);
        }
    }

    private static GgufFixture fixture(List<String> userDefined) {
        return GgufFixture.model(GgufFixture.Shape.tiny(), userDefined, GgufFixture.Type.F32, 1);
    }

    /** A vocabulary with normal tokens that merge by score. */
    private static GgufFixture merging(Map<String, Float> scores) {
        List<String> words = List.copyOf(scores.keySet());
        GgufFixture fixture = fixture(words);
        int[] types = (int[]) fixture.metadata.get("tokenizer.ggml.token_type");
        float[] all = (float[]) fixture.metadata.get("tokenizer.ggml.scores");
        for (int i = 0; i < words.size(); i++) {
            types[259 + i] = 1;
            all[259 + i] = scores.get(words.get(i));
        }
        return fixture;
    }

    private static List<String> texts(SpmTokenizer tokenizer, int[] tokens) {
        return Arrays.stream(tokens).mapToObj(tokenizer::text).toList();
    }

    @Test
    void encode_userDefinedTokens_areCutOutLongestFirst() {
        SpmTokenizer tokenizer = tokenizer(fixture(List.of("<a>", "<a><b>", "<b>", "<do you=x>")));

        assertThat(texts(
                        tokenizer,
                        tokenizer.encode("<b><a><b><a><do you=x>", true, SpmTokenizer.Specials.USER_DEFINED)))
                .containsExactly("<s>", "<b>", "<a><b>", "<a>", "<do you=x>");
        assertThat(tokenizer.isUserDefined("<a>")).isTrue();
        assertThat(tokenizer.isUserDefined("<s>")).isFalse();
        assertThat(tokenizer.isUserDefined("<0x41>")).isFalse();
        assertThat(tokenizer.isUserDefined("<c>")).isFalse();
    }

    @Test
    void encode_controlTokens_onlyWhereAllAreAllowed() {
        SpmTokenizer tokenizer = tokenizer(fixture(List.of("<a>")));

        assertThat(tokenizer.encode("<s><a>", false, SpmTokenizer.Specials.ALL)).containsExactly(1, 259);
        assertThat(texts(tokenizer, tokenizer.encode("<s><a>", false, SpmTokenizer.Specials.USER_DEFINED)))
                .containsExactly("<0x3C>", "<0x73>", "<0x3E>", "<a>");
        assertThat(tokenizer.encode("<s><a>", false, SpmTokenizer.Specials.NONE))
                .hasSize(6);
    }

    @Test
    void encode_anyOtherText_fallsBackToBytes() {
        SpmTokenizer tokenizer = tokenizer(fixture(List.of()));
        String text = "a \u00e9\u4e2d\ud83d\ude00\n";
        byte[] bytes = text.replace(' ', '\u2581').getBytes(StandardCharsets.UTF_8);
        int[] tokens = tokenizer.encode(text, false, SpmTokenizer.Specials.ALL);

        assertThat(tokens).hasSameSizeAs(bytes);
        for (int i = 0; i < bytes.length; i++) {
            assertThat(tokens[i]).isEqualTo(BYTES + (bytes[i] & 0xff));
        }
        assertThat(tokenizer.encode("", true, SpmTokenizer.Specials.ALL)).containsExactly(1);
    }

    @Test
    void encode_mergesByScoreThenFromTheLeft() {
        SpmTokenizer tokenizer = tokenizer(merging(Map.of(
                "a", -9f, "b", -9f, "c", -9f, "ab", -2f, "bc", -1f, "abc", -5f, "aa", -3f, "\u2581", -9f, "\u2581a",
                -0.5f)));

        assertThat(texts(tokenizer, tokenizer.encode("abc", false, SpmTokenizer.Specials.NONE)))
                .containsExactly("abc");
        assertThat(texts(tokenizer, tokenizer.encode("abb", false, SpmTokenizer.Specials.NONE)))
                .containsExactly("ab", "b");
        assertThat(texts(tokenizer, tokenizer.encode("aaa", false, SpmTokenizer.Specials.NONE)))
                .containsExactly("aa", "a");
        assertThat(texts(tokenizer, tokenizer.encode("ab a", false, SpmTokenizer.Specials.NONE)))
                .containsExactly("ab", "\u2581a");
    }

    @Test
    void encode_spacePrefix_isAddedBehindSpecialTokensOnly() {
        GgufFixture fixture = merging(Map.of("a", -1f, "\u2581", -1f));
        fixture.metadata.put("tokenizer.ggml.add_space_prefix", true);
        SpmTokenizer tokenizer = tokenizer(fixture);

        assertThat(texts(tokenizer, tokenizer.encode("a</s>a", true, SpmTokenizer.Specials.ALL)))
                .containsExactly("<s>", "\u2581", "a", "</s>", "\u2581", "a");
        assertThat(texts(tokenizer, tokenizer.encodeContinuation("a"))).containsExactly("a");
    }

    /** A prompt of a layout is its tokens one by one, whatever the game says, both looked up and tokenized as raw text. */
    @Test
    void encode_promptsWithHostileTexts_giveExactlyTheLayoutsTokens() {
        SpmTokenizer tokenizer =
                tokenizer(GgufFixture.model(GgufFixture.Shape.tiny(), Games.LAYOUT, GgufFixture.Type.F32, 1));
        PromptBinding binding = PromptBinding.of("model", Games.LAYOUT, tokenizer);
        Random random = new Random(6);
        for (int i = 0; i < 500; i++) {
            PromptBinding.Prompt prompt = binding.prompt(HostileTexts.question(random));
            assertThat(tokenizer.encode(prompt.text(), true, SpmTokenizer.Specials.ALL))
                    .isEqualTo(prompt.tokens());
            assertThat(texts(tokenizer, prompt.tokens()))
                    .noneMatch(text -> text.startsWith("<do=") || text.startsWith("<at=") || text.startsWith("<0x"))
                    .filteredOn(text -> text.equals(PromptLayout.ACT))
                    .hasSize(1);
        }
    }

    /** Nothing of the game becomes a special token in a prompt in plain words, even where llama.cpp would be asked to form them. */
    @Test
    void encode_plainPromptsWithHostileTexts_formNoSpecialToken() {
        SpmTokenizer tokenizer =
                tokenizer(GgufFixture.model(GgufFixture.Shape.tiny(), Games.LAYOUT, GgufFixture.Type.F32, 1));
        PlainRenderer renderer = PlainRenderer.builder().changing("place").build();
        PromptBinding binding = PromptBinding.of("model", renderer, tokenizer);
        Random random = new Random(7);
        for (int i = 0; i < 500; i++) {
            Question question = HostileTexts.question(random);
            PromptBinding.Prompt prompt = binding.prompt(question);
            assertThat(prompt.tokens()[0]).isEqualTo(1);
            assertThat(Arrays.stream(prompt.tokens()).skip(1)).allMatch(id -> id >= 3 && id < 259);
            assertThat(Arrays.stream(tokenizer.encode(prompt.text(), true, SpmTokenizer.Specials.ALL))
                            .skip(1))
                    .allMatch(id -> id >= 3 && id < 259);
            assertThat(prompt.text().lines().filter(line -> line.startsWith("Answer:")))
                    .hasSize(1);
        }
    }

    @Test
    void encode_randomTexts_losesNothingAndFormsNoControlToken() {
        SpmTokenizer tokenizer =
                tokenizer(merging(Map.of("<", -1f, "s", -1f, "<s", -2f, ">", -1f, "ab", -3f, "a", -4f)));
        Random random = new Random(8);
        for (int i = 0; i < 2_000; i++) {
            String text = HostileTexts.text(random).replace(' ', '_');
            StringBuilder bytes = new StringBuilder();
            for (int id : tokenizer.encode(text, false, SpmTokenizer.Specials.NONE)) {
                bytes.append(id < 259 && id >= BYTES ? String.valueOf((char) (id - BYTES)) : latin(tokenizer.text(id)));
            }
            assertThat(bytes.toString()).isEqualTo(latin(text));
        }
    }

    private static String latin(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }
}
