package dev.reflexloop.console.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The page's files, in memory: nothing that a request says is ever looked up anywhere else. Immutable. */
final class PageFiles {
    private static final String INDEX = "index.html";

    /** Names every other file of the page, one a line; what is not named here is not served. */
    private static final String LIST = "files.txt";

    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html;charset=utf-8",
            "css", "text/css;charset=utf-8",
            "js", "text/javascript;charset=utf-8",
            "svg", "image/svg+xml",
            "png", "image/png");

    private final Map<String, byte[]> files = new HashMap<>();

    PageFiles() {
        files.put(INDEX, read(INDEX));
        new String(read(LIST), StandardCharsets.UTF_8).lines().forEach(name -> files.put(name, read(name)));
    }

    private static byte[] read(String name) {
        try (InputStream in = PageFiles.class.getResourceAsStream("page/" + name)) {
            if (in == null) {
                throw new IllegalStateException(
                        "the page's file '" + name + "' is missing from the jar; build it anew");
            }
            return in.readAllBytes();
        } catch (IOException failure) {
            throw new UncheckedIOException("the page's file '" + name + "' cannot be read from the jar", failure);
        }
    }

    void index(Exchange exchange) {
        send(exchange, INDEX);
    }

    void file(Exchange exchange) {
        send(exchange, exchange.variable());
    }

    private void send(Exchange exchange, String name) {
        byte @Nullable [] content = files.get(name);
        if (content == null) {
            throw new Refusal(404, "the page has no such file");
        }
        String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        exchange.answer(type == null ? "application/octet-stream" : type, content);
    }
}
