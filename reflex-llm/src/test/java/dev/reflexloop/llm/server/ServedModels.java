package dev.reflexloop.llm.server;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Fact;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.Target;
import dev.reflexloop.llm.Bands;
import dev.reflexloop.llm.GgufFixture;
import dev.reflexloop.llm.PromptField;
import dev.reflexloop.llm.PromptLayout;
import dev.reflexloop.llm.nano.LlamaServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** Small random models as a llama-server serves them, and servers that serve them. */
final class ServedModels {
    /** Letters, letters behind a space, and what chat models have as special tokens. */
    static final List<String> SPECIAL = List.of(
            "<|im_start|>",
            "<|im_end|>",
            "[INST]",
            "[/INST]",
            "<|begin_of_text|>",
            "<|start_header_id|>",
            "<|end_header_id|>",
            "<|eot_id|>");

    private static final int NORMAL = 1;
    private static final int CONTROL = 3;
    private static final int FIRST = 259;

    private ServedModels() {}

    static void requireServer() {
        assumeTrue(
                LlamaServer.executable().isPresent(),
                "no llama-server is installed: set REFLEX_LLAMA_SERVER to one to run the models over the wire");
    }

    static LlamaServer serve(Path model, String... more) throws Exception {
        return LlamaServer.start(LlamaServer.executable().orElseThrow(), model, more);
    }

    /** A model that was not trained for us. */
    static GgufFixture plain(GgufFixture.Shape shape) {
        List<String> tokens = new ArrayList<>();
        for (char letter = 'A'; letter <= 'z'; letter++) {
            if (Character.isLetter(letter)) {
                tokens.add("\u2581" + letter);
                tokens.add(String.valueOf(letter));
            }
        }
        int normal = FIRST + tokens.size();
        tokens.addAll(SPECIAL);
        GgufFixture fixture = GgufFixture.model(shape, tokens, GgufFixture.Type.F32, 1);
        int[] types = (int[]) fixture.metadata.get("tokenizer.ggml.token_type");
        for (int i = FIRST; i < types.length; i++) {
            types[i] = i < normal ? NORMAL : CONTROL;
        }
        return fixture;
    }

    static GgufFixture plain() {
        return plain(new GgufFixture.Shape(2, 64, 128, 4, 2, 4_096, true));
    }

    static final ActionSchema ARENA = ActionSchema.builder("arena")
            .action("charge", "go near")
            .action("retreat", "go away")
            .action("fire", "shoot at one")
            .action("wait", "do nothing")
            .targets(
                    "fire",
                    perception -> perception.fact("enemies").orElse(Fact.of(0)) instanceof Fact.Records list
                            ? IntStream.range(0, list.records().size())
                                    .mapToObj(i -> Target.of("enemy" + i))
                                    .toList()
                            : List.of())
            .idle("wait")
            .build();

    static final PromptLayout LAYOUT = PromptLayout.builder(ARENA)
            .text(PromptLayout.GOAL, "win", "survive")
            .text("place", "open field", "corner")
            .records("enemies", 3, new PromptField.Numbers("distance", Bands.at(100, 200, 400)))
            .flag("gunHot")
            .number("energy", 20, 50, 80)
            .build();

    /** A model that was trained for a layout, only that its weights are random. */
    static GgufFixture fused() {
        return GgufFixture.model(new GgufFixture.Shape(2, 64, 128, 4, 2, 512, true), LAYOUT, GgufFixture.Type.F32, 3);
    }

    /** Some tick of the arena, with up to four enemies. */
    static Question arena(String entity, Random random) {
        List<Map<String, Fact>> enemies = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            enemies.add(Map.of("distance", Fact.of(random.nextDouble() * 500)));
        }
        Perception perception = Perception.builder(entity, random.nextInt(1_000_000))
                .fact("place", random.nextBoolean() ? "corner" : "elsewhere")
                .fact("enemies", enemies)
                .fact("gunHot", random.nextBoolean())
                .fact("energy", random.nextDouble() * 100)
                .build();
        return Question.about(ARENA, perception);
    }

    /** The same as a decision model. */
    static GgufFixture decision() {
        GgufFixture fixture = plain();
        fixture.metadata.put("llama.decision.type", "openjev");
        fixture.metadata.put(
                "tokenizer.chat_template.systemone",
                "{{ instructions }}\n{% for option in options %}{{ option.key }}: {{ option.description }}\n{% endfor %}"
                        + "State: {{ state if state is string else state | tojson }}\nAnswer:");
        return fixture;
    }
}
