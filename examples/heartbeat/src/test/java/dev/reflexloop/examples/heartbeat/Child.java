package dev.reflexloop.examples.heartbeat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** A real process beside the test: another JVM. */
final class Child {
    private Child() {}

    /** What a child does: waits for ever, waits for the end of its input, says something, or writes a file with its arguments. */
    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "hang" -> new CountDownLatch(1).await();
            case "listen" -> System.exit(System.in.read() < 0 ? 7 : 1);
            case "say" -> System.out.println(arguments[1]);
            default -> Files.write(Path.of(arguments[1]), List.of(arguments));
        }
    }

    /** The command line of a class of ours in a JVM of its own. */
    static List<String> command(Class<?> main, String... arguments) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command =
                new ArrayList<>(List.of(java, "-Xmx64m", "-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(Arrays.asList(arguments));
        return command;
    }

    /** A process that lives until it is killed. */
    static Process hanging() throws IOException {
        return new ProcessBuilder(command(Child.class, "hang"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** The command of the example, its output in a file. */
    static Process heartbeat(File output, String... arguments) throws IOException {
        return heartbeat(Map.of(), output, arguments);
    }

    /** The same with more in its environment. */
    static Process heartbeat(Map<String, String> environment, File output, String... arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command(Heartbeat.class, arguments));
        builder.environment().putAll(environment);
        return builder.redirectErrorStream(true).redirectOutput(output).start();
    }
}
