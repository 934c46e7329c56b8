package dev.reflexloop.examples.robocode;

import dev.reflexloop.ReflexThreads;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The folder that Robocode takes for its installation: made empty in the temporary folder, deleted when closed or when the JVM ends. Thread-safe. */
final class RobocodeHome implements AutoCloseable {
    /** Bounds a stall at the start of a round, of 300 times this; for how long a robot is waited for in a turn see {@link TurnPatience}. */
    private static final Duration CPU_CONSTANT = Duration.ofMillis(1);

    private final Path folder;

    private RobocodeHome(Path folder) {
        this.folder = folder;
        Runtime.getRuntime().addShutdownHook(ReflexThreads.create("robocode-home", this::close));
    }

    /** Makes the folder with the sample robots and ours in it. */
    static RobocodeHome create() {
        try {
            RobocodeHome home = new RobocodeHome(Files.createTempDirectory("reflex-robocode-"));
            try {
                home.fill();
            } catch (IOException | RuntimeException e) {
                home.close();
                throw e;
            }
            return home;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot make a folder for Robocode; point java.io.tmpdir to a writable folder", e);
        }
    }

    Path folder() {
        return folder;
    }

    private void fill() throws IOException {
        Path robots = Files.createDirectories(folder.resolve("robots"));
        Files.createDirectories(folder.resolve("battles"));
        Path samples = samples();
        Files.copy(samples, robots.resolve(String.valueOf(samples.getFileName())));
        String marker = ReflexBot.class.getName().replace('.', '/') + ".class";
        Path copy = robots.resolve(marker);
        Files.createDirectories(copy.resolveSibling("."));
        try (InputStream source = ReflexBot.class.getClassLoader().getResourceAsStream(marker)) {
            if (source == null) {
                throw new IOException("the class file of the robot is not on the class path");
            }
            Files.copy(source, copy);
        }
        Path properties = Files.createDirectories(folder.resolve("config")).resolve("robocode.properties");
        Files.write(
                properties,
                List.of(
                        "robocode.cpu.constant=" + CPU_CONSTANT.toNanos(),
                        "robocode.options.sound.enableSound=false",
                        "robocode.options.common.enableReplayRecording=false",
                        "robocode.options.common.notifyAboutNewBetaVersions=false",
                        "robocode.versionchecked=2099-01-01"));
    }

    private static Path samples() throws IOException {
        try {
            return Path.of(sample.Walls.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IOException("cannot locate the jar of the sample robots on the class path", e);
        }
    }

    /** Deletes the folder; what the system refuses to delete stays behind. */
    @Override
    public synchronized void close() {
        if (!Files.exists(folder)) {
            return;
        }
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<Path>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure) {
                    delete(visited);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            folder.toFile().deleteOnExit();
        }
    }

    private static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            path.toFile().deleteOnExit();
        }
    }
}
