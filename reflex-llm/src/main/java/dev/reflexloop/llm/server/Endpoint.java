package dev.reflexloop.llm.server;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a model server listens, and how to be let in. Immutable. Its text form never shows the key.
 *
 * <p>Addresses are {@code http://host:port}, {@code https://host:port/prefix} or {@code unix:/path/to/socket}.
 */
public final class Endpoint {
    private static final long DEFAULT_MAX_REPLY_BYTES = 4L << 20;

    private final URI base;
    private final Optional<Path> socket;
    private final Optional<String> apiKey;
    private final long maxReplyBytes;
    private final Optional<String> name;

    private Endpoint(
            URI base, Optional<Path> socket, Optional<String> apiKey, long maxReplyBytes, Optional<String> name) {
        this.name = name;
        this.base = base;
        this.socket = socket;
        this.apiKey = apiKey;
        this.maxReplyBytes = maxReplyBytes;
    }

    /**
     * An endpoint without a key.
     *
     * @param address {@code http://host:port}, {@code https://host:port/prefix} or {@code unix:/path/to/socket}
     * @return the endpoint
     * @throws IllegalArgumentException when the address is none of these, or holds a user, a query or a fragment
     */
    public static Endpoint of(String address) {
        Objects.requireNonNull(address, "address of an endpoint");
        if (address.startsWith("unix:")) {
            if (address.length() == "unix:".length()) {
                throw unusable(address, "it names no socket");
            }
            Path socket = Path.of(address.substring("unix:".length())).toAbsolutePath();
            return new Endpoint(
                    URI.create("http://localhost"),
                    Optional.of(socket),
                    Optional.empty(),
                    DEFAULT_MAX_REPLY_BYTES,
                    Optional.empty());
        }
        URI uri;
        try {
            uri = new URI(address.endsWith("/") ? address.substring(0, address.length() - 1) : address);
        } catch (URISyntaxException malformed) {
            throw unusable(address, malformed.getReason());
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw unusable(address, "its scheme is not http, https or unix");
        }
        if (uri.getHost() == null) {
            throw unusable(address, "it names no host, or one with characters that no host's name has, such as '_'");
        }
        if (uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw new IllegalArgumentException(
                    "an endpoint's address holds a user, a query or a fragment; give the key with apiKey(...)");
        }
        return new Endpoint(uri, Optional.empty(), Optional.empty(), DEFAULT_MAX_REPLY_BYTES, Optional.empty());
    }

    private static IllegalArgumentException unusable(String address, String reason) {
        String shown =
                address.replaceFirst("//[^/]*@", "//***@").replaceFirst("[?#].*", "?***"); // where a key may stand
        return new IllegalArgumentException("cannot use '" + shown + "' as an endpoint: " + reason
                + "; write http://127.0.0.1:8082 or unix:/run/model.sock");
    }

    /**
     * The same endpoint with a key, sent as {@code Authorization: Bearer}.
     *
     * @param key the key; never logged and in no error's text
     * @return a new endpoint
     */
    public Endpoint apiKey(String key) {
        if (key.isBlank() || key.chars().anyMatch(character -> character <= ' ' || character > '~')) {
            throw new IllegalArgumentException(
                    "the API key of " + this + " is blank or holds a character that no header can carry");
        }
        return new Endpoint(base, socket, Optional.of(key), maxReplyBytes, name);
    }

    /**
     * The same endpoint with a bound on replies: a longer one is cut off and counts as a failure. Default: 4 MiB.
     *
     * @param bytes the most bytes of one reply, 1 or more
     * @return a new endpoint
     */
    public Endpoint maxReplyBytes(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("maxReplyBytes of " + this + " is " + bytes + "; give 1 or more");
        }
        return new Endpoint(base, socket, apiKey, bytes, name);
    }

    /** The same endpoint of a server that keeps its name wherever it listens. */
    Endpoint named(String given) {
        return new Endpoint(base, socket, apiKey, maxReplyBytes, Optional.of(given));
    }

    /** What the server is known by from run to run: its name where it has one, its address otherwise. */
    String name() {
        return name.orElseGet(this::toString);
    }

    URI base() {
        return base;
    }

    Optional<Path> socket() {
        return socket;
    }

    Optional<String> key() {
        return apiKey;
    }

    long maxReplyBytes() {
        return maxReplyBytes;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Endpoint that
                && base.equals(that.base)
                && socket.equals(that.socket)
                && apiKey.equals(that.apiKey)
                && maxReplyBytes == that.maxReplyBytes;
    }

    @Override
    public int hashCode() {
        return Objects.hash(base, socket);
    }

    /** The address, without the key. */
    @Override
    public String toString() {
        return socket.map(path -> "unix:" + path).orElseGet(base::toString);
    }
}
