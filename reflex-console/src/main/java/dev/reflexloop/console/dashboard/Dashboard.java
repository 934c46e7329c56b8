package dev.reflexloop.console.dashboard;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.console.terminal.Ink;
import dev.reflexloop.llm.server.Endpoint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Looks at what a reflex leaves and uses, and tells it as text or JSON. It reads logs as a stream, asks servers what they have, and writes
 * nothing. A log that did not change since the last look is not read again. One thread at a time.
 */
public final class Dashboard implements AutoCloseable {
    private final LogSums logs;
    private final ModelPlaces models;

    private Dashboard(Builder builder) {
        this.logs = new LogSums(builder.logs, builder.sessions, Optional.ofNullable(builder.window), builder.clock);
        this.models = new ModelPlaces(builder.llamaServers, builder.ollamas, builder.folders, builder.logs);
    }

    /**
     * Starts the list of what to look at.
     *
     * @return a builder, one thread at a time
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Looks. Blocks while logs are read, and for a second at most while servers are asked.
     *
     * @return what there is
     * @throws InterruptedException if the calling thread was interrupted
     */
    public View look() throws InterruptedException {
        return new View(logs.look(models.look()));
    }

    /** Ends the connections. Idempotent. */
    @Override
    public void close() {
        models.close();
    }

    /** What was seen at one look. Immutable. */
    public static final class View {
        private final Overview overview;

        private View(Overview overview) {
            this.overview = overview;
        }

        /**
         * The view for people.
         *
         * @param columns how wide a line may be; 60 at least, and two columns of panels from 110 on
         * @param ink the colours
         * @return the lines
         */
        public List<String> lines(int columns, Ink ink) {
            return new DashboardText(overview, ink).lines(columns);
        }

        /**
         * The view for programs.
         *
         * @return one object
         */
        public ObjectNode json() {
            return DashboardJson.of(overview);
        }
    }

    /** What to look at. One thread at a time. */
    public static final class Builder {
        private final List<Path> logs = new ArrayList<>();
        private final List<Path> sessions = new ArrayList<>();
        private final List<Path> folders = new ArrayList<>();
        private final List<Endpoint> llamaServers = new ArrayList<>();
        private final List<Endpoint> ollamas = new ArrayList<>();
        private @Nullable Duration window;
        private ReflexClock clock = ReflexClock.system();

        private Builder() {}

        /**
         * Adds logs: trajectories, telemetry, ticks, inboxes, labels, sessions of a harness. Default: none.
         *
         * @param place a file, with those that were rotated out of it, or a folder
         * @return this builder
         */
        public Builder logs(Path place) {
            logs.add(place);
            return this;
        }

        /**
         * Adds a harness's list of sessions, whatever its name. Default: the files {@code sessions.json} among the logs.
         *
         * @param file the file
         * @return this builder
         */
        public Builder sessions(Path file) {
            sessions.add(file);
            return this;
        }

        /**
         * Adds a folder with models. Default: the folders of the logs.
         *
         * @param folder the folder
         * @return this builder
         */
        public Builder models(Path folder) {
            folders.add(folder);
            return this;
        }

        /**
         * Adds a llama-server. Default: where one usually listens, if neither a llama-server nor an Ollama is added.
         *
         * @param server the server
         * @return this builder
         */
        public Builder llamaServer(Endpoint server) {
            llamaServers.add(server);
            return this;
        }

        /**
         * Adds an Ollama. Default: where one usually listens, if neither a llama-server nor an Ollama is added.
         *
         * @param server the server
         * @return this builder
         */
        public Builder ollama(Endpoint server) {
            ollamas.add(server);
            return this;
        }

        /**
         * Sets how far back to look. Default: as far as the logs go.
         *
         * @param back above zero
         * @return this builder
         */
        public Builder window(Duration back) {
            this.window = back;
            return this;
        }

        /**
         * Sets the clock. Default: the system's.
         *
         * @param given the clock
         * @return this builder
         */
        public Builder clock(ReflexClock given) {
            this.clock = given;
            return this;
        }

        /**
         * Builds the dashboard. Looks at nothing yet.
         *
         * @return the dashboard, to be closed by the caller
         */
        public Dashboard build() {
            return new Dashboard(this);
        }
    }
}
