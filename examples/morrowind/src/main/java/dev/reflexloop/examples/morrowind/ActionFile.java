package dev.reflexloop.examples.morrowind;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.reflexloop.Answer;
import dev.reflexloop.Decision;
import dev.reflexloop.ReflexException;
import dev.reflexloop.Target;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * What the pilot is to do. The file is replaced as a whole: a reader sees the last action or the new one, never half of one. On systems that
 * do not replace a file while somebody reads it, replacing is tried again some times, at most for about 30 ms. One thread at a time.
 */
final class ActionFile {
    private static final int TRIES = 5;
    private static final JsonFactory JSON = new JsonFactory();

    /** How a file takes the place of another; tests put a system in its place that refuses at times. */
    interface Replacing {
        void move(Path from, Path to) throws IOException;
    }

    /** An action that could not be written. */
    static final class NotWritten extends ReflexException {
        private static final long serialVersionUID = 1L;

        NotWritten(Path path, IOException cause) {
            super(
                    path.toString(),
                    "cannot write the action to '" + path + "': " + cause + "; make the folder writable, and keep the"
                            + " file open only while reading it",
                    cause);
        }
    }

    private final Path path;
    private final Path folder;
    private final Path temporary;
    private final Replacing replacing;
    private long repeated;

    ActionFile(Path path) {
        this(path, ActionFile::replace);
    }

    ActionFile(Path path, Replacing replacing) {
        this.path = path.toAbsolutePath();
        this.folder = Objects.requireNonNull(this.path.getParent(), "a file stands in a folder");
        this.temporary = folder.resolve(
                "." + path.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
        this.replacing = replacing;
    }

    Path path() {
        return path;
    }

    /** How often a replacement had to be tried again. */
    long repeated() {
        return repeated;
    }

    /**
     * Writes an action.
     *
     * @param decision the decision behind it
     * @param validUntil the wall-clock time after which the pilot must not begin with it
     * @throws NotWritten if that fails; the file is as it was
     */
    void write(Decision decision, Instant validUntil) {
        try {
            byte[] bytes = json(decision, validUntil);
            put(bytes);
            for (int failures = 0; ; ) {
                try {
                    replacing.move(temporary, path);
                    return;
                } catch (NoSuchFileException vanished) {
                    throw vanished;
                } catch (IOException inUse) {
                    if (++failures == TRIES) {
                        throw inUse;
                    }
                    repeated++;
                    LockSupport.parkNanos(Duration.ofMillis(1L << failures).toNanos());
                }
            }
        } catch (IOException failure) {
            discard();
            throw new NotWritten(path, failure);
        }
    }

    private void put(byte[] bytes) throws IOException {
        Files.createDirectories(folder);
        Files.deleteIfExists(temporary); // whatever it is: a link there would be written through
        Files.write(temporary, bytes, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    private void discard() {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException leftBehind) {
            // the next action writes over it
        }
    }

    private static void replace(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException cannot) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static byte[] json(Decision decision, Instant validUntil) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField("decision", decision.id());
            json.writeStringField("entity", decision.perception().entity());
            json.writeNumberField("tick", decision.perception().tick());
            json.writeStringField("action", decision.action().name());
            json.writeStringField("target", decision.target().map(Target::id).orElse(null));
            json.writeNumberField("issuedAtMillis", decision.at().toEpochMilli());
            json.writeNumberField("validUntilMillis", validUntil.toEpochMilli());
            json.writeStringField("served", lower(decision.served()));
            json.writeStringField(
                    "because", decision.because().map(ActionFile::lower).orElse(null));
            Optional<Double> probability = probability(decision);
            if (probability.isPresent()) {
                json.writeNumberField("probability", probability.get());
            } else {
                json.writeNullField("probability");
            }
            json.writeNumberField("latencyMicros", decision.latency().toNanos() / 1_000);
            json.writeBooleanField("escalated", decision.escalated());
            json.writeStringField("guidance", decision.guidance().orElse(null));
            json.writeEndObject();
        }
        return bytes.toByteArray();
    }

    private static Optional<Double> probability(Decision decision) {
        return decision.answer()
                .map(Answer::probabilities)
                .map(each -> each.get(decision.action().name()));
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
