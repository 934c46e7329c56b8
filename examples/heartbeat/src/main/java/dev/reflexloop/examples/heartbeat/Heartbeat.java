package dev.reflexloop.examples.heartbeat;

import dev.reflexloop.AlertSink;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexException;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.ReflexThreads;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The command: reads a configuration, and beats until it is ended, or once. The README says how to call it. */
public final class Heartbeat {
    private static final int WRONG_USE = 64;
    private static final long ENDING_SECONDS = 30;

    private Heartbeat() {}

    /**
     * Runs the monitor until the process is ended; with {@code --once} one tick, whose severity is the exit code.
     *
     * @param arguments as {@code Options.USAGE} says
     */
    public static void main(String[] arguments) {
        int code;
        try {
            code = run(Options.parse(arguments), System.getenv());
        } catch (IllegalArgumentException | ReflexException wrong) {
            System.err.println(wrong.getMessage());
            code = WRONG_USE;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            code = 1;
        }
        System.exit(code);
    }

    private static int run(Options options, Map<String, String> environment) throws InterruptedException {
        Configuration configuration = Configuration.read(options.config()).with(options);
        MonitorSettings settings = configuration.settings(options.act());
        CountDownLatch ended = new CountDownLatch(1);
        String spec = configuration.model() == null ? "none" : configuration.model();
        try (Http http = new Http();
                AlertSink relay = Relays.open(settings.log().resolve("alerts"));
                ReflexModel model = Minds.open(spec, environment);
                Reasoned reasoned = new Reasoned(explaining(configuration, settings, http, environment));
                Monitor monitor = new Monitor(
                        settings,
                        configuration.probes(http),
                        model,
                        reasoned.writer(),
                        relay,
                        ReflexClock.system(),
                        Crew.ofThreads(settings.reasoningPatience()))) {
            if (options.once()) {
                Tick tick = monitor.tick();
                print(tick);
                monitor.finish();
                return tick.judgement().severity().compareTo(Severity.OK);
            }
            endWith(monitor, ended);
            monitor.run(Heartbeat::print);
            return 0;
        } finally {
            ended.countDown();
        }
    }

    private static void print(Tick tick) {
        System.out.println(tick.line(ZoneId.systemDefault()));
    }

    /** A process that is told to end writes its last ticks and hands its alerts on first. */
    private static void endWith(Monitor monitor, CountDownLatch ended) {
        Runtime.getRuntime().addShutdownHook(ReflexThreads.create("heartbeat-end", () -> {
            monitor.close();
            try {
                if (!ended.await(ENDING_SECONDS, TimeUnit.SECONDS)) {
                    System.err.println("what was still to be told or written is left behind");
                }
            } catch (InterruptedException ending) {
                Thread.currentThread().interrupt();
            }
        }));
    }

    private static Optional<Reasoning> explaining(
            Configuration configuration, MonitorSettings settings, Http http, Map<String, String> environment) {
        Configuration.ReasoningEntry entry = configuration.reasoning();
        return entry == null
                ? Optional.empty()
                : Minds.explaining(entry, settings.reasoningPatience(), http, environment);
    }

    /** Closes a writer where there is one. */
    private record Reasoned(Optional<Reasoning> writer) implements AutoCloseable {
        @Override
        public void close() {
            writer.ifPresent(Reasoning::close);
        }
    }
}
