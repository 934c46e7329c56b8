package dev.reflexloop.llm.server;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.llm.PromptLayout;
import dev.reflexloop.llm.nano.LlamaServer;
import dev.reflexloop.testkit.ReflexModelContractTest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract of models, kept over the OpenAI-compatible completions of a real llama-server. */
final class PlainOpenAiModelContractIT extends ReflexModelContractTest {
    private static @Nullable LlamaServer server;

    private final PromptLayout layout = RobocodeModel.layout();
    private final ActionSchema schema = RobocodeModel.schema();

    @BeforeAll
    static void start() throws Exception {
        ServedModels.requireServer();
        server = ServedModels.serve(RobocodeModel.file());
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Override
    protected ReflexModel createModel() {
        return OpenAiCompatibleModel.plain(Endpoint.of(server.address()), "nano")
                .renderer(layout)
                .topLogprobs(20)
                .build();
    }

    @Override
    protected ActionSchema schema() {
        return schema;
    }

    @Override
    protected Perception perception(long tick) {
        return RobocodeModel.perception(layout, tick);
    }
}
