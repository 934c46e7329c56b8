package dev.reflexloop.escalation.relay;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.Alert;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Reads {@code .msg} files, those of {@link RelayChannel#messageFiles(Path)} and of other programs that write the same packets. Stateless. */
public final class MessagePacket {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TYPE = "send_packet_incoming";
    private static final int LONGEST_FILE = 1 << 20;
    private static final int LONGEST_TEXT = 8_192;

    private MessagePacket() {}

    /**
     * The text of a packet: its {@code formatted_msg}, or its {@code msg} where that is missing or empty. Blocks for as long as the disk takes.
     *
     * @param file the file, at most 1 MiB
     * @return the text; empty when the file holds no packet of this kind, or none with a text
     * @throws IOException if the file cannot be read
     */
    public static Optional<String> read(Path file) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(LONGEST_FILE + 1);
        }
        if (bytes.length > LONGEST_FILE) {
            return Optional.empty();
        }
        JsonNode packet;
        try {
            packet = JSON.readTree(bytes);
        } catch (JsonProcessingException noJson) {
            return Optional.empty();
        }
        if (!packet.path("type").asText().equals(TYPE)) {
            return Optional.empty();
        }
        JsonNode content = packet.path("content");
        return text(content.path("formatted_msg")).or(() -> text(content.path("msg")));
    }

    private static Optional<String> text(JsonNode field) {
        return field.isTextual() && !field.textValue().isEmpty() ? Optional.of(field.textValue()) : Optional.empty();
    }

    static String of(Alert alert) {
        ObjectNode packet = JSON.createObjectNode();
        packet.put("type", TYPE)
                .putObject("content")
                .put("msg", AlertText.line(alert.text(), LONGEST_TEXT))
                .put("formatted_msg", AlertText.of(alert, LONGEST_TEXT, Character::toString));
        return packet.toString();
    }
}
