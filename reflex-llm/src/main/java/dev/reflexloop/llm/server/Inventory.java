package dev.reflexloop.llm.server;

import dev.reflexloop.Deadline;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexThreads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Which models are on disk and in memory, in folders and behind servers; for dashboards. Thread-safe.
 *
 * <pre>{@code
 * try (Inventory inventory = Inventory.builder()
 *         .folder(Path.of("models"))
 *         .llamaServer(server.endpoint())
 *         .ollama(Endpoint.of("http://127.0.0.1:11434"))
 *         .build()) {
 *     inventory.look(Duration.ofSeconds(1)).forEach(System.out::println);
 * }
 * }</pre>
 *
 * <p>Servers are asked for what they have and nothing else: no look loads or unloads a model.
 */
public final class Inventory implements AutoCloseable {
    private static final int MOST_REASON = 500;

    private final List<Looker> lookers;
    private final ExecutorService threads = Executors.newCachedThreadPool(ReflexThreads.factory("reflex-inventory"));

    private Inventory(Builder builder) {
        this.lookers = builder.lookers.stream().map(Supplier::get).toList();
    }

    /**
     * Starts the list of places to look at.
     *
     * @return a builder, one thread at a time
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Looks at all places at the same time. Blocks, at most for the time given. A server that is down, or slower than that, is reported
     * as a problem of its place.
     *
     * @param within how long to wait, above zero
     * @return one report for each place, in the builder's order
     * @throws InterruptedException if the calling thread was interrupted
     */
    public List<ModelPlace> look(Duration within) throws InterruptedException {
        if (within.isZero() || within.isNegative()) {
            throw new IllegalArgumentException("a look at the inventory has " + within + "; give a time above zero");
        }
        Deadline deadline = Deadline.in(within, ReflexClock.system());
        List<CompletableFuture<ModelPlace>> looks = new ArrayList<>();
        for (Looker looker : lookers) {
            looks.add(looker.look(deadline, threads));
        }
        List<ModelPlace> places = new ArrayList<>();
        for (int i = 0; i < looks.size(); i++) {
            places.add(report(lookers.get(i), looks.get(i), deadline, within));
        }
        return List.copyOf(places);
    }

    private static ModelPlace report(
            Looker looker, CompletableFuture<ModelPlace> look, Deadline deadline, Duration within)
            throws InterruptedException {
        String problem;
        try {
            ModelPlace place = look.get(Math.max(1, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
            List<ModelEntry> sorted = place.models().stream()
                    .sorted(Comparator.comparing(ModelEntry::loaded).reversed().thenComparing(ModelEntry::name))
                    .toList();
            return new ModelPlace(place.kind(), place.address(), sorted, place.problems());
        } catch (TimeoutException late) {
            look.cancel(true);
            problem = "nothing was found out within " + within;
        } catch (ExecutionException failure) {
            String reason = String.valueOf(
                    failure.getCause() == null ? failure : failure.getCause().getMessage());
            problem = reason.substring(0, Math.min(reason.length(), MOST_REASON));
        }
        return new ModelPlace(looker.kind(), looker.address(), List.of(), List.of(problem));
    }

    /** Ends the connections and threads. Idempotent. */
    @Override
    public void close() {
        lookers.forEach(Looker::close);
        threads.shutdownNow();
    }

    /** The places to look at. One thread at a time. */
    public static final class Builder {
        private final List<Supplier<Looker>> lookers = new ArrayList<>(); // each holds connections once it is made

        private Builder() {}

        /**
         * Adds the .gguf files of a folder and of those below it, at most 1,000 of them, 8 folders deep. Only their heads are read.
         *
         * @param path the folder
         * @return this builder
         */
        public Builder folder(Path path) {
            lookers.add(() -> new FolderLooker(path));
            return this;
        }

        /**
         * Adds a llama-server: {@code /v1/models}, {@code /props} and {@code /slots}.
         *
         * @param endpoint the server
         * @return this builder
         */
        public Builder llamaServer(Endpoint endpoint) {
            lookers.add(() -> new LlamaServerLooker(endpoint));
            return this;
        }

        /**
         * Adds an Ollama: {@code /api/tags} and {@code /api/ps}.
         *
         * @param endpoint the server
         * @return this builder
         */
        public Builder ollama(Endpoint endpoint) {
            lookers.add(() -> new OllamaLooker(endpoint));
            return this;
        }

        /**
         * Builds the inventory. Asks nobody yet.
         *
         * @return the inventory, to be closed by the caller
         */
        public Inventory build() {
            return new Inventory(this);
        }
    }
}
