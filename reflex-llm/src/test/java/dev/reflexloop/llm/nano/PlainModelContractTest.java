package dev.reflexloop.llm.nano;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Goal;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.UnusableModelException;
import dev.reflexloop.llm.Bands;
import dev.reflexloop.llm.GgufFixture;
import dev.reflexloop.llm.PlainRenderer;
import dev.reflexloop.testkit.ReflexModelContractTest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model that was not trained for us, with letters as labels. */
final class PlainModelContractTest extends ReflexModelContractTest {
    @TempDir
    Path folder;

    private Path model(int letters) {
        List<String> tokens = new ArrayList<>();
        for (char letter = 'A'; letter < 'A' + letters; letter++) {
            tokens.add("\u2581" + letter);
        }
        GgufFixture.Shape shape = new GgufFixture.Shape(1, 32, 32, 2, 2, 2048, true);
        GgufFixture fixture = GgufFixture.model(shape, tokens, GgufFixture.Type.F32, 1);
        int[] types = (int[]) fixture.metadata.get("tokenizer.ggml.token_type");
        for (int i = 259; i < types.length; i++) {
            types[i] = 1;
        }
        return fixture.write(folder.resolve("plain" + letters + ".gguf"));
    }

    @Override
    protected ReflexModel createModel() {
        return NanoModel.builder(model(26))
                .schema(schema())
                .warmUp(Duration.ZERO)
                .load();
    }

    @Test
    void load_letterThatIsNoToken_isRefusedWithTheLabel() {
        assertThatThrownBy(() -> NanoModel.builder(model(2)).schema(schema()).load())
                .isInstanceOf(UnusableModelException.class)
                .hasMessageContaining("' C' is not a single token");
    }

    @Test
    void ask_numbersInBands_keepThePromptAndItsCache() throws Exception {
        PlainRenderer renderer = PlainRenderer.builder()
                .bands("distance", new Bands(List.of(100.0), List.of("near", "far")))
                .build();
        try (NanoModel model = NanoModel.builder(model(26))
                .renderer(renderer)
                .warmUp(Duration.ZERO)
                .load()) {
            Answer first = ask(
                    model, Perception.builder("bot", 1).fact("distance", 20.0).build());
            Answer again = ask(
                    model, Perception.builder("bot", 2).fact("distance", 90.0).build());
            Answer changed = ask(
                    model, Perception.builder("bot", 3).fact("distance", 190.0).build());

            assertThat(first.prompt().orElseThrow())
                    .contains("distance: near\n")
                    .endsWith("Answer:");
            assertThat(again.timings().evaluatedTokens()).isZero();
            assertThat(changed.timings().evaluatedTokens()).isBetween(5, 15);
        }
    }

    private Answer ask(NanoModel model, Perception perception) throws Exception {
        return model.ask(
                        new Question(perception, Goal.none(), schema(), schema().actions()),
                        Deadline.in(Duration.ofSeconds(20), ReflexClock.system()))
                .get(20, TimeUnit.SECONDS);
    }
}
