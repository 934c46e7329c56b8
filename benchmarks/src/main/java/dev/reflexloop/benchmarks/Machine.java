package dev.reflexloop.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Where figures come from: the machine, the JVM, the commit, and what the JVM says about itself. */
final class Machine {
    private static final long GIT_SECONDS = 20;

    private Machine() {}

    /** The processors and their model, for instance {@code 2 x AMD EPYC}. */
    static String description() {
        return Runtime.getRuntime().availableProcessors() + " x " + processor();
    }

    private static String processor() {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException notLinux) {
            return System.getProperty("os.name") + " " + System.getProperty("os.arch");
        }
    }

    static String jvm() {
        return System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version");
    }

    /**
     * The commit of the clone, with {@code -dirty} behind it where something but the results differs from it; {@code unknown} outside a
     * clone.
     */
    static String commit() {
        String head = git(List.of("rev-parse", "--short=12", "HEAD"));
        if (head.isEmpty()) {
            return "unknown";
        }
        String changes = git(List.of("status", "--porcelain", "--", ".", ":!benchmarks/results"));
        return changes.isEmpty() ? head : head + "-dirty";
    }

    private static String git(List<String> arguments) {
        ProcessBuilder git = new ProcessBuilder("git");
        git.command().addAll(arguments);
        try {
            Process process = git.directory(Options.root().toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (InputStream out = process.getInputStream()) {
                String text = new String(out.readAllBytes(), StandardCharsets.UTF_8).strip();
                return process.waitFor(GIT_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0 ? text : "";
            } finally {
                process.destroy();
            }
        } catch (IOException | IllegalStateException noGit) {
            return "";
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    /** Bytes that the calling thread has allocated since its start. */
    static long allocatedBytes() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    /** Processor time that this process has used, in nanoseconds. */
    static long processNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    static int threads() {
        return ManagementFactory.getThreadMXBean().getThreadCount();
    }

    /** Bytes of the heap that are in use after collections, the least of a few. */
    static long heapAfterCollection() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }

    static double micros(Histogram nanos, double percentile) {
        return nanos.getValueAtPercentile(percentile) / 1e3;
    }

    static double millis(Histogram nanos, double percentile) {
        return nanos.getValueAtPercentile(percentile) / 1e6;
    }
}
