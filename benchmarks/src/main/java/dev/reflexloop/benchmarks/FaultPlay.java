package dev.reflexloop.benchmarks;

import dev.reflexloop.Decision;
import dev.reflexloop.Outcome;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.Served;
import dev.reflexloop.llm.server.Endpoint;
import dev.reflexloop.testkit.FaultProxy;
import dev.reflexloop.testkit.FaultProxy.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.ObjIntConsumer;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * One adapter behind a proxy that spoils its exchanges, and the loops that share it, each ticked at a fixed rate by a thread of its own.
 *
 * <p>Three of four exchanges that answer a question are spoilt; of those by which an adapter learns about its server, one of twenty, because
 * otherwise it would hardly ever come to ask a question.
 */
final class FaultPlay implements AutoCloseable {
    private static final int LOOPS = 2;
    private static final long GRACE_NANOS = 2_000_000;
    private static final long PAUSE_NANOS = 20_000_000;
    private static final int WARM_ANSWERS = 50;
    private static final Duration WARM_UP = Duration.ofSeconds(30);
    private static final Duration RECOVER = Duration.ofSeconds(20);
    private static final Set<String> LEARNING = Set.of("/props", "/tokenize", "/slots");
    private static final Fault[] FAULTS = Fault.values();

    /** A tick that came too late: when it should have been over at last, and when it was. */
    record Late(long dueNanos, long overNanos) {}

    private final FaultAdapter adapter;
    private final long budgetNanos;
    private final int phase;
    private final FaultProxy proxy;
    private final ReflexModel model;
    private final List<ReflexLoop> loops = new ArrayList<>();
    private final Histogram nanos = new ConcurrentHistogram(3);
    private final List<Late> late = new ArrayList<>();
    private int callThreads;
    private long ticks;
    private long decided;
    private long spoilt;

    FaultPlay(FaultAdapter adapter, Duration budget, int phase) {
        this.adapter = adapter;
        this.budgetNanos = budget.toNanos();
        this.phase = phase;
        this.proxy = FaultProxy.to(adapter.server());
        this.model = adapter.model().apply(Endpoint.of(proxy.address()));
        for (int i = 0; i < LOOPS; i++) {
            loops.add(ReflexLoop.builder(adapter.schema(), model).budget(budget).build());
        }
    }

    String name() {
        return adapter.name();
    }

    /** Ticks until the model has answered often enough to be warm; nothing is spoilt. */
    void warmUp() throws InterruptedException {
        long until = System.nanoTime() + WARM_UP.toNanos();
        drive(() -> answers() < WARM_ANSWERS && System.nanoTime() - until < 0, (decision, loop) -> {});
        if (answers() < WARM_ANSWERS) {
            throw new IllegalStateException("adapter '" + name() + "' gave " + answers() + " answers in " + WARM_UP
                    + " although nothing was spoilt; look whether its server works");
        }
    }

