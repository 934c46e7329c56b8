package dev.reflexloop.llm.server;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflexloop.Deadline;
import dev.reflexloop.ModelBusyException;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.ReflexException;
import dev.reflexloop.ReflexThreads;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.jspecify.annotations.Nullable;

/**
 * JSON exchanges with one server. Thread-safe; every method returns at once. Failures are values of the future, each mapped once, in
 * {@link Failures}: {@link ModelBusyException} when the server says that it has no room or when too many calls are in flight,
 * {@link ModelUnavailableException} for everything else.
 *
 * <p>Cancelling the future, passing the deadline, and closing the client end the exchange and its connection at once; only a look-up of the
 * server's name cannot be cut short, and counts as a call in flight until it is over. Redirects are not followed, nothing is sent twice.
 *
 * <p>A call blocks a thread of ours. It counts as in flight, and its connection as in use, until that thread is free again.
 */
final class ServerClient implements AutoCloseable {
    /** The most calls at a time. */
    static final int MAX_IN_FLIGHT = 64;

    private static final Duration THREAD_KEEP = Duration.ofSeconds(30);
    private static final int MAX_NESTING = 64;
    private static final int MAX_NUMBER = 64;
    private static final int MAX_NAME = 1_000;
    private static final long MAX_TOKENS = 500_000;

