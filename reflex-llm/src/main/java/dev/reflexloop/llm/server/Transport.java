package dev.reflexloop.llm.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hc.client5.http.ClientProtocolException;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.DefaultConnectionKeepAliveStrategy;
import org.apache.hc.client5.http.impl.DefaultSchemePortResolver;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.ConnectionEndpoint;
import org.apache.hc.client5.http.io.LeaseRequest;
import org.apache.hc.client5.http.routing.RoutingSupport;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.DefaultConnectionReuseStrategy;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.message.BasicHeader;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Sends a request over a kept connection and reads the reply, blocking the calling thread; whoever cancels the request closes its connection
 * and so frees the thread. Makes no threads. No redirect, no retry, no cookie, no proxy, no stored password. Thread-safe.
 *
 * <p>Why this client and these settings: {@code docs/decisions/0014}.
 */
final class Transport {
    private static final int MAX_HEADER_LINE = 16_384;
    private static final int MAX_HEADERS = 100;
    private static final int MAX_ERROR_BYTES = 16_384;
    private static final int FIRST_READ = 4_096;
    private static final Timeout CONNECT = Timeout.ofSeconds(10);
    /** A connection that rested longer is looked at before it is used, which takes a millisecond when it is sound. */
    private static final long LOOK_AFTER_NANOS = 1_000_000_000;

    /** Who waits for a reply is freed by the end of its call. A time-out of the socket's would make three system calls of each read. */
    private static final Timeout NO_TIMEOUT = Timeout.ZERO_MILLISECONDS;

    private static final Header JSON = new BasicHeader(HttpHeaders.CONTENT_TYPE, ContentType.APPLICATION_JSON);
    private static final long KEEP_NANOS = 30_000_000_000L;
    /** At the end of the time that the server says, a request and its close would cross each other. */
    private static final long MARGIN_NANOS = 1_000_000_000;

    private static final long UNKNOWN = Long.MIN_VALUE;

    /** A reply that is longer than the endpoint allows. Carries no stack trace. */
    static final class TooLongException extends IOException {
        private static final long serialVersionUID = 1L;

        TooLongException(long limit) {
            super("its reply is longer than " + limit + " bytes");
        }

        @Override
        public Throwable fillInStackTrace() {
            return this;
        }
    }

    /** A connection that was leased from the pool, and rests between the calls that use it. One call at a time. */
    private static final class Connection {
        private final ConnectionEndpoint endpoint;
        private long keepNanos = UNKNOWN;
        private long restsSince;

        Connection(ConnectionEndpoint endpoint) {
            this.endpoint = endpoint;
        }

        /** Whether it may be used again; for how long, its first reply says. */
        boolean keepsAlive(HttpRequest request, HttpResponse response, HttpContext context) {
            if (keepNanos == UNKNOWN) {
                TimeValue promised =
                        DefaultConnectionKeepAliveStrategy.INSTANCE.getKeepAliveDuration(response, context);
                keepNanos = TimeValue.isPositive(promised)
                        ? Math.min(KEEP_NANOS, promised.toNanoseconds() - MARGIN_NANOS)
                        : KEEP_NANOS;
            }
            return keepNanos > 0 && DefaultConnectionReuseStrategy.INSTANCE.keepAlive(request, response, context);
        }
    }

    private static final AtomicLong CONNECTIONS = new AtomicLong();
    private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 16;

    private final URI base;
    private final List<Header> everywhere = new ArrayList<>();
    private final long maxReplyBytes;
    private final HttpRoute route;
    private final PoolingHttpClientConnectionManager connections;
    private final HttpRequestExecutor executor;

    /** Leased, so that a call in every tick has no dealings with the pool; the last that was used first. */
    private final Deque<Connection> resting = new ConcurrentLinkedDeque<>();

