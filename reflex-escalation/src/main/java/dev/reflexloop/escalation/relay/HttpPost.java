package dev.reflexloop.escalation.relay;

import dev.reflexloop.Deadline;
import dev.reflexloop.ReflexThreads;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.io.CloseMode;
import org.jspecify.annotations.Nullable;

/**
 * Posts JSON to one address and reads the reply, on a connection of its own for each, blocking the calling thread until the deadline at most;
 * only a look-up of the host's name cannot be cut short. Follows no redirect, repeats nothing, keeps no cookie, logs nothing. Why not the
 * transport of the models: {@code docs/decisions/0022}. {@link #post} is for one thread, {@link #close} for any.
 */
final class HttpPost implements AutoCloseable {
    private static final int LONGEST_REPLY = 16_384;
    private static final long THREAD_KEEP_SECONDS = 5;
    private static final Http1Config LIMITS =
            Http1Config.custom().setMaxLineLength(16_384).setMaxHeaderCount(100).build();

    /** What came back: the body is cut where it gets long. */
    record Reply(int status, String body, Map<String, String> headers) {
        Optional<String> header(String name) {
            return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
        }
    }

    private final URI address;
    private final Map<String, String> headers;
    private final HttpRequestExecutor executor = new HttpRequestExecutor();
    private final ScheduledThreadPoolExecutor deadlines =
            new ScheduledThreadPoolExecutor(1, ReflexThreads.factory("reflex-relay-deadline"));
    private volatile @Nullable Socket current;
    private volatile boolean closed;

    HttpPost(URI address, Map<String, String> headers) {
        this.address = address;
        this.headers = Map.copyOf(headers);
        deadlines.setRemoveOnCancelPolicy(true);
        deadlines.setKeepAliveTime(THREAD_KEEP_SECONDS, TimeUnit.SECONDS);
        deadlines.allowCoreThreadTimeOut(true);
    }

    /** An absolute address of http or https. */
    static URI address(Secret secret) {
        try {
            URI address = new URI(secret.reveal());
            String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
            if ((scheme.equals("http") || scheme.equals("https"))
                    && address.getHost() != null
                    && address.getRawUserInfo() == null) {
                return address;
            }
        } catch (URISyntaxException malformed) {
            // its message quotes the secret
        }
        throw new RelayException(
                secret.toString(),
                "What " + secret
                        + " holds is no address of http or https, or has a user in it; put the whole address there,"
                        + " as in https://host/path",
                null);
    }

    /** The host and its port, which may be shown. */
    String host() {
        return address.getHost() + (address.getPort() < 0 ? "" : ":" + address.getPort());
    }

    private boolean isSecure() {
        return address.getScheme().equalsIgnoreCase("https");
    }

    Reply post(byte[] json, Deadline deadline) throws IOException {
        try (Socket socket = connect(deadline)) {
            Future<?> end = deadlines.schedule(
                    () -> closeQuietly(socket), Math.max(0, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
            DefaultBHttpClientConnection connection = new DefaultBHttpClientConnection(LIMITS);
            try {
                if (isSecure()) {
                    connection.bind(encrypt(socket), socket);
                } else {
                    connection.bind(socket);
                }
                return exchange(connection, json);
            } finally {
                connection.close(CloseMode.IMMEDIATE); // the other kind would wait for the other side
                end.cancel(false);
            }
        } catch (HttpException malformed) {
            throw new IOException("what it sent is no sound HTTP answer", malformed);
        } catch (RejectedExecutionException ended) {
            throw new InterruptedIOException("the relay was closed");
        } finally {
            current = null;
        }
    }

    private Socket connect(Deadline deadline) throws IOException {
        int port = address.getPort() >= 0 ? address.getPort() : isSecure() ? 443 : 80;
        String host = address.getHost();
        boolean literal = host.startsWith("["); // an IPv6 address
        IOException last = new IOException("it has no address");
        for (InetAddress each : InetAddress.getAllByName(literal ? host.substring(1, host.length() - 1) : host)) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline.remainingNanos());
            if (left <= 0) {
                throw new SocketTimeoutException("the time was over before a connection was made");
            }
            Socket socket = new Socket();
            current = socket;
            try {
                if (closed) {
                    throw new InterruptedIOException("the relay was closed");
                }
                socket.connect(new InetSocketAddress(each, port), (int) Math.min(left, Integer.MAX_VALUE));
                return socket;
            } catch (IOException failure) {
                closeQuietly(socket);
                last = failure;
            }
        }
        throw last;
    }

    private SSLSocket encrypt(Socket socket) throws IOException {
        SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
        SSLSocket secure = (SSLSocket) factory.createSocket(socket, address.getHost(), socket.getPort(), true);
        SSLParameters parameters = secure.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS"); // without it any valid certificate would do
        secure.setSSLParameters(parameters);
        secure.startHandshake();
        return secure;
    }

    private Reply exchange(DefaultBHttpClientConnection connection, byte[] json) throws IOException, HttpException {
        String path = address.getRawPath() == null || address.getRawPath().isEmpty() ? "/" : address.getRawPath();
        String query = address.getRawQuery() == null ? "" : "?" + address.getRawQuery();
        BasicClassicHttpRequest request = new BasicClassicHttpRequest("POST", path + query);
        request.addHeader("Host", host());
        request.addHeader("User-Agent", "Reflex");
        request.addHeader("Accept", "application/json");
        request.addHeader("Connection", "close");
        request.addHeader("Content-Type", ContentType.APPLICATION_JSON.getMimeType());
        request.addHeader("Content-Length", json.length);
        headers.forEach(request::addHeader);
        request.setEntity(new ByteArrayEntity(json, ContentType.APPLICATION_JSON));
        ClassicHttpResponse response = executor.execute(request, connection, HttpCoreContext.create());
        Map<String, String> received = new HashMap<>();
        for (Header header : response.getHeaders()) {
            received.putIfAbsent(header.getName().toLowerCase(Locale.ROOT), String.valueOf(header.getValue()));
        }
        HttpEntity entity = response.getEntity();
        byte[] body = entity == null ? new byte[0] : entity.getContent().readNBytes(LONGEST_REPLY);
        return new Reply(response.getCode(), new String(body, StandardCharsets.UTF_8), received);
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException closedAnyway) {
            // nothing is left to be done with it
        }
    }

    /** Ends the exchange under way, too. */
    @Override
    public void close() {
        closed = true;
        deadlines.shutdownNow();
        Socket socket = current;
        if (socket != null) {
            closeQuietly(socket);
        }
    }
}