    /** Replies are hostile: what they may make us build is bounded beyond their length. */
    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_NESTING)
                    .maxNumberLength(MAX_NUMBER)
                    .maxNameLength(MAX_NAME)
                    .maxTokenCount(MAX_TOKENS)
                    .build())
            .build());

    /** Makes something of a sound reply. What it throws becomes the future's failure; our own exceptions as they are. */
    @FunctionalInterface
    interface Reader<T> {
        T read(JsonNode reply) throws IOException;
    }

    /** Makes something of a sound reply while it is parsed, from before its first token to its last one; fails as a {@link Reader} does. */
    @FunctionalInterface
    interface StreamReader<T> {
        T read(JsonParser reply) throws IOException;
    }

    private final Endpoint endpoint;
    private final Failures failures;
    private final Transport transport;
    private final ThreadPoolExecutor threads;
    private final Semaphore free = new Semaphore(MAX_IN_FLIGHT);
    private final Set<Exchange<?>> inFlight = ConcurrentHashMap.newKeySet();
    private final DeadlineWatch deadlines;
    private volatile boolean closed;

    /**
     * @param endpoint the server
     * @param subject the model's id, for messages
     */
    ServerClient(Endpoint endpoint, String subject) {
        this(endpoint, subject, status -> "");
    }

    /**
     * @param endpoint the server
     * @param subject the model's id, for messages
     * @param remedy by status, what to do about it with this kind of server; empty for the usual words
     */
    ServerClient(Endpoint endpoint, String subject, IntFunction<String> remedy) {
        this.endpoint = endpoint;
        this.failures = new Failures(endpoint, subject, JSON, remedy);
        this.transport = new Transport(endpoint, MAX_IN_FLIGHT);
        // The semaphore bounds the calls; a bound of the pool would refuse one between a call's end and its thread's
        // return.
        this.threads = new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                THREAD_KEEP.toSeconds(),
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                ReflexThreads.factory("reflex-http-" + subject));
        this.deadlines = new DeadlineWatch("reflex-http-deadline-" + subject, inFlight, THREAD_KEEP);
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** The calls whose thread is not free yet. */
    int inFlight() {
        return MAX_IN_FLIGHT - free.availablePermits();
    }

    /** The connections that are open. */
    int connections() {
        return transport.connections();
    }

    <T> CompletableFuture<T> get(String path, Deadline deadline, Reader<T> reader) {
        return start(transport.get(path), path, deadline, streamed(reader));
    }

    <T> CompletableFuture<T> post(String path, byte[] json, Deadline deadline, Reader<T> reader) {
        return postAndStream(path, json, deadline, streamed(reader));
    }

    <T> CompletableFuture<T> postAndStream(String path, byte[] json, Deadline deadline, StreamReader<T> reader) {
        return start(transport.post(path, json), path, deadline, reader);
    }

    private static <T> StreamReader<T> streamed(Reader<T> reader) {
        return reply -> {
            JsonNode tree = JSON.readTree(reply);
            if (tree == null || tree.isMissingNode()) {
                throw new IOException("it is empty");
            }
            return reader.read(tree);
        };
    }

    private <T> CompletableFuture<T> start(
            HttpUriRequestBase request, String path, Deadline deadline, StreamReader<T> reader) {
        if (closed) {
            return CompletableFuture.failedFuture(failures.closed());
        }
        if (deadline.expired()) {
            return CompletableFuture.failedFuture(failures.late());
        }
        if (!free.tryAcquire()) {
            return CompletableFuture.failedFuture(failures.full(MAX_IN_FLIGHT));
        }
        Exchange<T> exchange = new Exchange<>(request, path, deadline, reader);
        inFlight.add(exchange);
        try {
            threads.execute(exchange);
        } catch (RejectedExecutionException ended) {
            exchange.finish(null, failures.closed());
        } catch (OutOfMemoryError noThread) {
            exchange.finish(null, failures.noThread());
        }
        try {
            deadlines.begin(exchange);
        } catch (OutOfMemoryError noThread) {
            exchange.end(failures.noThread()); // nobody would end it at its deadline
        }
        if (closed) {
            exchange.end(failures.closed()); // it may have come too late to be seen by close()
        }
        return exchange;
    }

    /** Ends every call in flight, and the threads with them. What is asked afterwards fails. */
    @Override
    public void close() {
        closed = true;
        inFlight.forEach(exchange -> exchange.end(failures.closed()));
        deadlines.close();
        threads.shutdown();
        transport.close();
    }

    /**
     * One call: the future that its caller holds, and the work of its thread. Whoever completes the future early also cancels the request;
     * a request that is cancelled before it has a connection gets none.
     */
    private final class Exchange<T> extends CompletableFuture<T> implements Runnable, DeadlineWatch.Call {
        private final HttpUriRequestBase request;
        private final String path;
        private final Deadline deadline;
        private final StreamReader<T> reader;

        Exchange(HttpUriRequestBase request, String path, Deadline deadline, StreamReader<T> reader) {
            this.request = request;
            this.path = path;
            this.deadline = deadline;
            this.reader = reader;
        }

        @Override
        public Deadline deadline() {
            return deadline;
        }

        @Override
        public void late() {
            end(failures.late());
        }

        @Override
        public void run() {
            @Nullable T result = null;
            @Nullable ReflexException failure = null;
            try {
                if (!isDone()) {
                    result = read(transport.exchange(request));
                }
            } catch (ReflexException known) {
                failure = known;
            } catch (IOException | RuntimeException broken) {
                failure = failures.broken(broken);
                if (!isDone()) {
                    transport.closeIdle();
                }
            } catch (Error grave) {
                finish(null, grave);
                throw grave;
            }
            finish(result, failure);
        }

        private T read(Reply reply) {
            if (reply.status() != 200) {
                throw failures.refused(reply, path);
            }
            try (JsonParser json = JSON.createParser(reply.body())) {
                T result = reader.read(json);
                if (json.nextToken() != null) {
                    throw new IOException("something follows behind its end");
                }
                return result;
            } catch (ReflexException known) {
                throw known;
            } catch (IOException | RuntimeException malformed) {
                throw failures.unreadable(malformed);
            }
        }

        /** The thread is free: before anyone sees the result, because whoever gets it may ask again at once. */
        private void finish(@Nullable T result, @Nullable Throwable failure) {
            inFlight.remove(this);
            free.release();
            if (failure != null) {
                completeExceptionally(failure);
            } else {
                complete(result);
            }
        }

        private void end(ReflexException why) {
            if (completeExceptionally(why)) {
                request.cancel();
            }
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            boolean cancelled = super.cancel(mayInterruptIfRunning);
            if (cancelled) {
                request.cancel();
            }
            return cancelled;
        }
    }
}
