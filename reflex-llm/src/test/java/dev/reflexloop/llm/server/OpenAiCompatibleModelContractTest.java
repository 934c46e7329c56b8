package dev.reflexloop.llm.server;

import dev.reflexloop.ReflexModel;
import dev.reflexloop.testkit.ReflexModelContractTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;

/** The contract of models, kept over replies in the shapes that OpenAI's completions, SGLang and vLLM have. */
class OpenAiCompatibleModelContractTest {

    abstract static class OverReplies extends ReflexModelContractTest {
        private final RecordedServer server = RecordedServer.start();

        @AfterEach
        void stop() {
            server.close();
        }

        abstract OpenAiCompatibleModel.Builder builder(Endpoint endpoint, String model);

        @Override
        protected ReflexModel createModel() {
            return builder(server.endpoint(), RecordedServer.MODEL).build();
        }
    }

    @Nested
    class PlainTest extends OverReplies {
        @Override
        OpenAiCompatibleModel.Builder builder(Endpoint endpoint, String model) {
            return OpenAiCompatibleModel.plain(endpoint, model);
        }
    }

    @Nested
    class SglangTest extends OverReplies {
        @Override
        OpenAiCompatibleModel.Builder builder(Endpoint endpoint, String model) {
            return OpenAiCompatibleModel.sglang(endpoint, model);
        }
    }

    @Nested
    class VllmTest extends OverReplies {
        @Override
        OpenAiCompatibleModel.Builder builder(Endpoint endpoint, String model) {
            return OpenAiCompatibleModel.vllm(endpoint, model);
        }
    }
}
