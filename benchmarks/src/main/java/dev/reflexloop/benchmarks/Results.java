package dev.reflexloop.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The figures of one topic, on their way to {@code benchmarks/results/<topic>.json}. One thread at a time.
 *
 * <p>A topic may be measured in pieces: figures that this run did not measure are kept. Where they come from another commit, day, machine,
 * JVM or command than the newest ones, that origin stands beside them under {@code earlier}, so that no figure is told under a name that
 * is not its own.
 */
public final class Results {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final String[] ORIGIN = {"date", "commit", "machine", "jvm", "command"};

    private final String topic;
    private final String command;
    private final Map<String, Double> figures = new LinkedHashMap<>();

    /**
     * Starts the figures of a topic.
     *
     * @param topic the topic, which names the file
     * @param command what makes the same figures again
     */
    public Results(String topic, String command) {
        this.topic = topic;
        this.command = command;
    }

    /**
     * Adds a figure.
     *
     * @param name its name, with the unit at its end
     * @param value a finite number; kept to four significant digits or more
     * @return this
     * @throws IllegalArgumentException if the value is not finite: nothing was measured then
     */
    public Results figure(String name, double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(
                    "figure '" + name + "' of topic '" + topic + "' is " + value + "; nothing was measured");
        }
        figures.put(name, value);
        return this;
    }

    /**
     * Adds a figure that counts something.
     *
     * @param name its name
     * @param count the number
     * @return this
     */
    public Results count(String name, long count) {
        return figure(name, (double) count);
    }

    /**
     * The figures so far.
     *
     * @return a copy, in the order in which they were added
     */
    public Map<String, Double> figures() {
        return new LinkedHashMap<>(figures);
    }

    /**
     * Prints the figures as a plain table.
     *
     * @return this
     */
    public Results print() {
        int width = figures.keySet().stream().mapToInt(String::length).max().orElse(0);
        System.out.printf("%n%s%n", topic);
        figures.forEach(
                (name, value) -> System.out.printf(Locale.ROOT, "  %-" + width + "s  %s%n", name, plain(value)));
        return this;
    }

    /**
     * Writes the topic's file, keeping what earlier pieces measured.
     *
     * @param folder the folder of results; created if it is missing
     * @return the file
     * @throws UncheckedIOException if it cannot be written
     */
    public Path write(Path folder) {
        Path file = folder.resolve(topic + ".json");
        try {
            Files.createDirectories(folder);
            JsonNode before = Files.exists(file) ? JSON.readTree(Files.readAllBytes(file)) : JSON.createObjectNode();
            ObjectNode now = JSON.createObjectNode();
            now.put("topic", topic);
            now.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
            now.put("commit", Machine.commit());
            now.put("machine", Machine.description());
            now.put("jvm", Machine.jvm());
            now.put("command", command);
            merge(before, now);
            Files.write(file, (JSON.writeValueAsString(now) + "\n").getBytes(StandardCharsets.UTF_8));
            System.out.printf("  -> %s%n", file);
            return file;
        } catch (IOException failure) {
            throw new UncheckedIOException("results could not be written to " + file + "; check the folder", failure);
        }
    }

    private void merge(JsonNode before, ObjectNode now) {
        ObjectNode all = now.putObject("figures");
        ArrayNode earlier = JSON.createArrayNode();
        ArrayNode keptOfLast = JSON.createArrayNode();
        before.path("figures").properties().forEach(kept -> {
            if (!figures.containsKey(kept.getKey())) {
                all.set(kept.getKey(), kept.getValue());
                keptOfLast.add(kept.getKey());
            }
        });
        figures.forEach((name, value) -> {
            if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
                all.put(name, value.longValue());
            } else {
                all.put(name, Double.parseDouble(plain(value)));
            }
        });
        before.path("earlier").forEach(piece -> addPiece(earlier, piece, piece.path("names"), keptOfLast));
        if (!sameOrigin(before, now)) {
            addPiece(earlier, before, keptOfLast.deepCopy(), keptOfLast);
        }
        if (!earlier.isEmpty()) {
            now.set("earlier", earlier);
        }
    }

    /** Names the origin of the figures that are still those of a piece, and takes their names off the list. */
    private static void addPiece(ArrayNode earlier, JsonNode origin, JsonNode names, ArrayNode unexplained) {
        ObjectNode piece = JSON.createObjectNode();
        for (String field : ORIGIN) {
            piece.set(field, origin.path(field));
        }
        ArrayNode still = piece.putArray("names");
        for (JsonNode name : names) {
            for (int i = 0; i < unexplained.size(); i++) {
                if (unexplained.get(i).equals(name)) {
                    still.add(name);
                    unexplained.remove(i);
                    break;
                }
            }
        }
        if (!still.isEmpty()) {
            earlier.add(piece);
        }
    }

    private static boolean sameOrigin(JsonNode before, JsonNode now) {
        for (String field : ORIGIN) {
            if (!field.equals("date") && !before.path(field).equals(now.path(field))) {
                return false;
            }
        }
        return true;
    }

    /** At least four significant digits, without an exponent. */
    private static String plain(double value) {
        if (value == Math.rint(value)) {
            return String.format(Locale.ROOT, "%.0f", value);
        }
        int digits = (int) Math.max(0, Math.min(9, 3 - Math.floor(Math.log10(Math.abs(value)))));
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }
}
