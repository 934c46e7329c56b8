package dev.reflexloop.console.web;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * Who may ask. A browser that looks at somebody else's page must not be turned against this server: the {@code Host} must be a name of this
 * server, so that no foreign name can be made to lead here, and the {@code Origin}, where there is one, must be this server's. Whoever
 * knows the token may ask from anywhere. Immutable.
 */
final class Access {
    /** The subprotocol of the WebSocket. */
    static final String PROTOCOL = "reflex.v1";

    static final int SHORTEST_TOKEN = 16;
    private static final int LONGEST_TOKEN = 1_024;
    private static final int HTTP_PORT = 80;
    private static final String TOKEN_PROTOCOL = "token.";
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    private final Set<String> names;
    private final byte @Nullable [] token;

    /**
     * The rules.
     *
     * @param names further names of this server, in lower case, besides those of the loopback and the address that a connection came to
     * @param token the secret; null where everybody may ask
     */
    Access(Set<String> names, @Nullable String token) {
        this.names = Set.copyOf(names);
        this.token = token == null ? null : digest(token);
    }

    /** What is wrong with a token; empty if nothing is. */
    static Optional<String> problemOf(String token) {
        boolean visible = token.chars().allMatch(each -> each > ' ' && each < 0x7f);
        return visible && token.length() >= SHORTEST_TOKEN && token.length() <= LONGEST_TOKEN
                ? Optional.empty()
                : Optional.of("the token of a console must have " + SHORTEST_TOKEN + " to " + LONGEST_TOKEN
                        + " visible ASCII characters; make one, for instance by 'openssl rand -hex 16'");
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JVM has SHA-256", impossible);
        }
    }

    /** Refuses whoever comes by a name that is not this server's, or from a page of another one. */
    void checkOrigin(Request request) {
        HttpFields headers = request.getHeaders();
        List<String> hosts = headers.getValuesList(HttpHeader.HOST);
        InetSocketAddress local = local(request);
        HttpURI uri = request.getHttpURI();
        boolean sameAuthority = uri.getAuthority() == null
                || hosts.size() != 1
                || uri.getAuthority().equalsIgnoreCase(hosts.get(0));
        if (hosts.size() != 1 || !sameAuthority || !isOurs(hosts.get(0), local)) {
            throw new Refusal(
                    403,
                    "the Host header names another server; come by localhost or the address it listens on, with its port, or"
                            + " name the host when the server is started");
        }
        List<HttpField> origins = headers.getFields(HttpHeader.ORIGIN);
        if (origins.size() > 1
                || (origins.size() == 1 && !isOrigin(origins.get(0).getValue(), hosts.get(0)))) {
            throw new Refusal(403, "the request comes from the page of another server; open the page of this one");
        }
    }

    private static InetSocketAddress local(Request request) {
        return (InetSocketAddress) request.getConnectionMetaData().getLocalSocketAddress();
    }

    private boolean isOrigin(@Nullable String origin, String host) {
        if (origin == null) {
            return false;
        }
        return origin.equalsIgnoreCase("http://" + host)
                || (names.contains(name(host)) && origin.equalsIgnoreCase("https://" + host));
    }

    private boolean isOurs(String host, InetSocketAddress local) {
        String name = name(host);
        if (names.contains(name)) {
            return true;
        }
        int colon = portAt(host);
        String port = colon < 0 ? Integer.toString(HTTP_PORT) : host.substring(colon + 1);
        return port.equals(Integer.toString(local.getPort()))
                && (LOOPBACK.contains(name) || isAddress(name, local.getAddress()));
    }

    private static int portAt(String host) {
        int colon = host.lastIndexOf(':');
        return colon > host.lastIndexOf(']') ? colon : -1;
    }

    private static String name(String host) {
        int colon = portAt(host);
        return (colon < 0 ? host : host.substring(0, colon)).toLowerCase(Locale.ROOT);
    }

    /** Whether a name is an address in digits; one of IPv6 can be written in several ways. Never asks a name server. */
    private static boolean isAddress(String name, InetAddress address) {
        if (!name.startsWith("[")) {
            return name.equals(literal(address));
        }
        try {
            return InetAddress.getByName(name).equals(address); // in brackets it must be digits
        } catch (UnknownHostException none) {
            return false;
        }
    }

    /** An address as it stands in a URL. */
    static String literal(InetAddress address) {
        String text = address.getHostAddress();
        int scope = text.indexOf('%');
        String plain = scope < 0 ? text : text.substring(0, scope);
        return plain.contains(":") ? "[" + plain + "]" : plain;
    }

    /** Refuses whoever does not know the token, where there is one. */
    void checkToken(Request request) {
        byte[] expected = token;
        if (expected == null) {
            return;
        }
        String given = given(request.getHeaders());
        if (!MessageDigest.isEqual(expected, digest(given))) {
            throw new Refusal(
                    401,
                    "the token is missing or wrong; send 'Authorization: Bearer TOKEN', or open the page with #token=TOKEN"
                            + " behind its address");
        }
    }

    /** The token that a request brings, in its header or, as browsers cannot set one for a WebSocket, in a subprotocol. */
    private static String given(HttpFields headers) {
        String authorization = headers.get(HttpHeader.AUTHORIZATION);
        if (authorization != null) {
            return authorization.regionMatches(true, 0, "Bearer ", 0, 7)
                    ? authorization.substring(7).strip()
                    : "";
        }
        for (String protocol : headers.getCSV(HttpHeader.SEC_WEBSOCKET_SUBPROTOCOL, false)) {
            if (protocol.startsWith(TOKEN_PROTOCOL)) {
                return decoded(protocol.substring(TOKEN_PROTOCOL.length()));
            }
        }
        return "";
    }

    private static String decoded(String base64) {
        try {
            return new String(Base64.getUrlDecoder().decode(base64), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException broken) {
            return "";
        }
    }
}
