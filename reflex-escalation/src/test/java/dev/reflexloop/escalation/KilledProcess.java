package dev.reflexloop.escalation;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * A JVM of its own that is killed while it works. It prints what it has acknowledged, each on a line that ends in a semicolon, and that
 * print is what a test believes.
 */
public final class KilledProcess {
    private KilledProcess() {}

    /** A small JVM that begins quickly. */
    public static ProcessBuilder jvm(Class<?> main, List<String> options, String... arguments) {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC");
        builder.command().addAll(options);
        builder.command().addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        builder.command().addAll(List.of(arguments));
        return builder;
    }

    /** Runs a class until it has acknowledged something and some time more, kills it, and returns what it had acknowledged. */
    public static List<String> acknowledged(Class<?> main, long aliveMicros, String... arguments)
            throws IOException, InterruptedException {
        Process child = jvm(main, List.of("-Dorg.slf4j.simpleLogger.defaultLogLevel=error"), arguments)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
            List<String> printed = new ArrayList<>();
            String line = out.readLine();
            LockSupport.parkNanos(1_000 * aliveMicros);
            child.toHandle().destroyForcibly(); // SIGKILL; Process.destroyForcibly would close the pipe
            for (; line != null; line = out.readLine()) {
                if (line.endsWith(";")) { // a print may be torn, too
                    printed.add(line.substring(0, line.length() - 1));
                }
            }
            child.waitFor();
            return printed;
        } finally {
            child.destroyForcibly();
        }
    }
}
