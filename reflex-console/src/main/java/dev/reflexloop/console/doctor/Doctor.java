package dev.reflexloop.console.doctor;

import dev.reflexloop.ReflexThreads;
import dev.reflexloop.llm.server.Endpoint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Looks at everything at the same time, each for two seconds at most. Immutable. */
public final class Doctor {
    static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Duration MARGIN = Duration.ofMillis(500);

    private final List<Path> logs;
    private final List<Endpoint> llamaServers;
    private final List<Endpoint> ollamas;

    /**
     * A doctor for some logs and servers, and for this machine.
     *
     * @param logs files and folders
     * @param llamaServers servers that must answer
     * @param ollamas servers that must answer; where neither of these lists names one, it is looked where one usually listens
     */
    public Doctor(List<Path> logs, List<Endpoint> llamaServers, List<Endpoint> ollamas) {
        this.logs = List.copyOf(logs);
        this.llamaServers = List.copyOf(llamaServers);
        this.ollamas = List.copyOf(ollamas);
    }

    /**
     * Looks. Blocks for a few seconds at most.
     *
     * @return what was found, in an order that does not change
     * @throws InterruptedException if the calling thread was interrupted
     */
    public List<Finding> look() throws InterruptedException {
        Map<String, Callable<List<Finding>>> checks = new LinkedHashMap<>();
        checks.put("java", JavaChecks::look);
        checks.put("llama-server", ServerChecks::program);
        checks.put("model servers", () -> ServerChecks.servers(llamaServers, ollamas));
        checks.put("libtorch", MachineChecks::libtorch);
        checks.put("folders", () -> MachineChecks.folders(logs));
        checks.put("logs", () -> LogChecks.look(logs));
        ExecutorService threads = Executors.newCachedThreadPool(ReflexThreads.factory("reflex-doctor"));
        try {
            Map<String, Future<List<Finding>>> looks = new LinkedHashMap<>();
            checks.forEach((name, check) -> looks.put(name, threads.submit(check)));
            long end = System.nanoTime() + PATIENCE.plus(MARGIN).toNanos();
            List<Finding> findings = new ArrayList<>();
            for (Map.Entry<String, Future<List<Finding>>> each : looks.entrySet()) {
                findings.addAll(result(each.getKey(), each.getValue(), end));
            }
            return findings;
        } finally {
            threads.shutdownNow();
        }
    }

    private static List<Finding> result(String name, Future<List<Finding>> look, long end) throws InterruptedException {
        try {
            return look.get(Math.max(1, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            look.cancel(true);
            return List.of(Finding.warn(
                    name,
                    "nothing was found out within " + PATIENCE.toSeconds() + " s",
                    "see whether the machine or its disk is busy, and run doctor again"));
        } catch (ExecutionException failure) {
            return List.of(Finding.fail(
                    name, "it could not be looked at: " + failure.getCause(), "see whether it may be read"));
        }
    }
}
