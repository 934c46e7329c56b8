package dev.reflexloop.examples.heartbeat;

import dev.reflexloop.Fact;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexThreads;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a monitor's actions: runs their commands on threads of its own, or raises their alerts. In a dry run, which is the default, it only
 * says what it would do. Arguments come from the configuration alone; no text of a model or of the watched world ever becomes one.
 *
 * <p>{@link #take} and {@link #results} are for one thread and do not block.
 */
final class Hooks implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Hooks.class);
    private static final long CLOSE_SECONDS = 2;
    private static final String NOT_STARTED = "not started";

    /** What became of an action in a tick. */
    enum Taken {
        /** Only recorded, because this is a dry run. */
        DRY_RUN,
        /** Its command was started, or its alert raised. */
        STARTED,
        /** It was taken too short a time ago. */
        COOLDOWN,
        /** Its command still runs. */
        RUNNING
    }

    private final Map<String, HookSettings> settings = new LinkedHashMap<>();
    private final boolean act;
    private final Alerts alerts;
    private final ReflexClock clock;
    private final ExecutorService threads = Executors.newCachedThreadPool(ReflexThreads.factory("heartbeat-hook"));
    private final Map<String, Long> takenNanos = new LinkedHashMap<>();
    private final Map<String, String> results = new ConcurrentHashMap<>();
    private final Set<String> running = ConcurrentHashMap.newKeySet();

    /**
     * Hooks.
     *
     * @param hooks the actions
     * @param act whether to act; a dry run otherwise
     * @param alerts where actions that page somebody go
     * @param clock measures cooldowns
     * @param lastTaken when each was taken before this process began, as far as that is known
     */
    Hooks(List<HookSettings> hooks, boolean act, Alerts alerts, ReflexClock clock, Map<String, Instant> lastTaken) {
        hooks.forEach(hook -> settings.put(hook.name(), hook));
        this.act = act;
        this.alerts = alerts;
        this.clock = clock;
        lastTaken.forEach((name, at) -> {
            Duration ago = Duration.between(at, clock.instant());
            takenNanos.put(name, clock.nanos() - (ago.isNegative() ? 0 : ago.toNanos()));
        });
    }

    /** Takes the actions of one tick, as far as their cooldowns allow, and says what became of each. */
    Map<String, Taken> take(List<String> names, Severity severity, String words, String tick, Instant at) {
        Map<String, Taken> taken = new LinkedHashMap<>();
        for (String name : names) {
            Optional.ofNullable(settings.get(name))
                    .ifPresent(hook -> taken.put(name, take(hook, severity, words, tick, at)));
        }
        return taken;
    }

    private Taken take(HookSettings hook, Severity severity, String words, String tick, Instant at) {
        long now = clock.nanos();
        Long before = takenNanos.get(hook.name());
        if (running.contains(hook.name())) {
            return Taken.RUNNING;
        }
        if (before != null && now - before < hook.cooldown().toNanos()) {
            return Taken.COOLDOWN;
        }
        takenNanos.put(hook.name(), now);
        if (!act) {
            return Taken.DRY_RUN;
        }
        if (hook.command().isEmpty()) {
            alerts.page(hook, severity, words, tick, at);
        } else {
            start(hook);
        }
        return Taken.STARTED;
    }

    private void start(HookSettings hook) {
        running.add(hook.name());
        try {
            threads.execute(() -> {
                results.put(hook.name(), run(hook));
                running.remove(hook.name());
            });
        } catch (RejectedExecutionException | OutOfMemoryError refused) {
            results.put(hook.name(), NOT_STARTED);
            running.remove(hook.name());
        }
    }

    private static String run(HookSettings hook) {
        Process process;
        try {
            process = new ProcessBuilder(hook.command())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException | RuntimeException failure) {
            LOG.warn(
                    "Action '{}' could not start {}; name a program that is installed and may be run",
                    hook.name(),
                    hook.command().get(0),
                    failure);
            return NOT_STARTED;
        }
        try {
            endInput(process);
            if (process.waitFor(hook.timeout().toMillis(), TimeUnit.MILLISECONDS)) {
                return "exit " + process.exitValue();
            }
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
        kill(process);
        return "killed";
    }

    private static void endInput(Process process) {
        try {
            process.getOutputStream().close();
        } catch (IOException ended) {
            // It has ended, and its input with it.
        }
    }

    private static void kill(Process process) {
        List<ProcessHandle> below = process.descendants().toList();
        process.destroyForcibly();
        below.forEach(ProcessHandle::destroyForcibly);
    }

    /** How the commands of earlier ticks ended, as facts for the next one. */
    Map<String, Fact> results() {
        Map<String, Fact> facts = new LinkedHashMap<>();
        settings.keySet().forEach(name -> {
            String result = results.get(name);
            if (result != null) {
                facts.put("action." + name, Fact.of(result));
            }
        });
        return facts;
    }

    /** Lets the commands that run end by themselves or at their time-outs; no further one can be started. Blocks until then. */
    void finish() throws InterruptedException {
        threads.shutdown();
        Duration longest = settings.values().stream()
                .map(HookSettings::timeout)
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
        if (!threads.awaitTermination(
                longest.toMillis() + TimeUnit.SECONDS.toMillis(CLOSE_SECONDS), TimeUnit.MILLISECONDS)) {
            LOG.warn("A command of an action did not end at its time-out");
        }
    }

    /** Kills what still runs, and ends the threads. Idempotent; blocks for two seconds at most. */
    @Override
    public void close() {
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("A command of an action did not end within {} s of its being killed", CLOSE_SECONDS);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
