package dev.reflexloop.llm.server;

import dev.reflexloop.ReflexThreads;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A program that does not outlive this JVM: this side of its {@link Keeper}. {@link #awaitStart}, {@link #awaitEnd} and
 * {@link #endedWithin} are called by one thread, {@link #close} by any.
 */
final class KeptProcess implements AutoCloseable {
    private static final long CLOSE_MILLIS = 2_500;
    private static final long KILL_MILLIS = 1_000;
    private static final List<String> JVM_OPTIONS =
            List.of("-Xmx16m", "-Xss256k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData");

    /** What would change the keeper's JVM, or make it talk. */
    private static final List<String> JVM_VARIABLES = List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

    private final Process keeper;
    private final Path classes;
    private final Thread reader;
    private volatile @Nullable ProcessHandle program;

    private KeptProcess(Process keeper, Path classes, String name, Consumer<String> lines) {
        this.keeper = keeper;
        this.classes = classes;
        this.reader = ReflexThreads.create(name + "-log", () -> read(keeper.getInputStream(), lines));
        reader.start();
    }

    /**
     * Starts the keeper, which starts the program; does not wait for it.
     *
     * @param command the program and its arguments
     * @param environment variables besides those of this JVM
     * @param name the beginning of a thread's name
     * @param lines gets what the program prints, on that thread
     */
    static KeptProcess start(List<String> command, Map<String, String> environment, String name, Consumer<String> lines)
            throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", isWindows() ? "java.exe" : "java");
        if (!Files.isExecutable(java)) {
            throw new IOException(
                    "there is no " + java + ", which watches over the server; keep the java launcher in the"
                            + " runtime image (jpackage and jlink leave it out with --strip-native-commands)");
        }
        Path classes = Files.createTempDirectory("reflex-keeper");
        try {
            writeClass(classes);
            List<String> all = new ArrayList<>(List.of(java.toString()));
            all.addAll(JVM_OPTIONS);
            all.addAll(List.of("-cp", classes.toString(), Keeper.class.getName()));
            all.addAll(command);
            ProcessBuilder builder = new ProcessBuilder(all);
            JVM_VARIABLES.forEach(builder.environment()::remove);
            builder.environment().putAll(environment);
            return new KeptProcess(builder.start(), classes, name, lines);
        } catch (IOException | RuntimeException failure) {
            delete(classes);
            throw failure;
        }
    }

    static boolean isWindows() {
        return System.getProperty("os.name", "").startsWith("Windows");
    }

    /** The keeper's one class file, taken from wherever this class came from: a jar, a jar in a jar, a runtime image. */
    private static void writeClass(Path root) throws IOException {
        String file = Keeper.class.getName().replace('.', '/') + ".class";
        try (InputStream in = Keeper.class.getClassLoader().getResourceAsStream(file)) {
            if (in == null) {
                throw new IOException(file + " is missing where reflex-llm was loaded from; keep it in the packaging");
            }
            Path target = root.resolve(file);
            Files.createDirectories(target.getParent());
            Files.copy(in, target);
        }
    }

    private static void delete(Path classes) {
        String file = Keeper.class.getName().replace('.', '/') + ".class";
        try {
            for (Path each = classes.resolve(file); each != null && !each.equals(classes); each = each.getParent()) {
                Files.deleteIfExists(each);
            }
            Files.deleteIfExists(classes);
        } catch (IOException kept) {
            // A few hundred bytes in the temporary folder.
        }
    }

    private static void read(InputStream output, Consumer<String> lines) {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(output, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                lines.accept(line);
            }
        } catch (IOException closed) {
            // The process was ended while it wrote.
        }
    }

    /** Blocks until the keeper has started the program or is gone. */
    void awaitStart() throws IOException {
        List<String> said = new ArrayList<>();
        try {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(keeper.getErrorStream(), StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.startsWith(Keeper.STARTED)) {
                    long pid = Long.parseLong(line.substring(Keeper.STARTED.length()));
                    program = ProcessHandle.of(pid).orElse(null);
                    return;
                }
                said.add(line.startsWith(Keeper.FAILED) ? line.substring(Keeper.FAILED.length()) : line);
            }
        } finally {
            delete(classes);
        }
        throw new IOException(said.isEmpty() ? "its keeper was ended" : String.join("\n", said));
    }

    /** The program's process while it lives. */
    Optional<ProcessHandle> program() {
        return Optional.ofNullable(program).filter(ProcessHandle::isAlive);
    }

    /** Blocks until the program has ended; returns its exit code. Ends the program itself where only its keeper was killed. */
    int awaitEnd() throws InterruptedException {
        int code = keeper.waitFor();
        kill(program);
        reader.join(KILL_MILLIS);
        return code;
    }

    boolean endedWithin(long millis) throws InterruptedException {
        return keeper.waitFor(millis, TimeUnit.MILLISECONDS);
    }

    /** Ends the program and its keeper; returns within about {@value #CLOSE_MILLIS} ms. Idempotent. */
    @Override
    public void close() {
        try {
            keeper.getOutputStream().close();
        } catch (IOException gone) {
            // It has ended already.
        }
        try {
            if (!keeper.waitFor(CLOSE_MILLIS, TimeUnit.MILLISECONDS)) {
                keeper.destroyForcibly();
            }
            kill(program);
        } catch (InterruptedException interrupted) {
            keeper.destroyForcibly();
            Optional.ofNullable(program).ifPresent(ProcessHandle::destroyForcibly);
            Thread.currentThread().interrupt();
        }
    }

    private static void kill(@Nullable ProcessHandle handle) throws InterruptedException {
        if (handle == null || !handle.isAlive()) {
            return;
        }
        handle.descendants().forEach(ProcessHandle::destroyForcibly); // where the program is a script around the server
        handle.destroyForcibly();
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(KILL_MILLIS);
        while (handle.isAlive() && System.nanoTime() < end) {
            Thread.sleep(5); // a process that is not our child has no event for its end but a poll
        }
    }
}
