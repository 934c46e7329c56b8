package dev.reflexloop.benchmarks;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.reflexloop.ReflexThreads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Stands for the servers that are not installed here: says the same in the shape of each, whatever it is asked. Only what happens around
 * its replies is measured, never they.
 */
final class CannedServer implements AutoCloseable {
    /** The model that it claims to serve. */
    static final String MODEL = "canned";

    private static final String OLLAMA =
            "{\"model\":\"canned\",\"created_at\":\"2026-11-21T12:00:00Z\",\"response\":\" A\",\"done\":true,"
                    + "\"done_reason\":\"length\",\"total_duration\":5000000,\"load_duration\":1000000,"
                    + "\"prompt_eval_count\":90,\"prompt_eval_duration\":3000000,\"eval_count\":1,\"eval_duration\":500000,"
                    + "\"logprobs\":[{\"token\":\" A\",\"logprob\":-0.5,\"top_logprobs\":["
                    + "{\"token\":\" A\",\"logprob\":-0.5},{\"token\":\" B\",\"logprob\":-1.5},{\"token\":\" C\",\"logprob\":-2.5}]}]}";

    private static final String OPENAI =
            "{\"id\":\"cmpl-1\",\"object\":\"text_completion\",\"created\":1795262400,\"model\":\"canned\",\"choices\":[{\"index\":0,"
                    + "\"text\":\" A\",\"logprobs\":{\"text_offset\":[0],\"token_logprobs\":[-0.5],\"tokens\":[\" A\"],"
                    + "\"top_logprobs\":[{\" A\":-0.5,\" B\":-1.5,\" C\":-2.5}]},\"finish_reason\":\"length\",\"stop_reason\":null}],"
                    + "\"usage\":{\"prompt_tokens\":90,\"total_tokens\":91,\"completion_tokens\":1}}";

    private static final Map<String, String> REPLIES = Map.of("/api/generate", OLLAMA, "/v1/completions", OPENAI);

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool(ReflexThreads.factory("canned-server"));

    /** Starts one on a free loopback port. */
    CannedServer() {
        System.setProperty("sun.net.httpserver.nodelay", "true"); // or each reply waits 40 ms for an acknowledgement
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException failure) {
            throw new UncheckedIOException("no loopback port is free", failure);
        }
        server.setExecutor(threads);
        server.createContext("/", CannedServer::reply);
        server.start();
    }

    private static void reply(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            String said = REPLIES.get(exchange.getRequestURI().getPath());
            byte[] body = (said == null ? "{\"error\":\"not found\"}" : said).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(said == null ? 404 : 200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    InetSocketAddress address() {
        return server.getAddress();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
