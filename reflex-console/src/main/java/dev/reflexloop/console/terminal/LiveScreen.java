package dev.reflexloop.console.terminal;

import dev.reflexloop.ReflexThreads;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.NonBlockingReader;

/*
 * A frame is one write: the cursor goes home, each line is written over the old one and cleared behind its end, and what is below the last one
 * is cleared. Nothing is ever blank between two frames, so nothing flickers. The screen that was there before comes back when this one is
 * closed, also by a shutdown hook when the process is told to end.
 */
/**
 * The whole window of a terminal, drawn again and again, and the keys that are pressed meanwhile. One thread at a time, but for {@link #close}.
 */
public final class LiveScreen implements AutoCloseable {
    /** No key was pressed in time. */
    public static final int NONE = -1;
    /** Ctrl-C was pressed, or nobody is there any more. */
    public static final int END = -2;
    /** The window has another size now. */
    public static final int RESIZED = -3;

    private static final String ENTER = "\u001b[?1049h\u001b[?25l\u001b[H\u001b[2J";
    private static final String LEAVE = "\u001b[?25h\u001b[?1049l";
    private static final String HOME = "\u001b[H";
    private static final String CLEAR_LINE = "\u001b[K";
    private static final String CLEAR_BELOW = "\u001b[J";
    private static final int CTRL_C = 3;
    private static final int CTRL_D = 4;
    private static final long SLICE_MILLIS = 100;
    private static final int USUAL_WIDTH = 80;
    private static final int USUAL_HEIGHT = 24;

    private final Terminal terminal;
    private final Attributes before;
    private final Thread restore = ReflexThreads.create("reflex-screen-restore", this::leave);
    private final AtomicBoolean left = new AtomicBoolean();
    private volatile boolean resized;
    private volatile boolean ended;

    private LiveScreen(Terminal terminal) {
        this.terminal = terminal;
        this.before = terminal.enterRawMode();
        terminal.handle(Terminal.Signal.INT, signal -> ended = true);
        terminal.handle(Terminal.Signal.WINCH, signal -> resized = true);
        Runtime.getRuntime().addShutdownHook(restore);
        terminal.writer().print(ENTER);
        terminal.flush();
    }

    /**
     * Takes the window of this process.
     *
     * @return the screen, to be closed by the caller; empty where there is no terminal, or none that can be drawn on
     */
    public static Optional<LiveScreen> open() {
        return terminal().map(LiveScreen::new);
    }

    /**
     * How wide the window of this process is.
     *
     * @return columns; empty where there is no terminal
     */
    public static Optional<Integer> columns() {
        Optional<Terminal> terminal = terminal();
        try {
            return terminal.map(Terminal::getWidth).filter(columns -> columns > 0);
        } finally {
            terminal.ifPresent(LiveScreen::closeQuietly);
        }
    }

    private static Optional<Terminal> terminal() {
        try {
            return Optional.of(TerminalBuilder.builder()
                    .system(true)
                    .dumb(false)
                    .encoding(StandardCharsets.UTF_8)
                    .build());
        } catch (IOException | IllegalStateException none) {
            return Optional.empty();
        }
    }

    /**
     * How wide the window is now.
     *
     * @return columns
     */
    public int width() {
        int width = terminal.getWidth();
        return width > 0 ? width : USUAL_WIDTH;
    }

    /**
     * How high the window is now.
     *
     * @return lines
     */
    public int height() {
        int height = terminal.getHeight();
        return height > 0 ? height : USUAL_HEIGHT;
    }

    /**
     * Draws over what was there.
     *
     * @param lines the lines; none may be wider than the window, and what does not fit below is not drawn
     */
    public void draw(List<String> lines) {
        StringBuilder frame = new StringBuilder(HOME);
        int shown = Math.min(lines.size(), height());
        for (int i = 0; i < shown; i++) {
            boolean isFull =
                    Text.width(lines.get(i)) >= width(); // behind a full line the cursor stands on its last character
            frame.append(lines.get(i)).append(isFull ? "" : CLEAR_LINE).append(i + 1 < shown ? "\r\n" : "");
        }
        frame.append(shown < height() ? CLEAR_BELOW : "");
        terminal.writer().print(frame);
        terminal.flush();
    }

    /**
     * Waits for a key.
     *
     * @param wait how long at most
     * @return the key's character, {@link #NONE}, {@link #END} or {@link #RESIZED}
     */
    public int key(Duration wait) {
        long end = System.nanoTime() + wait.toNanos();
        do {
            if (ended || Thread.currentThread().isInterrupted()) {
                return END;
            }
            if (resized) {
                resized = false;
                return RESIZED;
            }
            int key = read();
            if (key != NonBlockingReader.READ_EXPIRED) {
                return key == NonBlockingReader.EOF || key == CTRL_C || key == CTRL_D ? END : key;
            }
        } while (System.nanoTime() - end < 0);
        return NONE;
    }

    private int read() {
        try {
            return terminal.reader().read(SLICE_MILLIS);
        } catch (IOException gone) {
            return NonBlockingReader.EOF;
        }
    }

    private void leave() {
        if (left.compareAndSet(false, true)) {
            terminal.writer().print(LEAVE);
            terminal.flush();
            terminal.setAttributes(before);
        }
    }

    /** Brings the window back as it was. Idempotent. */
    @Override
    public void close() {
        leave();
        closeQuietly(terminal);
        try {
            Runtime.getRuntime().removeShutdownHook(restore);
        } catch (IllegalStateException ending) {
            // the hook runs, or ran
        }
    }

    private static void closeQuietly(Terminal terminal) {
        try {
            terminal.close();
        } catch (IOException gone) {
            // nobody is there to be shown anything
        }
    }
}
