package dev.reflexloop.console.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.ReflexException;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.ReflexThreads;
import dev.reflexloop.TelemetryBus;
import dev.reflexloop.console.EscalationDesk;
import dev.reflexloop.console.decisions.DecisionArchive;
import dev.reflexloop.console.logfile.LogFiles;
import dev.reflexloop.console.review.Review;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The console over HTTP: the page, {@code /telemetry} as a WebSocket, {@code /logs}, and what else it is given. It can run in the bot's own
 * JVM, where it does nothing but follow the bus, or beside it.
 *
 * <pre>{@code
 * try (ConsoleServer console = ConsoleServer.builder(bus).escalations(EscalationDesk.of(inbox)).start()) {
 *     System.out.println(console.uri());
 *     ...
 * }
 * }</pre>
 *
 * <p>It listens on the loopback alone unless it is told otherwise, and refuses requests that come by a foreign name or from another server's
 * page. At most 128 connections, 64 readers of the telemetry and 20 threads, which are this library's own. Thread-safe.
 */
public final class ConsoleServer implements AutoCloseable {
    static final int MOST_CONNECTIONS = 128;
    private static final Logger LOG = LoggerFactory.getLogger(ConsoleServer.class);
    private static final int MOST_THREADS = 20;
    private static final int FEWEST_THREADS = 3;
    private static final int IDLE_MILLIS = 30_000;
    private static final int STOP_MILLIS = 2_000;
    private static final int MOST_HEADERS = 8 * 1_024;
    private static final long MOST_POOLED_BYTES = 8L << 20;

    private final Server server;
    private final ServerConnector connector;
    private final TelemetryPump pump;
    private final ScheduledThreadPoolExecutor timer;
    private final InetAddress address;
    private final @Nullable SystemOneEndpoint systemOne;
    private final URI uri;