    Transport(Endpoint endpoint, int maxConnections) {
        this.base = endpoint.base();
        everywhere.add(new BasicHeader(HttpHeaders.HOST, base.getRawAuthority()));
        endpoint.key()
                .ifPresent(key -> everywhere.add(new BasicHeader(HttpHeaders.AUTHORIZATION, "Bearer " + key, true)));
        this.maxReplyBytes = Math.min(endpoint.maxReplyBytes(), LARGEST_ARRAY);
        HttpHost host = RoutingSupport.normalize(HttpHost.create(base), DefaultSchemePortResolver.INSTANCE);
        this.route = endpoint.socket()
                .map(socket -> new HttpRoute(host, socket))
                .orElseGet(() -> new HttpRoute(host, null, host.getSchemeName().equals("https")));
        Http1Config limits = Http1Config.custom()
                .setMaxLineLength(MAX_HEADER_LINE)
                .setMaxHeaderCount(MAX_HEADERS)
                .build();
        this.connections = PoolingHttpClientConnectionManagerBuilder.create()
                .setMaxConnTotal(maxConnections)
                .setMaxConnPerRoute(maxConnections)
                .setOffLockDisposalEnabled(true)
                .setConnectionFactory(socket -> connection(socket, limits))
                .setDefaultSocketConfig(
                        SocketConfig.custom().setSoTimeout(NO_TIMEOUT).build())
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(CONNECT)
                        .setValidateAfterInactivity(TimeValue.ZERO_MILLISECONDS)
                        .build())
                .build();
        this.executor = new HttpRequestExecutor(limits, null, null);
    }

    private static QuietConnection connection(@Nullable Socket socket, Http1Config limits) throws IOException {
        QuietConnection connection = new QuietConnection("reflex-http-" + CONNECTIONS.getAndIncrement(), limits);
        if (socket != null) {
            connection.bind(socket);
        }
        return connection;
    }

    HttpUriRequestBase get(String path) {
        return request("GET", path);
    }

    HttpUriRequestBase post(String path, byte[] json) {
        HttpUriRequestBase request = request("POST", path);
        request.addHeader(JSON);
        request.addHeader(new BasicHeader(HttpHeaders.CONTENT_LENGTH, json.length));
        request.setEntity(new ByteArrayEntity(json, ContentType.APPLICATION_JSON));
        return request;
    }

    private HttpUriRequestBase request(String method, String path) {
        HttpUriRequestBase request = new HttpUriRequestBase(method, base);
        request.setPath(base.getRawPath() + path);
        everywhere.forEach(request::addHeader);
        return request;
    }

    /**
     * Sends it and reads the whole reply. A reply that is an error is cut where it gets long.
     *
     * @throws TooLongException when a good reply is longer than the endpoint allows
     * @throws IOException when there is no whole reply, for whatever reason
     */
    Reply exchange(HttpUriRequestBase request) throws IOException {
        Connection connection = connection(request);
        request.setDependency(() -> discard(connection));
        boolean sound = false;
        try {
            HttpContext context = HttpCoreContext.create();
            if (!request.isCancelled() && !connection.endpoint.isConnected()) {
                connections.connect(connection.endpoint, null, context);
            }
            if (request.isCancelled()) {
                throw new InterruptedIOException("the call was cancelled");
            }
            ClassicHttpResponse response = connection.endpoint.execute("", request, executor::execute, context);
            boolean good = response.getCode() == 200;
            long limit = good ? maxReplyBytes : Math.min(maxReplyBytes, MAX_ERROR_BYTES);
            byte[] body = body(response.getEntity(), limit);
            if (good && body.length > limit) {
                throw new TooLongException(limit);
            }
            sound = body.length <= limit && connection.keepsAlive(request, response, context);
            return new Reply(response.getCode(), body.length <= limit ? body : Arrays.copyOf(body, (int) limit));
        } catch (HttpException unsound) {
            throw new ClientProtocolException(unsound.getMessage(), unsound);
        } finally {
            request.setDependency(() -> false); // who cancels from now on must not close what another call uses
            if (sound && !request.isCancelled()) {
                connection.restsSince = System.nanoTime();
                resting.addFirst(connection);
            } else {
                discard(connection);
            }
        }
    }

    /** A connection of its own, connected or not; there are as many as there are calls, so nobody waits. */
    private Connection connection(HttpUriRequestBase request) throws IOException {
        Connection rested = resting.pollFirst();
        if (rested != null) {
            long nanos = System.nanoTime() - rested.restsSince;
            if (nanos < Math.min(LOOK_AFTER_NANOS, rested.keepNanos)) {
                return rested;
            }
            if (nanos < rested.keepNanos) {
                // the pool looks whether it is sound when it gives it out again
                connections.release(rested.endpoint, null, TimeValue.ofNanoseconds(rested.keepNanos - nanos));
            } else {
                discard(rested);
            }
        }
        LeaseRequest lease = connections.lease("", route, CONNECT, null);
        request.setDependency(lease);
        try {
            return new Connection(lease.get(CONNECT));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("its thread was interrupted");
        } catch (ExecutionException | TimeoutException none) {
            throw new IOException("there was no connection to be had", none);
        }
    }

    /** May be called at any time and more than once: only who has the connection lets it go. */
    private boolean discard(Connection connection) {
        connection.endpoint.close(CloseMode.IMMEDIATE);
        connections.release(connection.endpoint, null, null);
        return true;
    }

    /** Reads to the end, or to one byte more than the limit. */
    private static byte[] body(@Nullable HttpEntity entity, long limit) throws IOException {
        if (entity == null) {
            return new byte[0];
        }
        InputStream content = entity.getContent();
        long promised = Math.min(entity.getContentLength(), limit);
        byte[] bytes = new byte[(int) Math.max(Math.min(promised, 1 << 16), FIRST_READ)];
        int length = 0;
        while (true) {
            if (length == bytes.length) {
                bytes = Arrays.copyOf(bytes, (int) Math.min(limit + 1, length * 2L));
            }
            int count = content.read(bytes, length, bytes.length - length);
            if (count < 0) {
                return Arrays.copyOf(bytes, length);
            }
            length += count;
            if (length > limit) {
                return Arrays.copyOf(bytes, length);
            }
        }
    }

    /** Closes the connections that nobody uses: when one of them turned out dead, the others probably are. */
    void closeIdle() {
        for (Connection rested = resting.pollFirst(); rested != null; rested = resting.pollFirst()) {
            discard(rested);
        }
        connections.closeIdle(TimeValue.ZERO_MILLISECONDS);
    }

    /** The connections that are open: in use and kept. */
    int connections() {
        return connections.getTotalStats().getLeased()
                + connections.getTotalStats().getAvailable();
    }

    /** Closes every connection, also those in use. */
    void close() {
        connections.close(CloseMode.IMMEDIATE);
    }
}
