package dev.reflexloop.console.doctor;

import dev.reflexloop.console.terminal.Words;
import java.lang.management.ManagementFactory;
import java.lang.module.ModuleFinder;
import java.util.ArrayList;
import java.util.List;

/** The JVM that runs this, which is the one that the other commands run in. */
final class JavaChecks {
    private static final String VECTOR = "jdk.incubator.vector";
    private static final long LEAST_HEAP = 200_000_000;

    private JavaChecks() {}

    static List<Finding> look() {
        List<Finding> findings = new ArrayList<>();
        List<String> options = ManagementFactory.getRuntimeMXBean().getInputArguments();
        findings.add(Finding.ok(
                "java",
                Runtime.version() + " of " + System.getProperty("java.vendor")
                        + (options.isEmpty() ? "" : ", options " + String.join(" ", options))));
        findings.add(vector());
        long heap = Runtime.getRuntime().maxMemory();
        String size = Words.size(heap) + " of heap at most";
        findings.add(
                heap >= LEAST_HEAP
                        ? Finding.ok("memory", size)
                        : Finding.warn("memory", size, "give it more with JAVA_OPTS=-Xmx512m"));
        int cores = Runtime.getRuntime().availableProcessors();
        findings.add(
                cores > 1
                        ? Finding.ok("cores", cores + " processors")
                        : Finding.warn("cores", "1 processor", "a model and a game share it; expect more fallbacks"));
        return findings;
    }

    private static Finding vector() {
        if (ModuleLayer.boot().findModule(VECTOR).isPresent()) {
            return Finding.ok("vector api", "on; embedded models use it");
        }
        boolean isThere = ModuleFinder.ofSystem().find(VECTOR).isPresent();
        return Finding.warn(
                "vector api",
                isThere
                        ? "off; embedded models calculate without"
                        : "not in this JDK; embedded models calculate without",
                isThere
                        ? "set JAVA_OPTS=\"--add-modules " + VECTOR + "\""
                        : "use a JDK of version 17 or later that has it");
    }
}
