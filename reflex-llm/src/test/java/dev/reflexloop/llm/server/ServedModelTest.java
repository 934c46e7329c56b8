package dev.reflexloop.llm.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflexloop.ReflexModel;
import dev.reflexloop.llm.FactOrder;
import dev.reflexloop.llm.PlainRenderer;
import dev.reflexloop.llm.PromptRenderer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
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

    /** Pairs of one id that decide differently, and what tells the second one. */
    static Stream<Arguments> different() {
        Endpoint other = Endpoint.of("http://127.0.0.1:2");
        PromptRenderer prompt = PlainRenderer.builder().instruction("Act.").build();
        Supplier<OpenAiCompatibleModel.Builder> vllm = () -> OpenAiCompatibleModel.vllm(NOBODY, "tiny");
        Supplier<LlamaServerModel.Builder> llama = () -> LlamaServerModel.builder(NOBODY);
        Supplier<OllamaModel.Builder> ollama = () -> OllamaModel.builder(NOBODY, "tiny");
        Supplier<SystemOneModel.Builder> systemOne = () -> SystemOneModel.builder(NOBODY);
        return Stream.of(
                pair(vllm.get().build(), vllm.get().adapter("brave").build(), "adapter=brave"),
                pair(
                        vllm.get().adapter("brave").build(),
                        vllm.get().adapter("meek").build(),
                        "adapter=meek"),
                pair(vllm.get().build(), vllm.get().renderer(prompt).build(), "instruction=Act."),
                pair(
                        vllm.get().build(),
                        OpenAiCompatibleModel.vllm(other, "tiny").build(),
                        "server=http://127.0.0.1:2"),
                pair(
                        vllm.get().build(),
                        OpenAiCompatibleModel.vllm(NOBODY, "big")
                                .id("vllm:tiny")
                                .build(),
                        "model=big"),
                pair(
                        vllm.get().build(),
                        OpenAiCompatibleModel.sglang(NOBODY, "tiny")
                                .id("vllm:tiny")
                                .build(),
                        "dialect=sglang"),
                pair(
                        OpenAiCompatibleModel.plain(NOBODY, "tiny").build(),
                        OpenAiCompatibleModel.plain(NOBODY, "tiny")
                                .topLogprobs(20)
                                .build(),
                        "topLogprobs=20"),
                pair(llama.get().build(), llama.get().renderer(prompt).build(), "instruction=Act."),
                pair(llama.get().build(), llama.get().legalMass(true).build(), "legalMass=true"),
                pair(llama.get().build(), llama.get().maxPromptTokens(100).build(), "maxPromptTokens=100"),
                pair(ollama.get().build(), ollama.get().contextTokens(512).build(), "num_ctx\":512"),
                pair(ollama.get().build(), ollama.get().renderer(prompt).build(), "instruction=Act."),
                pair(
                        ollama.get().build(),
                        OllamaModel.builder(NOBODY, "big").id("ollama:tiny").build(),
                        "model=big"),
                pair(
                        systemOne.get().build(),
                        systemOne
                                .get()
                                .model("minds")
                                .id("systemone:http://127.0.0.1:1")
                                .build(),
                        "model=minds"),
                pair(
                        systemOne.get().build(),
                        systemOne.get().instructions("Act.").build(),
                        "instructions=Act."),
                pair(systemOne.get().build(), systemOne.get().stateAsText(true).build(), "stateAsText=true"),
                pair(
                        systemOne.get().build(),
                        systemOne.get().order(FactOrder.given()).build(),
                        "order=" + FactOrder.given().settings()));
    }

    private static Arguments pair(ReflexModel one, ReflexModel other, String told) {
        return Arguments.of(one, other, told);
    }

    @ParameterizedTest
    @MethodSource("different")
    void settings_ofModelsThatDecideDifferently_differ(ReflexModel one, ReflexModel other, String told) {
        try (one;
                other) {
            assertThat(one.id()).isEqualTo(other.id());
            assertThat(other.settings()).contains(told).isEqualTo(other.settings());
            assertThat(one.settings()).doesNotContain(told);
            assertThat(one.settings() + other.settings()).doesNotContain("a-secret");
        }
    }

    @Test
    void settings_ofOllama_tellTheTemperature() {
        try (ReflexModel model = OllamaModel.builder(NOBODY, "tiny").build()) {
            assertThat(model.settings()).contains("temperature\":0");
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
