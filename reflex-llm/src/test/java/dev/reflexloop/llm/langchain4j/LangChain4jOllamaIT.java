package dev.reflexloop.llm.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.ollama.OllamaChatModel;
import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.llm.server.OllamaServer;
import dev.reflexloop.llm.server.RobocodeModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real Ollama behind LangChain4j. The model never learned to write, so that only the enum of the schema makes it name an action. */
final class LangChain4jOllamaIT {
    @TempDir
    Path folder;

    @Test
    void question_withAnEnumSchema_isAnsweredByALegalAction() throws Exception {
        Duration patience = Duration.ofMinutes(2);
        ActionSchema schema = ActionSchema.builder("duel")
                .action("wait", "")
                .action("fight", "")
                .idle("wait")
                .build();
        try (OllamaServer server = OllamaServer.start(folder)) {
            server.add("nano", RobocodeModel.file());
            ChatModel chat = OllamaChatModel.builder()
                    .baseUrl(server.address())
                    .modelName("nano")
                    .supportedCapabilities(Capability.RESPONSE_FORMAT_JSON_SCHEMA)
                    .temperature(0.0)
                    .numPredict(200)
                    .maxRetries(0)
                    .timeout(patience)
                    .build();
            try (ReflexModel model = LangChain4jModel.builder(chat).build()) {
                Perception perception =
                        Perception.builder("hero", 1).fact("health", 80).build();
                Answer answer = model.ask(
                                Question.about(schema, perception), Deadline.in(patience, ReflexClock.system()))
                        .get(patience.toSeconds(), TimeUnit.SECONDS);
                assertThat(answer.probabilities()).hasSize(1);
                assertThat(schema.actions())
                        .extracting(Action::name)
                        .containsAll(answer.probabilities().keySet());
            }
        }
    }
}
