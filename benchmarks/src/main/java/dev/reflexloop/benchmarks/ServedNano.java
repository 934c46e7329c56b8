package dev.reflexloop.benchmarks;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Perception;
import dev.reflexloop.llm.PromptLayout;
import dev.reflexloop.llm.gguf.GgufFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The committed model of the Robocode example as a llama-server serves it.
 *
 * @param file the model's file
 * @param layout its prompt
 * @param schema its actions, all of them legal always
 * @param perceptions of recorded games, in their order
 */
record ServedNano(Path file, PromptLayout layout, ActionSchema schema, List<Perception> perceptions) {
    private static final String COMMITTED =
            "examples/robocode/src/main/resources/dev/reflexloop/examples/robocode/nano.gguf";

    /** The model that {@code --model} names, or the committed one. */
    static ServedNano read(Options options) {
        Path file = options.has("model")
                ? Path.of(options.text("model", ""))
                : Options.root().resolve(COMMITTED);
        if (!Files.exists(file)) {
            throw new IllegalArgumentException("there is no " + file + "; give --model=FILE");
        }
        Recording recording = Recording.read(Options.root().resolve("benchmarks/data/games.jsonl"));
        ActionSchema.Builder schema = ActionSchema.builder(recording.name());
        recording.actions().forEach(schema::action);
        try (GgufFile model = GgufFile.open(file)) {
            return new ServedNano(
                    file.toAbsolutePath(),
                    PromptLayout.fromJson(model.string("reflex.prompt.layout").orElseThrow()),
                    schema.idle(recording.idle().name()).build(),
                    recording.perceptions());
        }
    }
}
