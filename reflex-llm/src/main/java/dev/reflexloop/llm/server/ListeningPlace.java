package dev.reflexloop.llm.server;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;

/**
 * Where a managed server listens: a port of the loopback address, or a Unix socket. Immutable.
 *
 * @param socket the Unix socket, if it is one
 * @param port the port otherwise
 */
record ListeningPlace(Optional<Path> socket, int port) {
    private static final String LOOPBACK = "127.0.0.1";

    /** The shortest of what operating systems take for a Unix socket's path is 104 bytes with its end mark. */
    private static final int MOST_SOCKET_PATH = 103;

    static ListeningPlace at(Path socket) {
        Path absolute = socket.toAbsolutePath();
        if (!absolute.toString().endsWith(".sock") || absolute.toString().length() > MOST_SOCKET_PATH) {
            throw new IllegalArgumentException("unixSocket is " + absolute + "; give a path that ends in .sock, because"
                    + " llama-server tells it from an address by that, and is no longer than " + MOST_SOCKET_PATH
                    + " characters");
        }
        return new ListeningPlace(Optional.of(absolute), 0);
    }

    static ListeningPlace at(int port) {
        return new ListeningPlace(Optional.empty(), port);
    }

    /** A port that was free a moment ago. */
    static ListeningPlace free() throws IOException {
        try (ServerSocket any = new ServerSocket(0, 1, loopback())) {
            return at(any.getLocalPort());
        }
    }

    private static InetAddress loopback() throws IOException {
        return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    }

    Endpoint endpoint() {
        return Endpoint.of(socket.map(path -> "unix:" + path).orElse("http://" + LOOPBACK + ":" + port));
    }

    List<String> arguments() {
        return socket.map(path -> List.of("--host", path.toString()))
                .orElse(List.of("--host", LOOPBACK, "--port", Integer.toString(port)));
    }

    /**
     * Fails when somebody else listens there. Otherwise, where the server answers, it is ours. Deletes the socket that a killed server left
     * behind, because llama-server does not.
     */
    void check() throws IOException {
        if (socket.isPresent()) {
            checkSocket(socket.get());
            return;
        }
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(loopback(), port), 1);
        } catch (IOException taken) {
            throw new IOException(
                    "port " + port + " of " + LOOPBACK + " cannot be listened on (" + taken.getMessage()
                            + "); end what uses it, or leave the port to the builder",
                    taken);
        }
    }

    private static void checkSocket(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther()) {
            throw new IOException(path + " is no socket but something else; choose another path");
        }
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            throw new IOException("somebody listens on " + channel.getRemoteAddress() + "; choose another path");
        } catch (ConnectException nobody) {
            Files.delete(path);
        }
    }

    /** Deletes the socket; for after the server has ended. */
    void clear() {
        if (socket.isPresent()) {
            try {
                checkSocket(socket.get());
            } catch (IOException notOurs) {
                // Somebody else's by now.
            }
        }
    }
}
