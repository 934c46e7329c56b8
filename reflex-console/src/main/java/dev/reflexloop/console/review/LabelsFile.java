package dev.reflexloop.console.review;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.console.decisions.GrowingFile;
import dev.reflexloop.console.logfile.LogKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.format.DateTimeParseException;

/*
 * Several processes may append at once. Each line is one write to a file that was opened for appending, which an operating system does not
 * mix with another's. A torn line, which a killed process or a full disk left, is not cut, because it may be one that another process is
 * just writing: the next line begins after an end of its own, and the torn one is left out by whoever reads.
 */
/** The labels of one log: a header, then lines that say {@code label} or {@code undo}; only ever appended. One thread at a time. */
final class LabelsFile {
    static final int VERSION = 1;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path path;
    private final GrowingFile file;

    /** What the file says. */
    interface Lines {
        /** A decision was labelled. */
        void label(String id, Label label, Instant at);

        /** The newest label of a decision was taken back. */
        void undo(String id);

        /** What was read before no longer counts; all of it follows anew. */
        void anew();
    }

    LabelsFile(Path path) {
        this.path = path;
        this.file = new GrowingFile(path);
    }

    /** Reads what was appended since the last time. */
    void follow(Lines lines) throws IOException {
        if (!Files.exists(path)) {
            lines.anew();
        } else if (!file.follow((offset, line) -> line(line, lines))) {
            lines.anew();
            file.follow((offset, line) -> line(line, lines));
        }
    }

    private static void line(String line, Lines lines) {
        try {
            JsonNode json = JSON.readTree(line);
            String id = json.path("id").asText();
            if (id.isEmpty()) {
                return;
            }
            String type = json.path("type").asText();
            if (type.equals("undo")) {
                lines.undo(id);
            } else if (type.equals("label")) {
                Instant at = instant(json.path("at").asText());
                Label.of(json.path("label").asText()).ifPresent(label -> lines.label(id, label, at));
            }
        } catch (JsonProcessingException torn) {
            // a line that was never finished says nothing
        }
    }

    private static Instant instant(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException none) {
            return Instant.EPOCH;
        }
    }

    void label(String id, Label label, String by, Instant at) throws IOException {
        ObjectNode json = JSON.createObjectNode().put("type", "label").put("id", id);
        append(json.put("label", label.word()).put("by", by).put("at", at.toString()));
    }

    void undo(String id, Instant at) throws IOException {
        append(JSON.createObjectNode().put("type", "undo").put("id", id).put("at", at.toString()));
    }

    /** The operating system has the line when this returns. */
    private void append(ObjectNode line) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("something else than a file has its name");
        }
        StringBuilder text = new StringBuilder();
        try (FileChannel channel = FileChannel.open(
                path,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.APPEND,
                LinkOption.NOFOLLOW_LINKS)) {
            if (channel.size() == 0) {
                text.append(header()).append('\n');
            } else if (!endsInALine(channel.size())) {
                text.append('\n');
            }
            text.append(line).append('\n');
            ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }

    private ObjectNode header() {
        ObjectNode json = JSON.createObjectNode();
        json.put("type", "header");
        json.put("version", VERSION);
        String name = String.valueOf(path.getFileName());
        json.put("log", name.substring(0, name.length() - LogKind.LABELS_ENDING.length()));
        return json;
    }

    private boolean endsInALine(long size) throws IOException {
        try (FileChannel reading = FileChannel.open(path, StandardOpenOption.READ)) {
            ByteBuffer last = ByteBuffer.allocate(1);
            return reading.read(last, size - 1) == 1 && last.get(0) == '\n';
        }
    }
}
