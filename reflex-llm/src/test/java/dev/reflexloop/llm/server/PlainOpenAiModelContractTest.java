package dev.reflexloop.llm.server;

import dev.reflexloop.ReflexModel;
import dev.reflexloop.testkit.ReflexModelContractTest;
import org.junit.jupiter.api.AfterEach;

/** The contract of models, kept over replies in the shape that OpenAI's completions have. */
class PlainOpenAiModelContractTest extends ReflexModelContractTest {
    private final RecordedServer server = RecordedServer.start();

    @AfterEach
    void stop() {
        server.close();
    }

    @Override
    protected ReflexModel createModel() {
        return OpenAiCompatibleModel.plain(server.endpoint(), RecordedServer.MODEL)
                .build();
    }
}
