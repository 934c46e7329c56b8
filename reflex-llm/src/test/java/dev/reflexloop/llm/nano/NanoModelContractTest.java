package dev.reflexloop.llm.nano;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.llm.GgufFixture;
import dev.reflexloop.testkit.ReflexModelContractTest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;

final class NanoModelContractTest extends ReflexModelContractTest {
    @TempDir
    Path folder;

    @Override
    protected ReflexModel createModel() {
        Path path = GgufFixture.model(GgufFixture.Shape.tiny(), Games.LAYOUT, GgufFixture.Type.F32, 1)
                .write(folder.resolve("fused.gguf"));
        return NanoModel.builder(path)
                .schema(Games.SCHEMA)
                .warmUp(Duration.ZERO)
                .load();
    }

    @Override
    protected ActionSchema schema() {
        return Games.SCHEMA;
    }

    @Override
    protected Perception perception(long tick) {
        return Games.perception("bot", new Random(tick));
    }
}
