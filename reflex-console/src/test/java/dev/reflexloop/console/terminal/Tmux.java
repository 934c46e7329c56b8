package dev.reflexloop.console.terminal;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A real terminal, for tests: a window of tmux with a shell in it. Tests that want one are skipped where tmux is missing. */
public final class Tmux implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final String socket;

    private Tmux(String socket) {
        this.socket = socket;
    }

    /**
     * Opens a terminal, or skips the test.
     *
     * @param columns its width
     * @param rows its height
     */
    public static Tmux open(int columns, int rows) throws IOException {
        assumeTrue(isInstalled(), "tmux is not installed; apt-get install tmux");
        Tmux tmux = new Tmux("reflex-" + ProcessHandle.current().pid() + "-" + System.nanoTime());
        tmux.run(
                "-f",
                "/dev/null",
                "new-session",
                "-d",
                "-x",
                "" + columns,
                "-y",
                "" + rows,
                "env",
                "PS1=$ ",
                "LC_ALL=C.UTF-8",
                "sh");
        return tmux;
    }

    private static boolean isInstalled() {
        try {
            return new ProcessBuilder("tmux", "-V").start().waitFor() == 0;
        } catch (IOException missing) {
            return false;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private String run(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of("tmux", "-u", "-L", socket));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        try (InputStream out = process.getInputStream()) {
            String said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(command + " failed: " + said);
            }
            return said;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException(command + " was interrupted", interrupted);
        }
    }

    /** Types a line and presses Enter. */
    public void line(String text) throws IOException {
        run("send-keys", "-l", text);
        key("Enter");
    }

    /** Presses a key by its name in tmux: a letter, {@code Enter}, {@code C-c}. */
    public void key(String name) throws IOException {
        run("send-keys", name);
    }

    /** What is on the screen now. */
    public String screen() throws IOException {
        return run("capture-pane", "-p");
    }

    /** Waits until a text is on the screen. */
    public String await(String text) throws IOException {
        long start = System.nanoTime();
        String screen = screen();
        while (!screen.contains(text)) {
            if (System.nanoTime() - start > PATIENCE.toNanos()) {
                throw new AssertionError("'" + text + "' never came; the screen is:\n" + screen);
            }
            LockSupport.parkNanos(50_000_000);
            screen = screen();
        }
        return screen;
    }

    @Override
    public void close() throws IOException {
        run("kill-server");
    }
}
