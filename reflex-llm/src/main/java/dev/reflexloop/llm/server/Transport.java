package dev.reflexloop.llm.server;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.DefaultConnectionKeepAliveStrategy;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.protocol.HttpContext;
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
    private static final TimeValue LOOK_AFTER = TimeValue.ofSeconds(1);

    private static final TimeValue KEEP = TimeValue.ofSeconds(30);
    private static final TimeValue MARGIN = TimeValue.ofSeconds(1);

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

    private static final AtomicLong CONNECTIONS = new AtomicLong();
    private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 16;

    private final HttpHost host;
    private final long maxReplyBytes;
    private final RequestConfig settings;
    private final PoolingHttpClientConnectionManager connections;
    private final CloseableHttpClient http;

    Transport(Endpoint endpoint, int maxConnections) {
        this.host = HttpHost.create(endpoint.base());
        this.maxReplyBytes = Math.min(endpoint.maxReplyBytes(), LARGEST_ARRAY);
        this.settings = RequestConfig.custom()
                .setProtocolUpgradeEnabled(false)
                .setRedirectsEnabled(false)
                .setAuthenticationEnabled(false)
                .setUnixDomainSocket(endpoint.socket().orElse(null))
                .build();
        Http1Config limits = Http1Config.custom()
                .setMaxLineLength(MAX_HEADER_LINE)
                .setMaxHeaderCount(MAX_HEADERS)
                .build();
        this.connections = PoolingHttpClientConnectionManagerBuilder.create()
                .setMaxConnTotal(maxConnections)
                .setMaxConnPerRoute(maxConnections)
                .setOffLockDisposalEnabled(true)
                .setConnectionFactory(socket -> connect(socket, limits))
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(CONNECT)
                        .setValidateAfterInactivity(LOOK_AFTER)
                        .build())
                .build();
        this.http = HttpClients.custom()
                .setConnectionManager(connections)
                .setKeepAliveStrategy(Transport::keep)
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableContentCompression()
                .disableConnectionState()
                .disableDefaultUserAgent()
                .build();
    }

    private static QuietConnection connect(@Nullable Socket socket, Http1Config limits) throws IOException {
        QuietConnection connection = new QuietConnection("reflex-http-" + CONNECTIONS.getAndIncrement(), limits);
        if (socket != null) {
            connection.bind(socket);
        }
        return connection;
    }

    /** A bit shorter than the server says: at the end of its time a request and the server's close would cross each other. */
    private static TimeValue keep(HttpResponse response, HttpContext context) {
        TimeValue promised = DefaultConnectionKeepAliveStrategy.INSTANCE.getKeepAliveDuration(response, context);
        if (!TimeValue.isPositive(promised) || promised.compareTo(KEEP) > 0) {
            return KEEP;
        }
        return TimeValue.ofMilliseconds(Math.max(0, promised.toMilliseconds() - MARGIN.toMilliseconds()));
    }

    /**
     * Sends it and reads the whole reply. A reply that is an error is cut where it gets long.
     *
     * @throws TooLongException when a good reply is longer than the endpoint allows
     * @throws IOException when there is no whole reply, for whatever reason
     */
    Reply exchange(HttpUriRequestBase request) throws IOException {
        request.setConfig(settings);
        ClassicHttpResponse response = http.executeOpen(host, request, null);
        boolean whole = false;
        try {
            int status = response.getCode();
            HttpEntity entity = response.getEntity();
            boolean good = status == 200;
            long limit = good ? maxReplyBytes : Math.min(maxReplyBytes, MAX_ERROR_BYTES);
            if (good && entity != null && entity.getContentLength() > limit) {
                throw new TooLongException(limit);
            }
            byte[] body = entity == null ? new byte[0] : read(entity, limit);
            whole = body.length <= limit;
            if (!whole && good) {
                throw new TooLongException(limit);
            }
            return new Reply(status, whole ? body : Arrays.copyOf(body, (int) limit));
        } finally {
            if (!whole) {
                request.cancel(); // closes the connection; without it, closing the response would read the rest
            }
            closeQuietly(response);
        }
    }

    private static void closeQuietly(ClassicHttpResponse response) {
        try {
            response.close();
        } catch (IOException alreadyClosed) {
            // its connection was cut; what was read before that is what counts
        }
    }

    /** Reads to the end, or to one byte more than the limit. */
    private static byte[] read(HttpEntity entity, long limit) throws IOException {
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
        connections.closeIdle(TimeValue.ZERO_MILLISECONDS);
    }

    /** The connections that are open: in use and kept. */
    int connections() {
        return connections.getTotalStats().getLeased()
                + connections.getTotalStats().getAvailable();
    }

    /** Closes every connection, also those in use. */
    void close() {
        http.close(CloseMode.IMMEDIATE);
    }
}
