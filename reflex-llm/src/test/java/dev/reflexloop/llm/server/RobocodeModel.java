package dev.reflexloop.llm.server;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.llm.PromptField;
import dev.reflexloop.llm.PromptLayout;
import dev.reflexloop.llm.gguf.GgufFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** The trained model of the Robocode example, with its prompt and its actions. */
public final class RobocodeModel {
    private RobocodeModel() {}

    /** Its file; the test is skipped where it is missing. */
    public static Path file() {
        Path file = Path.of("../examples/robocode/src/main/resources/dev/reflexloop/examples/robocode/nano.gguf");
        assumeTrue(Files.exists(file), "there is no " + file + "; mvn -Ptrain makes one");
        return file;
    }

    /** The prompt that it was trained with. */
    public static PromptLayout layout() {
        try (GgufFile file = GgufFile.open(file())) {
            return PromptLayout.fromJson(file.string("reflex.prompt.layout").orElseThrow());
        }
    }

    /** Its actions. */
    public static ActionSchema schema() {
        PromptLayout layout = layout();
        ActionSchema.Builder schema = ActionSchema.builder(layout.schema());
        List<String> actions = layout.actions();
        actions.forEach(action -> schema.action(Action.of(action)));
        return schema.idle(actions.get(0)).build();
    }

    /** Some situation. */
    static Perception perception(PromptLayout layout, long tick) {
        Random random = new Random(tick);
        Perception.Builder seen = Perception.builder("bot", tick);
        for (PromptField field : layout.fields()) {
            if (field instanceof PromptField.Flags) {
                seen.fact(field.name(), random.nextBoolean());
            } else if (field instanceof PromptField.Numbers) {
                seen.fact(field.name(), random.nextDouble() * 300);
            }
        }
        return seen.build();
    }

    /** A question about some situation. */
    static Question question(PromptLayout layout, ActionSchema schema, long tick) {
        return Question.about(schema, perception(layout, tick));
    }
}
