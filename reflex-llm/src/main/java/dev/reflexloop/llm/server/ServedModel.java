package dev.reflexloop.llm.server;

import dev.reflexloop.ReflexModel;
import java.util.function.IntFunction;

/** What all models behind a server are: an id, and one client for their exchanges. Thread-safe. */
abstract class ServedModel implements ReflexModel {
    private final String id;
    private final ServerClient client;

    /** @param remedy by status, what to do about it with this kind of server; empty for the usual words */
    ServedModel(ServedModelBuilder<?> settings, IntFunction<String> remedy) {
        this.id = settings.id();
        this.client = new ServerClient(settings.endpoint(), id, remedy);
    }

    final ServerClient client() {
        return client;
    }

    @Override
    public final String id() {
        return id;
    }

    @Override
    public final boolean returnsAtOnce() {
        return true;
    }

    /**
     * What is asked for and how, as far as it is known without asking the server: its name or address, the model's and the adapter's name where they
     * are given, the prompt, and the options that decide. Not the weights behind a name, and nothing that the server was started with, an
     * adapter or a temperature for instance: who changes those, records it himself. Never a key. Does not block.
     */
    @Override
    public final String settings() {
        return "server=" + client.endpoint().name() + ", " + asked();
    }

    /** What decides besides the server, which is known by its name or address. */
    abstract String asked();

    /** Ends the exchanges in progress and their threads. Idempotent and bounded. */
    @Override
    public void close() {
        client.close();
    }

    @Override
    public final String toString() {
        return getClass().getSimpleName() + "[" + id + ", " + client.endpoint() + "]";
    }
}
