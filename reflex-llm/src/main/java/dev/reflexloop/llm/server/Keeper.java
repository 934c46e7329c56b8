package dev.reflexloop.llm.server;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The main class of a small JVM between the game's and a model server: starts the server, and ends it when the game's JVM is gone, however
 * that ended. See docs/decisions/0016.
 *
 * <p>Its arguments are the server's command. It holds one end of a pipe from the game's JVM as its standard input; the operating system
 * closes the other end when that JVM dies. The server writes to this process's standard output; this process says on standard error
 * whether the server was started. Depends on nothing but the JDK, because its class file is all that is on its class path.
 */
final class Keeper {
    static final String STARTED = "reflex-started ";
    static final String FAILED = "reflex-failed ";

    private static final int NOT_STARTED = 127;
    private static final long GRACE_MILLIS = 1_000;

    /** Set before the server is told to end: its end must not cut short what ends the processes below it. */
    private static volatile boolean ending;

    private Keeper() {}

    public static void main(String[] command) throws InterruptedException {
        Process server;
        try {
            server = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                    .start();
            server.getOutputStream().close();
        } catch (IOException failure) {
            say(FAILED + failure.getMessage());
            Runtime.getRuntime().halt(NOT_STARTED);
            return;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(server), "end"));
        daemon(Keeper::awaitEndOfInput);
        // A native library of the game may have forked a process that still holds the pipe: so its JVM is watched as
        // well.
        ProcessHandle.current()
                .parent()
                .ifPresent(game -> daemon(() -> {
                    game.onExit().join();
                    System.exit(0);
                }));
        say(STARTED + server.pid());
        int code = server.waitFor();
        if (!ending) {
            Runtime.getRuntime().halt(code); // it ended by itself: nothing is left to do
        }
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "watch");
        thread.setDaemon(true);
        thread.start();
    }

    private static void awaitEndOfInput() {
        try (InputStream in = new FileInputStream(FileDescriptor.in)) {
            while (in.read() >= 0) {
                // Nothing is ever sent; only the end counts.
            }
        } catch (IOException broken) {
            // A broken pipe is an end, too.
        }
        System.exit(0);
    }

    private static void end(Process server) {
        ending = true;
        List<ProcessHandle> below = server.descendants().toList(); // where the command is a script around the server
        server.destroy();
        below.forEach(ProcessHandle::destroy);
        try {
            server.waitFor(GRACE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        server.destroyForcibly();
        below.forEach(ProcessHandle::destroyForcibly);
    }

    private static void say(String line) {
        try (FileOutputStream out = new FileOutputStream(FileDescriptor.err)) {
            out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException gone) {
            // The game's JVM is gone, and the end of input says the same.
        }
    }
}
