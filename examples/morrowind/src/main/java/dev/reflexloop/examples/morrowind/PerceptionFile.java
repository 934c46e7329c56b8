package dev.reflexloop.examples.morrowind;

import dev.reflexloop.Perception;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the pilot sees, as it writes it. A file that is no whole JSON is read again until it is, at most for {@link #PATIENCE}; one that never
 * becomes whole counts as torn, and one that is whole but no perception as refused. One thread at a time.
 */
final class PerceptionFile {
    /** How long a file may stay half written. */
    static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final int MAX_BYTES = 1 << 18;

    private final WatchedFile file;
    private final Troubles troubles;
    private byte @Nullable [] last;
    private byte @Nullable [] torn;
    private @Nullable Instant tornSince;
    private long read;
    private long mended;

    PerceptionFile(Path path, Troubles troubles) {
        this.file = new WatchedFile(path, MAX_BYTES);
        this.troubles = troubles;
    }

    /** How many different whole perceptions were read. */
    long read() {
        return read;
    }

    /** How many files were found half written and were whole later. */
    long mended() {
        return mended;
    }

    /**
     * Looks at the file.
     *
     * @param now the wall clock
     * @return what it says, if that is new and sound
     */
    Optional<Perception> look(Instant now) {
        try {
            Optional<WatchedFile.Content> content = file.look(now);
            if (content.isEmpty()) {
                giveUp(now);
                return Optional.empty();
            }
            byte[] bytes = content.get().bytes();
            if (last != null && Arrays.equals(last, bytes)) {
                return Optional.empty();
            }
            return Optional.of(parsed(bytes, now));
        } catch (Json.Torn half) {
            giveUp(now);
            return Optional.empty();
        } catch (Json.Unusable unusable) {
            troubles.count(Troubles.Kind.REFUSED_PERCEPTION, file.path(), String.valueOf(unusable.getMessage()));
            return Optional.empty();
        } catch (IOException unreadable) {
            troubles.count(Troubles.Kind.UNREADABLE_FILE, file.path(), String.valueOf(unreadable.getMessage()));
            return Optional.empty();
        }
    }

    private Perception parsed(byte[] bytes, Instant now) throws Json.Torn, Json.Unusable {
        Perception perception;
        try {
            perception = PerceptionJson.read(bytes, now);
        } catch (Json.Torn half) {
            torn = bytes;
            tornSince = tornSince == null ? now : tornSince;
            throw half;
        } catch (Json.Unusable unusable) {
            last = bytes;
            forgetTorn();
            throw unusable;
        }
        mended += torn == null ? 0 : 1;
        forgetTorn();
        last = bytes;
        read++;
        return perception;
    }

    private void giveUp(Instant now) {
        if (tornSince != null && Duration.between(tornSince, now).compareTo(PATIENCE) >= 0) {
            troubles.count(
                    Troubles.Kind.TORN_PERCEPTION,
                    file.path(),
                    "it has been half written for " + PATIENCE.toSeconds()
                            + " s; write a temporary file and rename it");
            last = torn;
            forgetTorn();
        }
    }

    private void forgetTorn() {
        torn = null;
        tornSince = null;
    }
}
