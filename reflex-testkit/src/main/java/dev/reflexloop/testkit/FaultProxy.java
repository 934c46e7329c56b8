package dev.reflexloop.testkit;

import dev.reflexloop.ReflexThreads;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Stands between an HTTP client and a real model server and spoils exchanges, each in the way that the test chose for it; the others pass
 * through as they are.
 *
 * <pre>{@code
 * try (FaultProxy proxy = FaultProxy.to(new InetSocketAddress("127.0.0.1", 8082)).random(seed, Fault.values());
 *         ReflexModel model = new MyModel(proxy.address())) { ... }
 * }</pre>
 *
 * <p>{@link #goDown()} and {@link #comeBack()} play a server that dies and returns at the same address.
 *
 * <p>Speaks HTTP/1.1 with kept connections on both sides, without encryption. One thread a connection, named {@code fault-proxy-...};
 * {@link #close()} ends them. Thread-safe.
 */
public final class FaultProxy implements AutoCloseable {

    /** What goes wrong with one exchange. */
    public enum Fault {
        /** Nothing: the request goes to the server and its reply comes back. */
        NONE,
        /** The request is read, and nothing is ever sent back. */
        STALL,
        /** The server's reply comes one byte a second. */
        DRIP,
        /** The connection is reset instead of a reply. */
        RESET,
        /** The connection is closed in the middle of the reply's body. */
        TRUNCATE,
        /** The connection is reset in the middle of the reply's headers, as if the server died. */
        DIE,
        /** Status 500, with a text that is no JSON. */
        STATUS_500,
        /** Status 503, as from a server that still loads its model. */
        STATUS_503,
        /** Status 501, as from a server that serves another kind of model. */
        STATUS_501,
        /** Status 401, as from a server that wants another key. */
        STATUS_401,
        /** Status 200, and a body that is no JSON. */
        NOT_JSON,
        /** Status 200, and JSON about actions that nobody asked for. */
        WRONG_LABELS,
        /** Status 200, and a JSON text of 100 MB. */
        HUGE
    }

    /** Chooses what goes wrong with an exchange. Called one at a time. */
    @FunctionalInterface
    public interface Choice {
        /**
         * Chooses a fault.
         *
         * @param path what is asked for, for instance {@code /completion}
         * @param exchange the number of the exchange, from 0 since the proxy was made
         * @return the fault
         */
        Fault choose(String path, long exchange);
    }

    /** Where it listens, and who takes the connections there. */
    private record Listener(ServerSocketChannel channel, Thread acceptor) {}

    private static final int BACKLOG = 200;
    private static final long END_MILLIS = 10_000;

    private final SocketAddress upstream;
    private final ThreadFactory threads = ReflexThreads.factory("fault-proxy");
    private final Set<ProxyLink> links = ConcurrentHashMap.newKeySet();
    private final Map<Fault, Long> counts = new EnumMap<>(Fault.class);
    private final SocketAddress address;
    private final AtomicLong accepted = new AtomicLong();
    private final Object upOrDown = new Object();
    private @Nullable Listener listener;
    private boolean closed;
    private Choice faults = (path, exchange) -> Fault.NONE;
    private long exchanges;
    private @Nullable String lastRequest;

    private FaultProxy(SocketAddress wanted, SocketAddress upstream) {
        this.upstream = upstream;
        this.address = listen(wanted);
    }

    /**
     * A proxy on a free loopback port. It passes everything until it is told otherwise.
     *
     * @param upstream where the server listens: an {@link InetSocketAddress} or a {@link UnixDomainSocketAddress}
     * @return the proxy, listening
     */
    public static FaultProxy to(SocketAddress upstream) {
        return new FaultProxy(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), upstream);
    }

    /**
     * A proxy on a Unix socket. It passes everything until it is told otherwise.
     *
     * @param socket where to listen; must not exist, and is deleted when the proxy is down
     * @param upstream where the server listens: an {@link InetSocketAddress} or a {@link UnixDomainSocketAddress}
     * @return the proxy, listening
     */
    public static FaultProxy to(Path socket, SocketAddress upstream) {
        return new FaultProxy(UnixDomainSocketAddress.of(socket), upstream);
    }

    /**
     * Spoils every exchange from now on in the same way.
     *
     * @param fault the fault
     * @return this proxy
     */
    public FaultProxy always(Fault fault) {
        return by((path, exchange) -> fault);
    }

    /**
     * Goes through faults from now on, and begins again after the last.
     *
     * @param inOrder the faults in order, at least one
     * @return this proxy
     */
    public FaultProxy inTurn(Fault... inOrder) {
        List<Fault> all = atLeastOne(inOrder);
        return by((path, exchange) -> all.get((int) (exchange % all.size())));
    }

    /**
     * Chooses faults at random from now on, in the same order for the same seed.
     *
     * @param seed the seed; put it into the message of the test
     * @param choice the faults to choose from, at least one; repeat one to make it more likely
     * @return this proxy
     */
    public FaultProxy random(long seed, Fault... choice) {
        List<Fault> all = atLeastOne(choice);
        Random random = new Random(seed);
        return by((path, exchange) -> all.get(random.nextInt(all.size())));
    }

    /**
     * Lets a function choose the faults from now on.
     *
     * @param chosen the function
     * @return this proxy
     */
    public synchronized FaultProxy by(Choice chosen) {
        this.faults = chosen;
        return this;
    }

    private static List<Fault> atLeastOne(Fault... faults) {
        if (faults.length == 0) {
            throw new IllegalArgumentException("a fault proxy was given no fault; Fault.NONE is one");
        }
        return List.copyOf(Arrays.asList(faults));
    }

    /**
     * Where it listens.
     *
     * @return {@code http://127.0.0.1:port}, or {@code unix:path}
     */
    public String address() {
        return address instanceof InetSocketAddress tcp
                ? "http://" + tcp.getAddress().getHostAddress() + ":" + tcp.getPort()
                : "unix:" + address;
    }

    /**
     * How often a fault was played.
     *
     * @param fault the fault
     * @return the number of exchanges
     */
    public synchronized long count(Fault fault) {
        return counts.getOrDefault(fault, 0L);
    }

    /**
     * How many exchanges were spoilt.
     *
     * @return their number; those that went wrong because the server could not be reached are not among them
     */
    public synchronized long injected() {
        return exchanges - count(Fault.NONE);
    }

    /**
     * How many exchanges there were.
     *
     * @return the number of requests that were read
     */
    public synchronized long exchanges() {
        return exchanges;
    }

    /**
     * What a client sent last, so that a test can look at it.
     *
     * @return the whole request as it came, its characters being its bytes; empty before the first
     */
    public synchronized Optional<String> lastRequest() {
        return Optional.ofNullable(lastRequest);
    }

    /**
     * How many connections were ever made.
     *
     * @return their number
     */
    public long accepted() {
        return accepted.get();
    }

    /**
     * How many connections the clients hold open. One that a client closed while the server works for
     * it is noticed when the server has answered, any other at once.
     *
     * @return their number
     */
    public int open() {
        return links.size();
    }

    /**
     * Plays the server's death: resets every connection, and refuses new ones from its return on. Does nothing when it is down. Blocks
     * for as long as the thread that takes connections needs to end.
     */
    public void goDown() {
        synchronized (upOrDown) {
            if (listener != null) {
                closeQuietly(listener.channel());
                awaitEnd(listener.acceptor());
                listener = null;
                deleteSocket();
            }
            links.forEach(ProxyLink::reset);
        }
    }

    /** Plays the server's return, at the same address. Does nothing when it is up. */
    public void comeBack() {
        synchronized (upOrDown) {
            if (listener == null && !closed) {
                listen(address);
            }
        }
    }

    /** Stops listening and resets every connection. Idempotent. */
    @Override
    public void close() {
        synchronized (upOrDown) {
            closed = true;
            goDown();
        }
    }

    /** A closed socket still takes a connection while a thread is inside {@code accept}. */
    private static void awaitEnd(Thread acceptor) {
        try {
            acceptor.join(END_MILLIS);
        } catch (InterruptedException asked) {
            Thread.currentThread().interrupt();
        }
    }

    private SocketAddress listen(SocketAddress wanted) {
        try {
            ServerSocketChannel server = wanted instanceof UnixDomainSocketAddress
                    ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                    : ServerSocketChannel.open();
            try {
                server.bind(wanted, BACKLOG);
            } catch (IOException taken) {
                server.close();
                throw taken;
            }
            Thread acceptor = threads.newThread(() -> accept(server));
            listener = new Listener(server, acceptor);
            acceptor.start();
            return server.getLocalAddress();
        } catch (IOException failure) {
            throw new UncheckedIOException("a fault proxy cannot listen on " + wanted, failure);
        }
    }

    private void deleteSocket() {
        if (address instanceof UnixDomainSocketAddress unix) {
            try {
                Files.deleteIfExists(unix.getPath());
            } catch (IOException failure) {
                throw new UncheckedIOException("the socket of a fault proxy cannot be deleted", failure);
            }
        }
    }

    private void accept(ServerSocketChannel server) {
        while (true) {
            SocketChannel client;
            try {
                client = server.accept();
            } catch (IOException down) {
                return;
            }
            ProxyLink link = new ProxyLink(client, upstream, this::next, links::remove);
            links.add(link);
            accepted.incrementAndGet();
            threads.newThread(link).start();
        }
    }

    private synchronized Fault next(HttpMessage request) {
        lastRequest = new String(request.bytes(), StandardCharsets.ISO_8859_1);
        Fault fault = faults.choose(request.path(), exchanges++);
        counts.merge(fault, 1L, Long::sum);
        return fault;
    }

    static void closeQuietly(@Nullable Closeable closeable) {
        if (closeable != null) {
            try {
                closeable.close();
            } catch (IOException alreadyBroken) {
                // closed is all that it should be
            }
        }
    }
}
