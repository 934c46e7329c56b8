package dev.reflexloop.llm.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflexloop.Deadline;
import dev.reflexloop.ModelBusyException;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.ReflexException;
import dev.reflexloop.ReflexThreads;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * JSON exchanges with one server. Thread-safe; every method returns at once. Failures are values of the future, each mapped once, here:
 * {@link ModelBusyException} when the server says that it has no room, {@link ModelUnavailableException} for everything else.
 *
 * <p>Cancelling the future, and passing the deadline, end the exchange and its connection. Redirects are not followed.
 */
final class ServerClient implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Makes something of a sound reply. What it throws becomes the future's failure. */
    @FunctionalInterface
    interface Reader<T> {
        T read(JsonNode reply) throws IOException;
    }

    private final Endpoint endpoint;
    private final String subject;
    private final ExecutorService threads;
    private final HttpClient http;

    /**
     * @param endpoint the server
     * @param subject the model's id, for messages
     */
    ServerClient(Endpoint endpoint, String subject) {
        this.endpoint = endpoint;
        this.subject = subject;
        this.threads = Executors.newCachedThreadPool(ReflexThreads.factory("reflex-http"));
        this.http = HttpClient.newBuilder().executor(threads).build();
    }

    Endpoint endpoint() {
        return endpoint;
    }

    <T> CompletableFuture<T> get(String path, Deadline deadline, Reader<T> reader) {
        return exchange(path, null, deadline, reader);
    }

    <T> CompletableFuture<T> post(String path, byte[] json, Deadline deadline, Reader<T> reader) {
        return exchange(path, json, deadline, reader);
    }

    private <T> CompletableFuture<T> exchange(
            String path, byte @Nullable [] body, Deadline deadline, Reader<T> reader) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        endpoint.base().resolve(endpoint.base().getPath() + path))
                .timeout(Duration.ofNanos(Math.max(1, deadline.remainingNanos())));
        endpoint.key().ifPresent(key -> request.header("Authorization", "Bearer " + key));
        if (body != null) {
            request.header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofByteArray(body));
        }
        CompletableFuture<HttpResponse<byte[]>> sent =
                http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        CompletableFuture<T> result = sent.handle((response, failure) -> {
            if (failure != null) {
                throw new ModelUnavailableException(
                        subject, "no answer from " + endpoint + "; is the server running there?", failure);
            }
            return read(new Reply(response.statusCode(), response.body()), reader);
        });
        result.whenComplete((ignored, failure) -> {
            if (result.isCancelled()) {
                sent.cancel(true);
            }
        });
        return result;
    }

    private <T> T read(Reply reply, Reader<T> reader) {
        if (reply.status() == 429 || reply.status() == 503) {
            throw new ModelBusyException(subject, endpoint + " answered " + reply.status());
        }
        if (reply.status() != 200) {
            throw new ModelUnavailableException(subject, endpoint + " answered " + reply.status(), null);
        }
        try {
            return reader.read(JSON.readTree(reply.body()));
        } catch (ReflexException known) {
            throw known;
        } catch (IOException | RuntimeException malformed) {
            throw new CompletionException(new ModelUnavailableException(
                    subject, endpoint + " sent what cannot be read as an answer", malformed));
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
