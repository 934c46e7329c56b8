package dev.reflexloop.llm.server;

import dev.reflexloop.llm.FactOrder;
import dev.reflexloop.llm.PlainRenderer;
import dev.reflexloop.llm.PromptRenderer;
import org.jspecify.annotations.Nullable;

/**
 * The settings that models have which are asked with a prompt of ours and score its labels. One thread at a time.
 *
 * @param <B> the builder itself
 */
abstract class ScoringModelBuilder<B extends ScoringModelBuilder<B>> extends ServedModelBuilder<B> {
    private @Nullable PromptRenderer renderer;

    ScoringModelBuilder(Endpoint endpoint) {
        super(endpoint);
    }

    /**
     * Sets what turns questions into prompts. Default: a {@link PlainRenderer} that learns the order of the facts; a model that was
     * trained with a {@link dev.reflexloop.llm.PromptLayout} needs that one.
     *
     * @param prompts the renderer
     * @return this builder
     */
    public B renderer(PromptRenderer prompts) {
        this.renderer = prompts;
        return self();
    }

    /** The one that was set, or one of the model's own: it learns, so two models never share it. */
    final PromptRenderer renderer() {
        return renderer == null
                ? PlainRenderer.builder().order(FactOrder.learned()).build()
                : renderer;
    }
}
