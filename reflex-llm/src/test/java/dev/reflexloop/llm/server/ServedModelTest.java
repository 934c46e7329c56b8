package dev.reflexloop.llm.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflexloop.ReflexModel;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What all models behind a server have in common. None of them needs one to be built. */
class ServedModelTest {
    private static final Endpoint NOBODY = Endpoint.of("http://127.0.0.1:1").apiKey("a-secret");

    static Stream<Arguments> each() {
        return Stream.of(
                built(
                        "LlamaServerModel",
                        "llama:http://127.0.0.1:1",
                        () -> LlamaServerModel.builder(NOBODY).build()),
                built(
                        "SystemOneModel",
                        "systemone:http://127.0.0.1:1",
                        () -> SystemOneModel.builder(NOBODY).build()),
                built(
                        "SystemOneModel",
                        "systemone:minds",
                        () -> SystemOneModel.builder(NOBODY).model("minds").build()),
                built(
                        "OllamaModel",
                        "ollama:tiny",
                        () -> OllamaModel.builder(NOBODY, "tiny").build()),
                built(
                        "OpenAiCompatibleModel",
                        "vllm:tiny",
                        () -> OpenAiCompatibleModel.vllm(NOBODY, "tiny").build()),
                built(
                        "OpenAiCompatibleModel",
                        "mine",
                        () -> OpenAiCompatibleModel.plain(NOBODY, "tiny")
                                .id("mine")
                                .build()));
    }

    private static Arguments built(String name, String id, Supplier<ReflexModel> build) {
        return Arguments.of(name, id, build);
    }

    @ParameterizedTest
    @MethodSource("each")
    void id_ofAModel_isTheOneSetOrItsKindAndName(String name, String id, Supplier<ReflexModel> build) {
        try (ReflexModel model = build.get()) {
            assertThat(model.id()).isEqualTo(id);
            assertThat(model).hasToString(name + "[" + id + ", http://127.0.0.1:1]");
        }
    }

    static Stream<ServedModelBuilder<?>> builders() {
        return Stream.of(
                LlamaServerModel.builder(NOBODY),
                SystemOneModel.builder(NOBODY),
                OllamaModel.builder(NOBODY, "tiny"),
                OpenAiCompatibleModel.sglang(NOBODY, "tiny"));
    }

    @ParameterizedTest
    @MethodSource("builders")
    void id_blank_isRefusedAndNamesTheModel(ServedModelBuilder<?> builder) {
        assertThatThrownBy(() -> builder.id(" "))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(builder.defaultId())
                .hasMessageContaining("give it a short name");
    }
}