    /** Ticks until so many exchanges were spoilt. */
    void spoil(long faults, long seed) throws InterruptedException {
        Random random = new Random(seed);
        proxy.by((path, exchange) -> {
            boolean spare = LEARNING.contains(path) ? random.nextInt(20) != 0 : random.nextInt(4) == 0;
            return spare ? Fault.NONE : FAULTS[1 + random.nextInt(FAULTS.length - 1)];
        });
        long soundBefore = proxy.count(Fault.NONE);
        long answersBefore = answers();
        nanos.reset();
        synchronized (this) {
            ticks = 0;
            late.clear();
        }
        drive(() -> proxy.injected() < faults, (decision, loop) -> {});
        spoilt = proxy.injected();
        callThreads = (int) Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("reflex-http-" + model.id()))
                .count();
        proxy.always(Fault.NONE);
        if (answers() - answersBefore > proxy.count(Fault.NONE) - soundBefore) {
            throw new IllegalStateException("adapter '" + name() + "' gave more answers than it got sound replies");
        }
    }

    /** Lets the server die for a while, and returns how long after its return the last loop was served by the model again. */
    long recoverNanos(Duration outage) throws InterruptedException {
        proxy.goDown();
        outage(outage);
        proxy.comeBack();
        return backNanos();
    }

    /** Lets the server hang for a while, and returns how long after that the last loop was served by the model again. */
    long wakeNanos(Duration outage) throws InterruptedException {
        proxy.always(Fault.STALL);
        outage(outage);
        proxy.always(Fault.NONE);
        return backNanos();
    }

    private void outage(Duration outage) throws InterruptedException {
        long returns = System.nanoTime() + outage.toNanos();
        long before = answers();
        drive(() -> System.nanoTime() - returns < 0, (decision, loop) -> {});
        if (answers() > before + LOOPS) { // one each may have been on its way
            throw new IllegalStateException("adapter '" + name() + "' answered although its server was gone");
        }
    }

    private long backNanos() throws InterruptedException {
        long back = System.nanoTime();
        AtomicLong latest = new AtomicLong();
        boolean[] served = new boolean[LOOPS];
        AtomicInteger left = new AtomicInteger(LOOPS);
        drive(() -> left.get() > 0 && System.nanoTime() - back < RECOVER.toNanos(), (decision, loop) -> {
            if (decision.served() == Served.MODEL && !served[loop]) {
                served[loop] = true;
                latest.accumulateAndGet(System.nanoTime() - back, Math::max);
                left.decrementAndGet();
            }
        });
        return left.get() == 0 ? latest.get() : RECOVER.toNanos();
    }

    private long answers() {
        return served(Served.MODEL);
    }

    /** Ticks every loop on a thread of its own for as long as told. */
    private void drive(BooleanSupplier goesOn, ObjIntConsumer<Decision> onDecision) throws InterruptedException {
        List<Thread> drivers = new ArrayList<>();
        for (int i = 0; i < LOOPS; i++) {
            int number = i;
            Thread driver = new Thread(() -> drive(number, goesOn, onDecision), "faults-" + name() + "-" + i);
            driver.setDaemon(true);
            driver.start();
            drivers.add(driver);
        }
        for (Thread driver : drivers) {
            driver.join();
        }
    }

    private void drive(int number, BooleanSupplier goesOn, ObjIntConsumer<Decision> onDecision) {
        ReflexLoop loop = loops.get(number);
        long periodNanos = budgetNanos + PAUSE_NANOS;
        long due = System.nanoTime() + (phase * LOOPS + number) * PAUSE_NANOS;
        for (int i = 0; goesOn.getAsBoolean(); i++) {
            long left;
            while ((left = due - System.nanoTime()) > 0) {
                LockSupport.parkNanos(left);
            }
            long began = System.nanoTime();
            Decision decision = loop.decide(perception(number, i));
            long over = System.nanoTime();
            loop.outcome(Outcome.of(decision, 0));
            record(began, over);
            onDecision.accept(decision, number);
            due = Math.max(due + periodNanos, over);
        }
    }

    private Perception perception(int loop, int tick) {
        Perception seen = adapter.perceptions().get(tick % adapter.perceptions().size());
        return new Perception(name() + loop, tick, seen.at(), seen.facts(), seen.choices(), seen.urgency());
    }

    private synchronized void record(long began, long over) {
        ticks++;
        decided++;
        nanos.recordValue(over - began);
        long due = began + budgetNanos + GRACE_NANOS;
        if (over - due > 0) {
            late.add(new Late(due, over));
        }
    }

    /** The ticks since the faults began. */
    synchronized long ticks() {
        return ticks;
    }

    synchronized List<Late> late() {
        return List.copyOf(late);
    }

    /** The faults that were played, without what it took to let the server hang. */
    long faults() {
        return spoilt;
    }

    double overBudgetMillis(double percentile) {
        return Math.max(0, nanos.getValueAtPercentile(percentile) - budgetNanos) / 1e6;
    }

    /** The threads that carried its calls: as many as were in flight at a time, within the half minute before the end of the faults. */
    int callThreads() {
        return callThreads;
    }

    int open() {
        return proxy.open();
    }

    /** Decisions of all its loops that were served in one way, those before the faults among them. */
    long served(Served how) {
        return loops.stream().mapToLong(loop -> loop.stats().served(how)).sum();
    }

    /** Decisions by the thread that ticked, whatever the loops' own counters say. */
    synchronized long decided() {
        return decided;
    }

    /** Closes the loops and the model; the proxy stays, to tell what they leave open. */
    void closeModel() {
        loops.forEach(ReflexLoop::close);
        model.close();
    }

    @Override
    public void close() {
        closeModel();
        proxy.close();
    }
}
