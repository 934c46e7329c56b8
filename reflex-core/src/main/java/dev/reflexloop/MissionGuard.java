package dev.reflexloop;

import java.util.Collection;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The guard of one loop. What is learned and counted from decisions is confined to the loop's turn; between it and the strategist's threads
 * stand the mission, which is replaced as a whole, and its atomic ending. The tick never waits for a strategist's thread.
 *
 * <p>The loop's background raises the alerts that wait, one at a time in their order. Where it takes no more, they wait for the next tick, or
 * for the end of the loop, whose thread raises what is left: none is dropped, and none is raised twice.
 */
final class MissionGuard extends Restraint {
    private static final String UNATTACHED = "unguarded";
    private static final int LONGER = 3;
    private static final int LONGEST_WORDS = 200;

    /** What a guard gets from its loop. */
    private record Home(
            String session,
            Action idle,
            ReflexClock clock,
            LoopTelemetry telemetry,
            Background background,
            Callbacks callbacks) {}

    private final AlertSink alerts;
    private final int maxRounds;
    private final int repeats;
    private final int cycles;
    private final long patienceNanos;
    private final boolean namesProgress;
    private final Set<String> waiting;
    private final String settings;

    private final AtomicReference<@Nullable Home> home = new AtomicReference<>();
    private final Object missions = new Object();
    private long missionCount;
    private volatile boolean closed;
    private volatile RunningMission mission;
    private final AtomicBoolean rewarded = new AtomicBoolean();
    private final Queue<Alert> undelivered = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean passedOn = new AtomicBoolean();
    private final AtomicBoolean raising = new AtomicBoolean();

    private final Evidence evidence;
    private final Repeats done = new Repeats();
    private final Steady.Keeper keeper;
    private RunningMission observed;

    MissionGuard(LoopGuard.Builder builder) {
        this.alerts = builder.alerts;
        this.maxRounds = builder.maxRounds;
        this.repeats = builder.repeats;
        this.cycles = builder.cycles;
        this.patienceNanos = Check.nanos(builder.patience);
        this.namesProgress = !builder.progress.isEmpty();
        this.waiting = builder.waiting;
        this.evidence = new Evidence(builder.watched, builder.ignored, builder.progress);
        this.keeper = new Steady.Keeper(builder.margin, builder.steadyFor);
        this.settings = "LoopGuard[maxRounds=" + maxRounds + ", repeats=" + repeats + ", cycles=" + cycles
                + ", patience=" + builder.patience + ", progress=" + builder.progress + ", watch=" + builder.watched
                + ", ignore=" + builder.ignored + ", waiting=" + waiting + ", steady=" + builder.margin + " for "
                + builder.steadyFor + "]";
        this.mission = new RunningMission(UNATTACHED, Goal.none(), maxRounds);
        this.observed = mission;
    }

    @Override
    void attach(
            String session,
            Goal first,
            Action idle,
            ReflexClock clock,
            LoopTelemetry telemetry,
            Background background,
            Callbacks callbacks) {
        if (!home.compareAndSet(null, new Home(session, idle, clock, telemetry, background, callbacks))) {
            throw new IllegalArgumentException(
                    "guard of session '" + session + "' guards another loop already; build one guard for each loop");
        }
        begin(first);
    }

    @Override
    void detach() {
        synchronized (missions) {
            mission = new RunningMission(UNATTACHED, Goal.none(), maxRounds);
            missionCount = 0;
            home.set(null);
        }
    }

    // ---- missions

    @Override
    void goal(Goal next) {
        synchronized (missions) {
            if (!next.draft() && !mission.goal().equals(next)) {
                begin(next);
            }
        }
    }

    @Override
    public void resume() {
        synchronized (missions) {
            if (mission.isOver()) {
                begin(mission.goal());
            }
        }
    }

    private void begin(Goal goal) {
        synchronized (missions) {
            Home at = home.get();
            if (at == null || closed) {
                return;
            }
            RunningMission before = mission;
            mission = new RunningMission(at.session() + "-m" + ++missionCount, goal, maxRounds);
            end(before, Mission.Ending.REPLACED, "");
        }
    }

    @Override
    public Mission mission() {
        return mission.snapshot();
    }

    @Override
    boolean stopped() {
        return mission.isOver();
    }

    @Override
    void close() {
        synchronized (missions) {
            closed = true;
        }
        end(mission, Mission.Ending.CLOSED, "");
        raiseWaiting();
    }

    // ---- the strategist

    @Override
    public Next signal(String about, Signal signal, Collection<String> actions) {
        Check.present(about, "mission of a signal", "give the id of the mission that the reply is about");
        Check.present(signal, "signal about mission '" + about + "'", "give PARSE_FAILURE for what cannot be read");
        Check.present(actions, "actions beside the signal about mission '" + about + "'", "give an empty list");
        RunningMission current = mission;
        if (!current.id().equals(about) || current.isOver() || home.get() == null) {
            return Next.STOP;
        }
        Mission.Ending ending = switch (signal) {
            case COMPLETE -> Mission.Ending.COMPLETE;
            case SUMMARY_ONLY -> Mission.Ending.SUMMARY;
            case FORCED_STOP -> Mission.Ending.FORCED;
            case CONTINUE -> current.closeRound(actions);
            case PARSE_FAILURE -> current.misread() ? Mission.Ending.UNREADABLE : null;
        };
        if (ending != null) {
            end(current, ending, "");
            if (closed) {
                raiseWaiting(); // the background may be closed, too
            }
            return Next.STOP;
        }
        return signal == Signal.PARSE_FAILURE ? Next.RETRY : Next.GO_ON;
    }

