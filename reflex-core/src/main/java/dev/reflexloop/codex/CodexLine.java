package dev.reflexloop.codex;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A line of a ledger, version 1. Immutable.
 *
 * <p>It is a JSON object that ends with its hash and signature, which have a fixed length. The hash is the SHA-256 of the line's own bytes before
 * them, and these name the hash of the line before; the signature is of the hash. So every byte of a line counts, and no form of JSON has to be
 * agreed upon.
 */
final class CodexLine {
    static final int VERSION = 1;
    static final String NO_HASH = "";
    private static final String HASH = ",\"hash\":\"";
    private static final String SIGNATURE = "\",\"signature\":\"";
    private static final String END = "\"}";
    private static final int HASH_LENGTH = 64;
    private static final int SIGNATURE_LENGTH = 88;
    private static final int TAIL = HASH.length() + HASH_LENGTH + SIGNATURE.length() + SIGNATURE_LENGTH + END.length();
    private static final HexFormat HEX = HexFormat.of();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonFactory WRITER = new JsonFactory();

    private final byte[] bytes;
    private final JsonNode fields;
    private final String hash;
    private final byte[] signature;

    private CodexLine(byte[] bytes, JsonNode fields, String hash, byte[] signature) {
        this.bytes = bytes;
        this.fields = fields;
        this.hash = hash;
        this.signature = signature;
    }

    private interface Fields {
        void write(JsonGenerator json) throws IOException;
    }

    static CodexLine header(Instant at, CodexKey key) {
        return of(key, json -> {
            json.writeStringField("type", "header");
            json.writeNumberField("version", VERSION);
            json.writeStringField("at", at.toString());
            json.writeStringField("publicKey", key.publicText());
        });
    }

    static CodexLine entry(long sequence, Instant at, Change change, String previous, CodexKey key) {
        return of(key, json -> {
            json.writeStringField("type", "entry");
            json.writeNumberField("sequence", sequence);
            json.writeStringField("at", at.toString());
            json.writeStringField("kind", change.kind().name());
            json.writeStringField("subject", change.subject());
            json.writeStringField("before", change.before());
            json.writeStringField("after", change.after());
            json.writeStringField("who", change.who());
            json.writeStringField("why", change.why());
            json.writeStringField("previous", previous);
        });
    }

    private static CodexLine of(CodexKey key, Fields fields) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = WRITER.createGenerator(text)) {
            json.writeStartObject();
            fields.write(json);
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        String body = text.getBuffer().substring(0, text.getBuffer().length() - 1); // its end comes after the hash
        byte[] digest = sha256(body.getBytes(StandardCharsets.UTF_8));
        String line = body
                + HASH
                + HEX.formatHex(digest)
                + SIGNATURE
                + Base64.getEncoder().encodeToString(key.sign(digest))
                + END;
        return parse(line.getBytes(StandardCharsets.UTF_8)).orElseThrow();
    }

    /** What a line says, if its hash is right; whether its signature is, {@link #isSignedWith} tells. */
    static Optional<CodexLine> parse(byte[] bytes) {
        int body = bytes.length - TAIL;
        if (body < 1) {
            return Optional.empty();
        }
        String tail = new String(bytes, body, TAIL, StandardCharsets.ISO_8859_1);
        String hash = tail.substring(HASH.length(), HASH.length() + HASH_LENGTH);
        int signatureAt = HASH.length() + HASH_LENGTH + SIGNATURE.length();
        String signature = tail.substring(signatureAt, signatureAt + SIGNATURE_LENGTH);
        byte[] start = Arrays.copyOf(bytes, body);
        if (!tail.equals(HASH + hash + SIGNATURE + signature + END) || !hash.equals(HEX.formatHex(sha256(start)))) {
            return Optional.empty();
        }
        try {
            byte[] signed = Base64.getDecoder().decode(signature);
            if (!signature.equals(Base64.getEncoder().encodeToString(signed))) { // its last letter has bits to spare
                return Optional.empty();
            }
            JsonNode fields = JSON.readTree(bytes);
            return fields.isObject() ? Optional.of(new CodexLine(bytes, fields, hash, signed)) : Optional.empty();
        } catch (IOException | IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }

    boolean isSignedWith(PublicKey key) {
        return CodexKey.verify(key, HEX.parseHex(hash), signature);
    }

    String hash() {
        return hash;
    }

    String previous() {
        return text("previous");
    }

    /** 0 for a header, -1 for neither header nor entry. */
    long sequence() {
        return switch (text("type")) {
            case "header" -> 0;
            case "entry" -> fields.path("sequence").asLong(-1);
            default -> -1;
        };
    }

    int version() {
        return fields.path("version").asInt();
    }

    String text(String field) {
        return fields.path(field).asText("");
    }

    /** @throws IllegalArgumentException when a field is missing or malformed */
    CodexEntry toEntry() {
        try {
            return new CodexEntry(
                    sequence(),
                    Instant.parse(text("at")),
                    new Change(kind(), text("subject"), text("before"), text("after"), text("who"), text("why")),
                    hash);
        } catch (DateTimeException malformed) {
            throw new IllegalArgumentException("its time is none", malformed);
        }
    }

    private Change.Kind kind() {
        return Arrays.stream(Change.Kind.values())
                .filter(kind -> kind.name().equals(text("kind")))
                .findFirst()
                .orElse(Change.Kind.OTHER);
    }

    /** With the line's end. */
    byte[] toBytes() {
        byte[] line = Arrays.copyOf(bytes, bytes.length + 1);
        line[bytes.length] = '\n';
        return line;
    }

    static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }

    private static byte[] sha256(byte[] bytes) {
        return digest().digest(bytes);
    }
}
