package dev.reflexloop.llm.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.ModelBusyException;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.llm.GgufFixture;
import dev.reflexloop.llm.PlainRenderer;
import dev.reflexloop.llm.nano.LlamaServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real server that goes away and comes back, as the same or as another model. */
final class LlamaServerModelRestartIT {
    @TempDir
    Path folder;

    private Path socket;

    @BeforeAll
    static void requireServer() {
        ServedModels.requireServer();
    }

    /** A socket's path has room for about a hundred characters. */
    @BeforeEach
    void placeForASocket() throws Exception {
        socket = Files.createTempDirectory("reflex").resolve("m.sock");
    }

    private static Question question(int seed) {
        return ServedModels.arena("bot", new Random(seed));
    }

    private static Answer answer(LlamaServerModel model, Question question) throws Exception {
        return model.ask(question, Deadline.in(Duration.ofSeconds(20), ReflexClock.system()))
                .get(20, TimeUnit.SECONDS);
    }

    /** Asks until it is answered; every failure on the way is one that a loop expects. */
    private static Answer answerInTheEnd(LlamaServerModel model) throws Exception {
        Deadline patience = Deadline.in(Duration.ofSeconds(20), ReflexClock.system());
        while (true) {
            try {
                return answer(model, question(2));
            } catch (ExecutionException failure) {
                assertThat(failure.getCause())
                        .isInstanceOfAny(ModelUnavailableException.class, ModelBusyException.class);
                if (patience.expired()) {
                    throw failure;
                }
            }
        }
    }

    /** What runs while a model is served. */
    @FunctionalInterface
    private interface Meanwhile {
        void run() throws Exception;
    }

    private void whileServing(Path model, Meanwhile work) throws Exception {
        Files.deleteIfExists(socket);
        LlamaServer server = ServedModels.serve(model, "-c", "4096", "--host", socket.toString());
        try {
            work.run();
        } finally {
            server.close();
        }
    }

    private LlamaServerModel model() {
        return LlamaServerModel.builder(Endpoint.of("unix:" + socket))
                .renderer(PlainRenderer.builder().build())
                .build();
    }

    @Test
    void ask_serverIsGoneAndComesBack_failsMeanwhileAndAnswersAgain() throws Exception {
        Path file = ServedModels.plain().write(folder.resolve("plain.gguf"));
        try (LlamaServerModel model = model()) {
            whileServing(
                    file,
                    () -> assertThat(answer(model, question(1)).probabilities()).isNotEmpty());
            assertThat(model.ask(question(2), Deadline.in(Duration.ofSeconds(20), ReflexClock.system())))
                    .failsWithin(Duration.ofSeconds(20))
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(ModelUnavailableException.class);
            whileServing(
                    file,
                    () -> assertThat(answerInTheEnd(model).probabilities()).isNotEmpty());
        }
    }

    /** The letters have other tokens there; nobody asked in between, so that no failed call gives it away. */
    @Test
    void ask_anotherModelTookItsPlaceUnseen_usesItsTokens() throws Exception {
        Path file = ServedModels.plain().write(folder.resolve("plain.gguf"));
        Path turned = turned().write(folder.resolve("turned.gguf"));
        try (LlamaServerModel model = model()) {
            whileServing(
                    file,
                    () -> assertThat(answer(model, question(1)).probabilities()).isNotEmpty());
            whileServing(turned, () -> {
                Answer after = answerInTheEnd(model);
                try (LlamaServerModel fresh = model()) {
                    assertThat(after.probabilities())
                            .isEqualTo(answer(fresh, question(2)).probabilities());
                }
            });
        }
    }

    /** The same model with its letters in the opposite order. */
    private static GgufFixture turned() {
        GgufFixture fixture = ServedModels.plain();
        @SuppressWarnings("unchecked")
        List<String> tokens = (List<String>) fixture.metadata.get("tokenizer.ggml.tokens");
        int first = tokens.indexOf("\u2581A");
        Collections.reverse(tokens.subList(first, tokens.indexOf("z") + 1));
        return fixture;
    }
}
