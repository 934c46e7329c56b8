package dev.reflexloop.examples.heartbeat;

import dev.reflexloop.AlertSink;
import dev.reflexloop.Decision;
import dev.reflexloop.Fact;
import dev.reflexloop.Goal;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexModel;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The beat: looks, asks the model how severe the state is and which actions to take, takes them, tells people, and has it written down.
 *
 * <p>A tick takes at most the patience of the probes and the budget of the decision together, whatever a probe or the model does; the
 * settings see to it that this is less than the interval. Everything else (commands, relays, reasoning, the log) is done on other threads.
 *
 * <p>{@link #tick()} and {@link #run} are for one thread; {@link #close()} and {@link #stats()} for any.
 */
final class Monitor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Monitor.class);
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    /**
     * What happened so far. Immutable.
     *
     * @param ticks ticks that were decided
     * @param byModel those that a model decided
     * @param late those that were decided after the next one was due
     * @param skipped ticks that were left out because their time had passed
     * @param written ticks that are in the log
     * @param lost ticks that could not be written
     * @param unexplained ticks whose reasoning failed or came too late
     * @param unraised alerts that the sink threw at
     */
    record Stats(
            long ticks,
            long byModel,
            long late,
            long skipped,
            long written,
            long lost,
            long unexplained,
            long unraised) {}

    private final MonitorSettings settings;
    private final ReflexClock clock;
    private final Crew crew;
    private final Senses senses;
    private final Rules rules;
    private final ReflexLoop loop;
    private final Alerts alerts;
    private final Hooks hooks;
    private final Scribe scribe;
    private final String run = UUID.randomUUID().toString().substring(0, 8);

    private Map<String, Fact> seenBefore = Map.of();
    private String severityBefore;
    private List<String> actionsBefore;
    private final AtomicLong ticks = new AtomicLong();
    private final AtomicLong byModel = new AtomicLong();
    private final AtomicLong late = new AtomicLong();
    private final AtomicLong skipped = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile CompletableFuture<Void> pause = new CompletableFuture<>();

    /**
     * A monitor. Reads the logs of yesterday and today, and remembers from them what people were told and what was done.
     *
     * @param settings what it may do, and how often
     * @param probes what it looks through
     * @param model who rates and answers side questions; closed by its owner
     * @param reasoning who explains, if anybody does; closed by its owner
     * @param relay where alerts go; closed by its owner
     * @param clock where time comes from
     * @param crew who does what may hang; closed with the monitor
     */
    Monitor(
            MonitorSettings settings,
            List<Probe> probes,
            ReflexModel model,
            Optional<Reasoning> reasoning,
            AlertSink relay,
            ReflexClock clock,
            Crew crew) {
        this.settings = settings;
        this.clock = clock;
        this.crew = crew;
        TickLog log = new TickLog(settings.log());
        History history = History.read(log, clock.instant());
        this.severityBefore = history.severity();
        this.actionsBefore = history.actions();
        this.senses = new Senses(probes, settings.patience(), clock, crew.lookouts());
        this.rules = new Rules(probes);
        this.alerts = new Alerts(settings.name(), relay, settings.settleTicks(), history.told());
        this.hooks = new Hooks(settings.hooks(), settings.act(), alerts, clock, history.taken());
        this.scribe = new Scribe(log, reasoning, settings.reasoningPatience(), clock, crew.scribe(), crew.lookouts());
        ReflexLoop.Builder builder = ReflexLoop.builder(Severity.schema(), model)
                .budget(settings.budget())
                .fallback(rules.asFallback())
                .goal(Goal.of("How severe is the state? " + settings.goal()))
                .maxInFlight(1)
                .clock(clock);
        settings.hooks().forEach(hook -> builder.ask(hook.question()));
        this.loop = builder.build();
    }

    /**
     * One beat. Blocks, at most for the patience of the probes and the budget.
     *
     * @return what was seen and decided; it is being written down
     * @throws InterruptedException if the thread was interrupted while it looked
     */
    Tick tick() throws InterruptedException {
        Instant at = clock.instant();
        long beganNanos = clock.nanos();
        long number = ticks.get() + 1;
        String id = STAMP.format(at) + '-' + run + '-' + number;
        Map<String, Fact> seen = senses.look();
        Decision decision = loop.decide(perception(number, at, seen));
        Judgement judgement = Judgement.of(decision, rules, settings.hooks());
        Severity severity = judgement.severity();
        boolean alerted = alerts.hear(severity, judgement.words(), id, at);
        Map<String, Hooks.Taken> taken = hooks.take(judgement.actions(), severity, judgement.words(), id, at);
        Tick tick = new Tick(id, at, decision, judgement, taken, alerts.told(), alerted);
        seenBefore = seen;
        severityBefore = severity.label();
        actionsBefore = judgement.actions();
        ticks.incrementAndGet();
        byModel.addAndGet(judgement.byModel() ? 1 : 0);
        late.addAndGet(clock.nanos() - beganNanos >= settings.interval().toNanos() ? 1 : 0);
        scribe.take(tick);
        return tick;
    }

    private Perception perception(long number, Instant at, Map<String, Fact> seen) {
        Perception.Builder builder = Perception.builder(settings.name(), number).at(at);
        add(builder, seen);
        add(builder, hooks.results());
        if (!severityBefore.isEmpty()) {
            builder.fact("previous.severity", severityBefore);
            builder.fact("previous.actions", actionsBefore.isEmpty() ? "none" : String.join(", ", actionsBefore));
        }
        if (!seenBefore.isEmpty()) {
            builder.fact("changed", Facts.changes(seenBefore, seen));
        }
        return builder.build();
    }

    private static void add(Perception.Builder builder, Map<String, Fact> facts) {
        facts.forEach((name, fact) -> {
            if (fact instanceof Fact.Text text) {
                builder.fact(name, text.value());
            } else if (fact instanceof Fact.Quantity quantity) {
                builder.fact(name, quantity.value());
            } else if (fact instanceof Fact.Flag flag) {
                builder.fact(name, flag.value());
            } else if (fact instanceof Fact.Records list) {
                builder.fact(name, list.records());
            }
        });
    }

    /**
     * Ticks at every interval until the monitor is closed or the thread is interrupted, whose flag stays set. A tick that is due before the
     * last one ended is skipped and counted, never made up for.
     *
     * @param listener hears of each tick, on this thread
     */
    void run(Consumer<Tick> listener) {
        long dueNanos = clock.nanos();
        try {
            while (!closed.get()) {
                listener.accept(tick());
                dueNanos = nextAfter(dueNanos);
                CompletableFuture<Void> wait = new CompletableFuture<>();
                pause = wait;
                if (!closed.get()) {
                    clock.await(wait, dueNanos);
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private long nextAfter(long dueNanos) {
        long intervalNanos = settings.interval().toNanos();
        long behind = Math.max(0, clock.nanos() - (dueNanos + intervalNanos));
        long missed = behind / intervalNanos + (behind > 0 ? 1 : 0);
        skipped.addAndGet(missed);
        return dueNanos + (missed + 1) * intervalNanos;
    }

    Stats stats() {
        return new Stats(
                ticks.get(),
                byModel.get(),
                late.get(),
                skipped.get(),
                scribe.written(),
                scribe.lost(),
                scribe.unexplained(),
                alerts.failures());
    }

    /**
     * Waits for the commands of a last tick, at most until their time-outs; none can be started afterwards.
     *
     * @throws InterruptedException if the thread was interrupted
     */
    void finish() throws InterruptedException {
        hooks.finish();
    }

    /** Ends the beat, writes what is still to be written, and kills commands that run. Idempotent; bounded by some seconds. */
    @Override
    public void close() {
        boolean first = closed.compareAndSet(false, true);
        pause.complete(null);
        loop.close();
        hooks.close();
        crew.close();
        if (first) {
            LOG.info("The monitor of '{}' ended after {}", settings.name(), stats());
        }
    }
}
