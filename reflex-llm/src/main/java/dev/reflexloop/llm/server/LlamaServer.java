package dev.reflexloop.llm.server;

import dev.reflexloop.UnusableModelException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A llama-server that this JVM starts, watches and ends. Thread-safe.
 *
 * <pre>{@code
 * try (LlamaServer server = LlamaServer.builder(Path.of("reflex-1b.gguf")).slots(2).start()) {
 *     ReflexModel model = LlamaServerModel.builder(server.endpoint()).build();
 *     ...
 * }
 * }</pre>
 *
 * <p>It is started with what reflexes need: a fixed number of slots with a cache of their own each, small batches, so that a cancelled
 * call frees the server soon, and no cache that moves idle slots away. When it dies it is started again at the same address, and models
 * that were given {@link #endpoint()} find it there. It never outlives this JVM, not even when that is killed: a small process of its own
 * watches over it.
 *
 * <p>One server serves one tier. llama-server fills its batches slot by slot: while a strategist's long prompt is read, a reflex in a later
 * slot of the same server waits for all of it, for seconds. Start a server of its own for each, with threads that add up to fewer than the
 * machine has processors.
 */
public final class LlamaServer implements AutoCloseable {

    /** What a managed server is doing. */
    public enum State {
        /** It is being started for the first time. */
        STARTING,
        /** It was healthy, and its process lives. */
        RUNNING,
        /** It died and is being started again. */
        RESTARTING,
        /** It died too often and stays down; {@link LlamaServer#log()} says why. */
        FAILED,
        /** It was closed. */
        CLOSED
    }

    private final String name;
    private final Endpoint endpoint;
    private final ServerLog log;
    private final Supervisor supervisor;

    private LlamaServer(Supervisor.Plan plan, ServerLog log) {
        this.name = plan.name();
        this.endpoint = plan.endpoint();
        this.log = log;
        this.supervisor = new Supervisor(plan, log);
    }

    /**
     * Looks for the program that is started where no builder names another. Starts nothing.
     *
     * @return the program's path
     * @throws dev.reflexloop.UnusableModelException if there is none, or what is named is none; the message says how to install it
     */
    public static Path program() {
        return LlamaExecutable.ofThisMachine().find(Path.of("any model"));
    }

    /**
     * Starts the settings of a server.
     *
     * @param model a .gguf file
     * @return a builder, one thread at a time
     */
    public static Builder builder(Path model) {
        return new Builder(model);
    }

    /**
     * Where it listens and how to be let in; the same over all restarts.
     *
     * @return the endpoint, with its key
     */
    public Endpoint endpoint() {
        return endpoint;
    }

    /**
     * Its name for threads and messages.
     *
     * @return the name
     */
    public String name() {
        return name;
    }

    /**
     * What it is doing now.
     *
     * @return the state
     */
    public State state() {
        return supervisor.state();
    }

    /**
     * How often it came back after it had died.
     *
     * @return restarts that succeeded
     */
    public long restarts() {
        return supervisor.restarts();
    }

    /**
     * The number of its process.
     *
     * @return the process id, empty while it is down
     */
    public OptionalLong pid() {
        return supervisor.program().stream().mapToLong(ProcessHandle::pid).findFirst();
    }

    /**
     * The last lines that it printed, over all restarts.
     *
     * @return at most 200 lines of at most 1,000 characters, the newest last
     */
    public List<String> log() {
        return log.lines();
    }

    /** Ends the server; returns within some seconds, normally at once. Idempotent. */
    @Override
    public void close() {
        supervisor.close();
    }

    /** Its name, address and state; no key. */
    @Override
    public String toString() {
        return "LlamaServer[" + name + " at " + endpoint + ", " + state() + "]";
    }

    /** Settings of a server. One thread at a time. */
    public static final class Builder {
        private static final long LOG_FILE_BYTES = 16L << 20;
        private static final int KEY_BITS = 160;

        private final Path model;
        private int slots = 1;
        private int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        private int context = 2_048;
        private int gpuLayers = 99;
        private int restartsPerMinute = 5;
        private Duration startWithin = Duration.ofMinutes(2);
        private Consumer<State> listener = state -> {};
        private List<String> arguments = List.of();
        private Optional<Path> logFile = Optional.empty();
        private @Nullable ListeningPlace place;
        private @Nullable Path executable;
        private @Nullable String name;
        private @Nullable String apiKey;
        private boolean open;

        private Builder(Path model) {
            this.model = model;
        }

        /**
         * Sets the name for threads and messages, for instance the tier that it serves. Default: the file's name without its ending.
         *
         * @param tier a short name
         * @return this builder
         */
        public Builder name(String tier) {
            if (tier.isBlank()) {
                throw new IllegalArgumentException("name of a llama-server is blank; give it a short name");
            }
            this.name = tier;
            return this;
        }

        /**
         * Sets the program. Default: what the system property {@code reflex.llama.server} names, else the environment variable
         * {@code REFLEX_LLAMA_SERVER}, else the first {@code llama-server} (on Windows {@code llama-server.exe}) on the PATH, in
         * {@code ~/.cache/reflex/llama/bin} or where package managers put it.
         *
         * @param program the llama-server
         * @return this builder
         */
        public Builder executable(Path program) {
            this.executable = program;
            return this;
        }

        /**
         * Sets how many calls it serves at a time, each with a prefix cache of its own; one for every loop is best. Default: 1.
         *
         * @param count 1 to 256
         * @return this builder
         */
        public Builder slots(int count) {
            this.slots = between(1, 256, count, "slots");
            return this;
        }

        /**
         * Sets how many threads compute. Default: half of the machine's processors, at least one. With as many threads as processors
         * anything else that runs, such as the game, makes every answer many times slower.
         *
         * @param count 1 to 1,024
         * @return this builder
         */
        public Builder threads(int count) {
            this.threads = between(1, 1_024, count, "threads");
            return this;
        }

        /**
         * Sets the longest prompt of one slot. Default: 2,048.
         *
         * @param tokens 16 to 1,048,576; more than the model was trained for is cut to that by the server
         * @return this builder
         */
        public Builder context(int tokens) {
            this.context = between(16, 1 << 20, tokens, "context");
            return this;
        }

        /**
         * Sets how many of the model's layers a graphics card takes. Default: 99, which is all of them in most models; a build without
         * support for one prints a warning and computes on the processor.
         *
         * @param count 0 to 9,999
         * @return this builder
         */
        public Builder gpuLayers(int count) {
            this.gpuLayers = between(0, 9_999, count, "gpuLayers");
            return this;
        }

        /**
         * Listens on this port of 127.0.0.1. Default: a free one.
         *
         * @param number 1 to 65,535
         * @return this builder
         */
        public Builder port(int number) {
            this.place = ListeningPlace.at(between(1, 65_535, number, "port"));
            return this;
        }

        /**
         * Listens on a Unix socket instead of a port, which is faster and closed to other users where its folder is. Not tried on
         * Windows.
         *
         * @param path a path that ends in {@code .sock}; what a killed server left there is deleted
         * @return this builder
         */
        public Builder unixSocket(Path path) {
            this.place = ListeningPlace.at(path);
            return this;
        }

        /**
         * Sets the key that callers have to send. Default: a random one for every start of the JVM, because a web page in the user's
         * browser could call a server without. It reaches the server through its environment, not through its command line.
         *
         * @param key the key, also for callers outside this JVM
         * @return this builder
         */
        public Builder apiKey(String key) {
            Endpoint.of("http://127.0.0.1").apiKey(key);
            this.apiKey = key;
            this.open = false;
            return this;
        }

        /**
         * Lets everybody in who reaches the address. Default: only callers with the key.
         *
         * @return this builder
         */
        public Builder withoutApiKey() {
            this.open = true;
            return this;
        }

        /**
         * Keeps all that the server prints in a file, too. Default: only the last lines, in memory.
         *
         * @param path a file that is appended to; beyond 16 MiB it is moved to the same name with {@code .1} behind
         * @return this builder
         */
        public Builder logFile(Path path) {
            this.logFile = Optional.of(path);
            return this;
        }

        /**
         * Sets how long a start may take, until the model is loaded. Default: 2 minutes.
         *
         * @param duration above zero
         * @return this builder
         */
        public Builder startWithin(Duration duration) {
            if (duration.isZero() || duration.isNegative()) {
                throw new IllegalArgumentException("startWithin is " + duration + "; give a duration above zero");
            }
            this.startWithin = duration;
            return this;
        }

        /**
         * Sets how many deaths within a minute are answered by a restart; one more, and it stays down. Default: 5.
         *
         * @param count 0 to 1,000
         * @return this builder
         */
        public Builder restartsPerMinute(int count) {
            this.restartsPerMinute = between(0, 1_000, count, "restartsPerMinute");
            return this;
        }

        /**
         * Is told every new state. Default: nobody.
         *
         * @param newListener called by a thread of the server's own or by the one that closes it; what it throws is logged
         * @return this builder
         */
        public Builder listener(Consumer<State> newListener) {
            this.listener = newListener;
            return this;
        }

        /**
         * Adds arguments of llama-server, behind ours, so that they count where both say something. Default: none.
         *
         * @param more for instance {@code "--lora", "adapter.gguf"}; everybody on the machine can read them
         * @return this builder
         */
        public Builder arguments(String... more) {
            this.arguments = List.of(more);
            return this;
        }

        private static int between(int least, int most, int value, String parameter) {
            if (value < least || value > most) {
                throw new IllegalArgumentException(
                        parameter + " of a llama-server is " + value + "; give " + least + " to " + most);
            }
            return value;
        }

        /**
         * Starts the server and blocks until it is healthy.
         *
         * @return the server, to be closed by the caller
         * @throws UnusableModelException if there is no llama-server (the message says how to get one), the model's file is missing or
         *     damaged, the address is taken, or the server ended or was not healthy in time; the message has its last lines. Nothing is
         *     left running
         */
        public LlamaServer start() {
            if (!Files.isRegularFile(model) || !Files.isReadable(model)) {
                throw new UnusableModelException(
                        model.toString(),
                        "there is no such file that can be read; give the path of a .gguf file",
                        null);
            }
            Path program = executable == null
                    ? LlamaExecutable.ofThisMachine().find(model)
                    : LlamaExecutable.checked(model, executable, "executable(...)");
            ListeningPlace where = place == null ? freePort() : place;
            String key =
                    open ? "" : apiKey == null ? new BigInteger(KEY_BITS, new SecureRandom()).toString(36) : apiKey;
            String known = name == null ? fileName() : name;
            Endpoint named = where.endpoint().named(known);
            Endpoint endpoint = open ? named : named.apiKey(key);
            Supervisor.Plan plan = new Supervisor.Plan(
                    known,
                    model.toString(),
                    command(program, where),
                    open ? Map.of() : Map.of("LLAMA_API_KEY", key),
                    where,
                    endpoint,
                    startWithin,
                    restartsPerMinute,
                    listener);
            LlamaServer server = new LlamaServer(plan, new ServerLog(logFile, LOG_FILE_BYTES));
            server.supervisor.start();
            return server;
        }

        private ListeningPlace freePort() {
            try {
                return ListeningPlace.free();
            } catch (IOException failure) {
                throw new UnusableModelException(
                        model.toString(), "no port of 127.0.0.1 is free for its server", failure);
            }
        }

        private String fileName() {
            String file = String.valueOf(model.getFileName());
            return file.endsWith(".gguf") ? file.substring(0, file.length() - ".gguf".length()) : file;
        }

        private List<String> command(Path program, ListeningPlace where) {
            List<String> command = new ArrayList<>(
                    List.of(program.toString(), "-m", model.toAbsolutePath().toString()));
            command.addAll(where.arguments());
            command.addAll(List.of("-np", Integer.toString(slots), "-c", Long.toString((long) slots * context)));
            command.addAll(List.of("-t", Integer.toString(threads), "-ngl", Integer.toString(gpuLayers)));
            // One cache per slot that stays where it is; a cancelled call is over after one small batch.
            command.addAll(List.of("-no-kvu", "--cache-ram", "0", "-b", "256", "-ub", "256", "--slots", "--no-webui"));
            command.addAll(arguments);
            return command;
        }
    }
}
