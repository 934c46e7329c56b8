package dev.reflexloop.examples.heartbeat;

import dev.reflexloop.Fact;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Looks whether a process lives, by the file that holds its id or by the name of its program.
 *
 * <p>An id that was given to another process meanwhile is told by its start: a process that began after the file was written did not
 * write it. By name only processes are found whose program this user may see, on Linux normally his own; use a pid file for others.
 */
final class ProcessProbe implements Probe {
    private static final String ALIVE = "alive";
    private static final String GONE = "gone";
    private static final int MOST_DIGITS = 32;
    /** Clocks of files and of processes differ in their grain. */
    private static final Duration GRAIN = Duration.ofSeconds(5);

    /** Finds the processes. */
    private interface Search {
        Map<String, Fact> look() throws IOException;
    }

    private final String name;
    private final Search search;

    private ProcessProbe(String name, Search search) {
        this.name = name;
        this.search = search;
    }

    /** Watches the process whose id is the only text of a file. */
    static ProcessProbe ofPidFile(String name, Path file) {
        return new ProcessProbe(name, () -> byPidFile(file));
    }

    /** Watches the processes of a program, given by the last name of its path, without {@code .exe}. */
    static ProcessProbe ofCommand(String name, String program) {
        return new ProcessProbe(name, () -> byCommand(program));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Map<String, Fact> look() throws IOException {
        return search.look();
    }

    private static Map<String, Fact> byPidFile(Path file) throws IOException {
        String text;
        try (InputStream in = Files.newInputStream(file)) {
            text = new String(in.readNBytes(MOST_DIGITS), StandardCharsets.US_ASCII).strip();
        } catch (NoSuchFileException missing) {
            return gone("no pid file");
        }
        long pid;
        try {
            pid = Long.parseLong(text);
        } catch (NumberFormatException garbage) {
            return gone("no number in the pid file");
        }
        Optional<ProcessHandle> process = ProcessHandle.of(pid).filter(ProcessHandle::isAlive);
        if (process.isEmpty()) {
            return gone("no such process");
        }
        Instant written = Files.getLastModifiedTime(file).toInstant();
        Optional<Instant> start = process.get().info().startInstant();
        if (start.isPresent() && start.get().isAfter(written.plus(GRAIN))) {
            return gone("its id belongs to another process");
        }
        return alive(1);
    }

    private static Map<String, Fact> byCommand(String program) {
        long count = ProcessHandle.allProcesses()
                .filter(ProcessHandle::isAlive)
                .filter(process -> process.info().command().stream().anyMatch(path -> isProgram(path, program)))
                .count();
        return count == 0 ? gone("no such process") : alive(count);
    }

    private static boolean isProgram(String path, String program) {
        String last = path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
        return last.equals(program) || last.equalsIgnoreCase(program + ".exe");
    }

    private static Map<String, Fact> alive(long count) {
        Map<String, Fact> facts = new LinkedHashMap<>();
        facts.put(STATE, Fact.of(ALIVE));
        facts.put("processes", Fact.of((double) count));
        return facts;
    }

    private static Map<String, Fact> gone(String problem) {
        Map<String, Fact> facts = new LinkedHashMap<>();
        facts.put(STATE, Fact.of(GONE));
        facts.put("problem", Fact.of(problem));
        return facts;
    }

    @Override
    public Finding judge(Map<String, Fact> facts) {
        return switch (Probe.text(facts, STATE)) {
            case ALIVE -> new Finding(Severity.OK, ALIVE);
            case GONE -> new Finding(Severity.CRITICAL, "is gone: " + Probe.text(facts, "problem"));
            default -> new Finding(Severity.WARNING, "could not be looked at");
        };
    }
}
