package dev.reflexloop.llm.server;

import org.jspecify.annotations.Nullable;

/**
 * The settings that all models behind a server have. One thread at a time. Package-private, so that they are documented with each builder.
 *
 * @param <B> the builder itself
 */
abstract class ServedModelBuilder<B extends ServedModelBuilder<B>> {
    private final Endpoint endpoint;
    private @Nullable String id;

    ServedModelBuilder(Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    /**
     * Sets the id for records. Default: the kind of server and the model's name there, or the server's address where no model is named,
     * for instance {@code ollama:llama3.2:1b} or {@code llama:http://127.0.0.1:8082}.
     *
     * @param name a short name
     * @return this builder
     */
    public B id(String name) {
        if (name.isBlank()) {
            throw new IllegalArgumentException(
                    "id of model '" + defaultId() + "' is blank; give it a short name, or leave it as it is");
        }
        this.id = name;
        return self();
    }

    final Endpoint endpoint() {
        return endpoint;
    }

    final String id() {
        return id == null ? defaultId() : id;
    }

    abstract String defaultId();

    @SuppressWarnings("unchecked") // every builder names itself as B
    final B self() {
        return (B) this;
    }
}