    @Override
    public void progressed() {
        rewarded.set(true);
        mission.progressed();
    }

    @Override
    void outcome(Outcome outcome) {
        if (outcome.reward() > 0) {
            progressed();
        }
    }

    // ---- the tick

    @Override
    @Nullable
    Steady steady(Tick tick, Answer answer, Action chosen, Optional<Target> target) {
        return keeper.keep(tick, answer, chosen, target);
    }

    @Override
    void observe(Decision decision, long nowNanos) {
        deliver();
        Home at = home.get();
        RunningMission current = mission;
        if (at == null) {
            return;
        }
        if (current != observed) {
            observed = current;
            restart();
        }
        boolean inTheGame = evidence.look(decision.perception());
        if (rewarded.getAndSet(false) || inTheGame) {
            restart();
        }
        boolean affected = evidence.affected();
        if (affected) {
            current.hadEffect();
        }
        if (namesProgress ? evidence.progressed() : affected) {
            current.progressed();
        }
        keeper.served(decision, nowNanos);
        evidence.served(decision.action().equals(at.idle()));
        current.decided();
        if (!current.isOver() && claims(decision, at.idle())) {
            Repeats.Move move = Repeats.Move.of(decision);
            current.took(move);
            done.add(move, nowNanos);
            judge(current, move, nowNanos);
        }
    }

    private void restart() {
        evidence.restart();
        done.clear();
    }

    /** Whether a decision means to change something; what is held for the strategist's sake does not. */
    private boolean claims(Decision decision, Action idle) {
        return decision.served() != Served.HOLD
                && !decision.action().equals(idle)
                && !waiting.contains(decision.action().name());
    }

    private void judge(RunningMission current, Repeats.Move last, long nowNanos) {
        long lasting = done.lastingNanos(nowNanos);
        if (done.count() < repeats || lasting < patienceNanos) {
            return;
        }
        int period = done.period(cycles);
        boolean many = done.count() >= (long) LONGER * repeats;
        boolean same = done.same() >= repeats;
        boolean waitedLonger = many && lasting / LONGER >= patienceNanos;
        if ((same || many || period > 0) && evidence.nothingCame(waitedLonger)) {
            String time = Lasting.text(lasting);
            String move = clipped(last.name());
            if (!same && period > 0) {
                end(
                        current,
                        Mission.Ending.OSCILLATION,
                        period + " actions in turn, the last one '" + move + "', for " + time);
            } else {
                end(
                        current,
                        Mission.Ending.STUCK,
                        done.count() + " actions without effect in " + time + ", the last one '" + move + "'");
            }
        }
    }

    // ---- alerts

    private void end(RunningMission ended, Mission.Ending how, String detail) {
        Home at = home.get();
        boolean silent =
                ended.goal().text().isEmpty() && (how == Mission.Ending.REPLACED || how == Mission.Ending.CLOSED);
        if (!ended.end(how) || at == null || silent) {
            return;
        }
        Mission last = ended.snapshot();
        at.telemetry().missionEnded(last, how, detail);
        String shown = clipped(last.goal().text());
        String text =
                "Mission '" + shown + "' has ended: " + how.words() + (detail.isEmpty() ? "" : " (" + detail + ")")
                        + ". " + last.rounds() + " rounds, " + ended.decisions() + " decisions.";
        undelivered.add(new Alert(
                last.id(),
                how.level(),
                shown.isEmpty() ? at.session() : shown,
                text,
                at.clock().instant()));
        deliver();
    }

    private static String clipped(String text) {
        String shown = ShownText.clipped(text, LONGEST_WORDS);
        return shown.length() < text.length() ? shown + "..." : shown;
    }

    /** Has the background raise what waits, if it does not know of it yet and takes it. */
    private void deliver() {
        Home at = home.get();
        if (at == null || undelivered.isEmpty() || !passedOn.compareAndSet(false, true)) {
            return;
        }
        boolean taken = at.background().run(() -> {
            passedOn.set(false);
            raiseWaiting();
        });
        if (!taken) {
            passedOn.set(false);
        }
    }

    /** Raises what waits. Where another thread is at it, that one goes on with what came meanwhile, so nobody waits for a slow sink. */
    private void raiseWaiting() {
        Home at = home.get();
        while (at != null && !undelivered.isEmpty() && raising.compareAndSet(false, true)) {
            try {
                for (Alert alert = undelivered.poll(); alert != null; alert = undelivered.poll()) {
                    Alert next = alert;
                    at.callbacks().run("alert sink", () -> alerts.raise(next));
                }
            } finally {
                raising.set(false);
            }
        }
    }

    @Override
    public String toString() {
        return settings;
    }
}
