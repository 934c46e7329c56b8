package dev.reflexloop.console.terminal;

import dev.reflexloop.ReflexThreads;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/**
 * Keys that a person presses: each at once on a terminal, and by lines from a file or a pipe. The terminal is as before once it is closed,
 * and also when the program is ended by Ctrl-C. One thread at a time.
 */
public interface Keys extends AutoCloseable {
    /** What {@link #next()} gives at the end. */
    int END = -1;

    /**
     * Waits for a key.
     *
     * @return the key in lower case, or {@link #END} when there will be none; a line's end counts as nothing
     */
    int next();

    /**
     * How wide the screen is.
     *
     * @return columns; 80 where there is no screen
     */
    default int columns() {
        return 80;
    }

    @Override
    default void close() {}

    /**
     * The keys of the terminal that this program runs in, or the lines of its input where that is none.
     *
     * @return the keys
     */
    static Keys ofProgram() {
        try {
            return new OfTerminal(TerminalBuilder.builder()
                    .system(true)
                    .dumb(false)
                    .nativeSignals(false) // or Ctrl-C would end the program without its shutdown hooks
                    .build());
        } catch (IOException | IllegalStateException none) {
            return ofLines(System.in);
        }
    }

    /**
     * The first character of each line that is not empty.
     *
     * @param in lines in UTF-8; not closed
     * @return the keys
     */
    static Keys ofLines(InputStream in) {
        BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        return () -> {
            try {
                String line = lines.readLine();
                while (line != null && line.isBlank()) {
                    line = lines.readLine();
                }
                return line == null
                        ? END
                        : line.strip().toLowerCase(Locale.ROOT).codePointAt(0);
            } catch (IOException failure) {
                throw new UncheckedIOException("The input cannot be read on (" + failure + ").", failure);
            }
        };
    }

    /** Single keys. */
    final class OfTerminal implements Keys {
        private static final int CTRL_C = 3;
        private static final int CTRL_D = 4;
        private static final int ESCAPE = 27;
        private static final int REST_MILLIS = 20;

        private final Terminal terminal;
        private final Attributes before;
        private final Thread restoring = ReflexThreads.create("reflexloop-terminal", this::restore);

        OfTerminal(Terminal terminal) {
            this.terminal = terminal;
            this.before = terminal.enterRawMode();
            Runtime.getRuntime().addShutdownHook(restoring);
        }

        @Override
        public int next() {
            try {
                int key = terminal.reader().read();
                while (key == '\r' || key == '\n') {
                    key = terminal.reader().read();
                }
                if (key == ESCAPE) {
                    skipSequence();
                }
                return key < 0 || key == CTRL_C || key == CTRL_D ? END : Character.toLowerCase(key);
            } catch (IOException failure) {
                throw new UncheckedIOException("The terminal cannot be read on (" + failure + ").", failure);
            }
        }

        /** An arrow, say, is several characters: an introducer, parameters, and a letter. */
        private void skipSequence() throws IOException {
            int second = terminal.reader().read(REST_MILLIS);
            int last = second == '[' || second == 'O' ? terminal.reader().read(REST_MILLIS) : second;
            while (second == '[' && last > 0 && (last < '@' || last > '~')) {
                last = terminal.reader().read(REST_MILLIS);
            }
        }

        @Override
        public int columns() {
            return terminal.getWidth() > 0 ? terminal.getWidth() : Keys.super.columns();
        }

        private void restore() {
            terminal.setAttributes(before);
        }

        @Override
        public void close() {
            restore();
            try {
                Runtime.getRuntime().removeShutdownHook(restoring);
            } catch (IllegalStateException ending) {
                // it runs already
            }
            try {
                terminal.close();
            } catch (IOException failure) {
                throw new UncheckedIOException("The terminal did not close (" + failure + ").", failure);
            }
        }
    }
}
