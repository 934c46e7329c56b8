package dev.reflexloop.escalation.relay;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A token, or an address that holds one. Its text form says where it comes from and never what it is. Immutable.
 *
 * <p>It is read once, when it is made; spaces and line ends around it are left out.
 */
public final class Secret {
    private static final int LONGEST = 8_192;

    private final String source;
    private final String value;

    private Secret(String source, @Nullable String value) {
        String stripped = value == null ? "" : value.strip();
        if (stripped.isEmpty()) {
            throw new RelayException(source, "The secret in " + source + " is empty; put the token there", null);
        }
        if (stripped.length() > LONGEST || stripped.chars().anyMatch(character -> character < ' ' || character > '~')) {
            throw new RelayException(
                    source,
                    "The secret in " + source + " is longer than " + LONGEST
                            + " characters, or holds a line break or a character that no header can carry; put the token there alone",
                    null);
        }
        this.source = source;
        this.value = stripped;
    }

    /**
     * Reads an environment variable of this process.
     *
     * @param variable its name
     * @return the secret
     * @throws RelayException if it is not set, empty or no token
     */
    public static Secret fromEnvironment(String variable) {
        return fromEnvironment(variable, System.getenv());
    }

    static Secret fromEnvironment(String variable, Map<String, String> environment) {
        Objects.requireNonNull(variable, "environment variable of a secret");
        if (!environment.containsKey(variable)) {
            throw new RelayException(
                    variable,
                    "The environment variable " + variable
                            + " is not set; set it to the token before the program starts,"
                            + " or read the token from a file",
                    null);
        }
        return new Secret("environment variable " + variable, environment.get(variable));
    }

    /**
     * Reads a file that holds nothing else. Blocks for as long as the disk takes.
     *
     * @param file the file, UTF-8; keep it readable for its owner only
     * @return the secret
     * @throws RelayException if the file cannot be read, is empty or holds no token
     */
    public static Secret fromFile(Path file) {
        byte[] bytes;
        try (var in = Files.newInputStream(file)) {
            bytes = in.readNBytes(LONGEST * 2);
        } catch (IOException failure) {
            throw new RelayException(
                    file.toString(),
                    "The secret's file " + file + " cannot be read ("
                            + failure.getClass().getSimpleName()
                            + "); create it with the token in it, readable for this user only",
                    failure);
        }
        return new Secret("file " + file, new String(bytes, StandardCharsets.UTF_8));
    }

    /**
     * Takes a text that the program has from elsewhere, or an address that is no secret.
     *
     * @param value the text
     * @return the secret
     * @throws RelayException if it is empty or no token
     */
    public static Secret of(String value) {
        return new Secret("the program's own text", value);
    }

    /**
     * The secret itself, for a channel that sends it. Keep it out of logs, errors and text forms.
     *
     * @return the text
     */
    public String reveal() {
        return value;
    }

    /** Where it comes from. */
    @Override
    public String toString() {
        return "Secret[" + source + "]";
    }
}