    private ConsoleServer(Builder builder) {
        this.address = builder.address();
        String token = builder.checkedToken(address);
        QueuedThreadPool threads = new QueuedThreadPool(
                MOST_THREADS, FEWEST_THREADS, IDLE_MILLIS, 0, null, null, ReflexThreads.factory("reflex-console"));
        threads.setStopTimeout(STOP_MILLIS);
        this.timer = new ScheduledThreadPoolExecutor(1, ReflexThreads.factory("reflex-console-timer"));
        timer.setRemoveOnCancelPolicy(true);
        this.server = new Server(
                threads,
                new ScheduledExecutorScheduler(timer),
                new ArrayByteBufferPool(0, -1, -1, -1, MOST_POOLED_BYTES, MOST_POOLED_BYTES));
        server.setStopTimeout(0);
        this.connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(configuration()));
        connector.setHost(address.getHostAddress());
        connector.setPort(builder.port);
        connector.setIdleTimeout(IDLE_MILLIS);
        server.addConnector(connector);
        server.addBean(new NetworkConnectionLimit(MOST_CONNECTIONS, connector));
        this.pump = new TelemetryPump();
        this.systemOne = builder.model == null ? null : new SystemOneEndpoint(builder.model);
        Routes routes = new Routes();
        server.setErrorHandler(new Errors());
        server.setHandler(new Site(new Access(builder.names, token), routes));
        addRoutes(builder, routes, new TelemetryEndpoint(builder.bus, pump, server));
        start(builder.port);
        String host = address.isAnyLocalAddress() ? "localhost" : Access.literal(address);
        this.uri = URI.create("http://" + host + ":" + connector.getLocalPort() + "/");
    }

    private void addRoutes(Builder builder, Routes routes, TelemetryEndpoint telemetry) {
        PageFiles page = new PageFiles();
        LogsEndpoint logs = new LogsEndpoint(builder.bus, pump::readers);
        DownloadEndpoint downloads = new DownloadEndpoint(builder.bus, builder.telemetryFiles());
        String state = builder.state().toString();
        routes.addOpen("/", page::index)
                .addOpen("/page/*", page::file)
                .add("GET", "/state", exchange -> exchange.answer(200, state))
                .add("GET", "/telemetry", telemetry::open)
                .add("GET", "/logs", logs::page)
                .add("GET", "/logs/stats", logs::stats)
                .add("GET", "/logs/download", downloads::download)
                .add("POST", "/v1/systemone", systemOne == null ? SystemOneEndpoint::missing : systemOne::answer);
        if (builder.escalations != null) {
            EscalationsEndpoint escalations = new EscalationsEndpoint(builder.escalations);
            routes.add("GET", "/escalations", escalations::list)
                    .add("POST", "/escalations/*/answer", escalations::answer);
        }
        if (builder.decisions != null) {
            DecisionsEndpoint decisions = new DecisionsEndpoint(builder.decisions, builder.review);
            routes.add("GET", "/decisions", decisions::newest).add("GET", "/decisions/*", decisions::one);
        }
        if (builder.review != null) {
            ReviewEndpoint review = new ReviewEndpoint(builder.review);
            routes.add("GET", "/review", review::show)
                    .add("POST", "/review/labels", review::label)
                    .add("POST", "/review/undo", review::undo);
        }
    }

    private static HttpConfiguration configuration() {
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        configuration.setSendXPoweredBy(false);
        configuration.setRequestHeaderSize(MOST_HEADERS);
        configuration.setHttpCompliance(HttpCompliance.RFC7230);
        configuration.setUriCompliance(UriCompliance.DEFAULT.with(
                "ids", UriCompliance.Violation.AMBIGUOUS_PATH_SEPARATOR)); // an id may hold a '/'
        configuration.setNotifyRemoteAsyncErrors(false);
        return configuration;
    }

    private void start(int port) {
        try {
            pump.start();
            server.start();
        } catch (IOException failure) {
            close();
            String place = Access.literal(address) + ":" + port;
            throw new ReflexException(
                    place,
                    "The console cannot listen on " + place + " (" + failure.getMessage()
                            + "); choose another port, or end what listens there",
                    failure);
        } catch (Exception failure) {
            close();
            throw new ReflexException("console", "The console cannot start (" + failure + ")", failure);
        }
    }

    /**
     * Starts the settings of a console.
     *
     * @param bus the telemetry to show, which remains the caller's to close
     * @return a builder, one thread at a time
     */
    public static Builder builder(TelemetryBus bus) {
        return new Builder(bus);
    }

    /**
     * Where the page is. Where there is a token, the page wants it behind this address: {@code #token=...}.
     *
     * @return the address for a browser on this machine
     */
    public URI uri() {
        return uri;
    }

    /** Where it listens. */
    InetAddress address() {
        return address;
    }

    /** How many connections there are. */
    int connections() {
        return connector.getConnectedEndPoints().size();
    }

    /** How many read the telemetry. */
    int readers() {
        return pump.readers();
    }

    /** Ends all connections and threads; waits for some seconds at most. What it was given remains open. Idempotent. */
    @Override
    public void close() {
        boolean interrupted = Thread.interrupted(); // whoever is interrupted wants it closed, too
        pump.close();
        try {
            server.stop();
        } catch (Exception failure) {
            LOG.warn("The console did not stop cleanly", failure);
        }
        timer.shutdownNow();
        if (systemOne != null) {
            systemOne.close();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return "ConsoleServer[" + uri + "]";
    }

    /** Settings of a console. One thread at a time. */
    public static final class Builder {
        private static final int MOST_PORT = 65_535;

        private final TelemetryBus bus;
        private final Set<String> names = new HashSet<>();
        private int port;
        private String bind = "127.0.0.1";
        private Duration budget = Duration.ofMillis(200);
        private @Nullable String token;
        private @Nullable EscalationDesk escalations;
        private @Nullable DecisionArchive decisions;
        private @Nullable Review review;
        private @Nullable ReflexModel model;
        private @Nullable Supplier<List<Path>> files;

        private Builder(TelemetryBus bus) {
            this.bus = Objects.requireNonNull(bus, "telemetry bus of a console");
        }

        /**
         * Sets the port. Default: 0, any that is free.
         *
         * @param number 0 to 65,535
         * @return this builder
         */
        public Builder port(int number) {
            if (number < 0 || number > MOST_PORT) {
                throw new IllegalArgumentException("port of a console is " + number + "; give 0 to " + MOST_PORT);
            }
            this.port = number;
            return this;
        }

        /**
         * Sets the address to listen on. Any but the loopback needs a {@link #token}, and then everything passes over the network as it is: put
         * something that encrypts in front of it. Default: {@code 127.0.0.1}.
         *
         * @param hostOrAddress an address of this machine, or a name of one; {@code 0.0.0.0} for all
         * @return this builder
         */
        public Builder bind(String hostOrAddress) {
            this.bind = Objects.requireNonNull(hostOrAddress, "address of a console");
            return this;
        }

        /**
         * Adds a name by which browsers may come besides {@code localhost} and the address itself; by any port, and by https, too, for what
         * encrypts in front of this server. Default: none.
         *
         * @param host the name of this machine, without a port
         * @return this builder
         */
        public Builder name(String host) {
            names.add(host.toLowerCase(Locale.ROOT));
            return this;
        }

        /**
         * Sets the secret that everything but the bare page then asks for. Default: none, which the loopback alone may do without.
         *
         * @param secret 16 to 1,024 visible ASCII characters
         * @return this builder
         */
        public Builder token(String secret) {
            Access.problemOf(secret).ifPresent(problem -> {
                throw new IllegalArgumentException(problem);
            });
            this.token = secret;
            return this;
        }

        /**
         * Shows what waits for an answer, and takes answers. Default: nothing waits.
         *
         * @param desk the desk
         * @return this builder
         */
        public Builder escalations(EscalationDesk desk) {
            this.escalations = Objects.requireNonNull(desk, "escalation desk of a console");
            return this;
        }

        /**
         * Shows decisions in full. Default: none can be found.
         *
         * @param archive the logs that they are in
         * @return this builder
         */
        public Builder decisions(DecisionArchive archive) {
            this.decisions = Objects.requireNonNull(archive, "decision archive of a console");
            return this;
        }

        /**
         * Asks for labels of decisions, and takes them. Default: nothing is asked.
         *
         * @param labels the review
         * @return this builder
         */
        public Builder review(Review labels) {
            this.review = Objects.requireNonNull(labels, "review of a console");
            return this;
        }

        /**
         * Lets System One clients ask a model. Default: they are told that there is none.
         *
         * @param reflexs the model, which remains the caller's to close
         * @return this builder
         */
        public Builder model(ReflexModel reflexs) {
            this.model = Objects.requireNonNull(reflexs, "model of a console");
            return this;
        }

        /** Says which files a download of the telemetry comes from, the oldest first. Default: the bus's file, if it has one. */
        Builder files(Supplier<List<Path>> telemetry) {
            this.files = telemetry;
            return this;
        }

        private Supplier<List<Path>> telemetryFiles() {
            return files != null
                    ? files
                    : () -> bus.file().map(LogFiles::family).orElse(List.of());
        }

        /**
         * Sets how long a decision may take, for the line in the chart. Default: 200 ms.
         *
         * @param most above zero
         * @return this builder
         */
        public Builder budget(Duration most) {
            if (most.isZero() || most.isNegative()) {
                throw new IllegalArgumentException("budget of a console is " + most + "; give a duration above zero");
            }
            this.budget = most;
            return this;
        }

        /**
         * Starts to listen.
         *
         * @return the console, to be closed by the caller
         * @throws ReflexException if the address needs a token and there is none, is not this machine's, or the port is taken
         */
        public ConsoleServer start() {
            return new ConsoleServer(this);
        }

        private InetAddress address() {
            try {
                return InetAddress.getByName(bind);
            } catch (UnknownHostException unknown) {
                throw new ReflexException(
                        bind,
                        "The console cannot listen on '" + bind
                                + "', which is no address that this machine knows; give one of"
                                + " its own, or leave it out for 127.0.0.1",
                        unknown);
            }
        }

        private @Nullable String checkedToken(InetAddress address) {
            if (token == null && !address.isLoopbackAddress()) {
                throw new ReflexException(
                        bind,
                        "The console would show everything to whoever reaches " + bind
                                + "; give it a token, or let it listen on 127.0.0.1",
                        null);
            }
            return token;
        }

        private ObjectNode state() {
            ObjectNode state = Exchange.newObject();
            state.put("budgetMillis", budget.toNanos() / 1e6);
            ObjectNode has = state.putObject("has");
            has.put("decisions", decisions != null);
            has.put("review", review != null);
            has.put("escalations", escalations != null);
            has.put("model", model != null);
            state.put(
                    "library",
                    Optional.ofNullable(ConsoleServer.class.getPackage().getImplementationVersion())
                            .orElse("development"));
            return state;
        }
    }
}
