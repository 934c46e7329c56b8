package dev.reflexloop.console.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A reader of {@code /telemetry} as a test sees it. */
final class Reader implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    final BlockingQueue<JsonNode> frames = new LinkedBlockingQueue<>();
    final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final WebSocket socket;
    private long lost;
    private int framesTaken;

    Reader(URI console, String query, String... protocols) {
        WebSocket.Builder builder = HttpClient.newHttpClient().newWebSocketBuilder();
        if (protocols.length > 0) {
            builder.subprotocols(protocols[0], Arrays.copyOfRange(protocols, 1, protocols.length));
        }
        URI uri = URI.create(console.toString().replace("http:", "ws:") + "telemetry" + query);
        socket = builder.buildAsync(uri, new Listener()).join();
    }

    String protocol() {
        return socket.getSubprotocol();
    }

    /** Waits until so many events have come. */
    List<JsonNode> events(int count) throws InterruptedException {
        framesTaken = 0;
        List<JsonNode> events = new ArrayList<>();
        while (events.size() < count) {
            JsonNode frame = frames.poll(30, TimeUnit.SECONDS);
            if (frame == null) {
                throw new AssertionError("only " + events.size() + " of " + count + " events came in 30 s");
            }
            framesTaken++;
            lost = frame.path("lost").asLong(-1);
            frame.path("events").forEach(events::add);
        }
        return events;
    }

    /** In how many frames the events came that {@link #events} waited for last. */
    int framesTaken() {
        return framesTaken;
    }

    /** How many events it was told that it lost. */
    long lost() {
        return lost;
    }

    @Override
    public void close() {
        socket.abort();
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                try {
                    frames.add(JSON.readTree(text.toString()));
                } catch (IOException broken) {
                    throw new UncheckedIOException(broken);
                }
                text.setLength(0);
            }
            from.request(1);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
            closed.complete(status);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void onError(WebSocket from, Throwable failure) {
            closed.completeExceptionally(failure);
        }
    }
}
