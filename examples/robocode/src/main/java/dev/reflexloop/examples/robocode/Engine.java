package dev.reflexloop.examples.robocode;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import robocode.control.BattleSpecification;
import robocode.control.BattlefieldSpecification;
import robocode.control.RobocodeEngine;
import robocode.control.RobotSpecification;
import robocode.control.events.BattleAdaptor;
import robocode.control.events.BattleErrorEvent;
import robocode.control.events.BattleFinishedEvent;
import robocode.control.events.BattleStartedEvent;
import robocode.control.events.RoundEndedEvent;
import robocode.control.events.RoundStartedEvent;
import robocode.control.events.TurnEndedEvent;
import robocode.control.snapshot.IRobotSnapshot;

/** Robocode's engine without a window, in this JVM. One at a time, one battle at a time; one thread. */
final class Engine implements AutoCloseable {
    private static final long TURN_NANOS = 1_000_000_000L / 30;

    /** How long a robot may take for a turn before it loses it, on a busy machine too. */
    private static final Duration PATIENCE = Duration.ofMillis(50);

    /** What Robocode appends to the name of a robot that lies there as a class file, not in a jar. */
    private static final String DEVELOPMENT_VERSION = "*";

    /**
     * The score of one round. Immutable.
     *
     * @param ours our score
     * @param all the score of all, ours included
     * @param first whether we won the round
     */
    record Round(double ours, double all, boolean first) {}

    /** The rounds that were played to their end, whether the battle was cut off, and what the game complained of. Immutable. */
    record Battle(List<Round> rounds, boolean complete, List<String> errors) {}

    /**
     * Robocode's engine closes itself once more when it is collected, and what it closes is whatever engine plays in this JVM by then: its
     * parts are static. So those that were closed are kept.
     */
    private static final List<RobocodeEngine> CLOSED = new CopyOnWriteArrayList<>();

    private final RobocodeHome home;
    private final PrintStream out;
    private final PrintStream err;
    private final RobocodeEngine engine;

    private Engine(RobocodeHome home) {
        this.home = home;
        out = System.out;
        err = System.err;
        System.setProperty("NOSECURITY", "true");
        System.setProperty("java.awt.headless", "true");
        RobocodeEngine.setLogMessagesEnabled(false);
        RobocodeEngine.setLogErrorsEnabled(false);
        // The constructor complains that it has no window, and puts a stream of its own in place.
        System.setErr(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
        try {
            engine = new RobocodeEngine(home.folder().toFile());
        } finally {
            System.setErr(err);
        }
    }

    /** Starts the engine in a folder of its own. Robocode puts its own standard output in place meanwhile. */
    static Engine start() {
        RobocodeHome home = RobocodeHome.create();
        try {
            return new Engine(home);
        } catch (RuntimeException | Error e) {
            home.close();
            throw e;
        }
    }

    /**
     * Plays one battle of our robot against others, and waits for its end.
     *
     * @param arena the field
     * @param opponents names of robots or teams
     * @param rounds how many rounds
     * @param cockpit who decides for our robot
     * @param realTime true for 30 turns a second by the wall clock, false for full speed
     * @param limit after this long the battle is cut off
     * @return the score of each round
     */
    Battle fight(Arena arena, List<String> opponents, int rounds, Cockpit cockpit, boolean realTime, Duration limit) {
        List<String> names = new ArrayList<>();
        names.add(ReflexBot.class.getName() + DEVELOPMENT_VERSION);
        names.addAll(opponents);
        RobotSpecification[] robots = engine.getLocalRepository(String.join(",", names));
        if (robots.length < names.size()) {
            throw new IllegalStateException("Robocode found " + robots.length + " robots of " + names
                    + "; the class path needs the jar robocode.samples with its name unchanged");
        }
        Cockpit.install(cockpit);
        Course course = new Course(realTime, cockpit);
        engine.addBattleListener(course);
        try {
            engine.runBattle(
                    new BattleSpecification(
                            rounds, new BattlefieldSpecification(arena.width(), arena.height()), robots),
                    false);
            if (!await(course.finished, limit)) {
                engine.abortCurrentBattle();
                await(course.finished, Duration.ofSeconds(20));
            }
            return new Battle(List.copyOf(course.rounds), course.rounds.size() == rounds, List.copyOf(course.errors));
        } finally {
            engine.removeBattleListener(course);
        }
    }

    private static boolean await(CountDownLatch latch, Duration limit) {
        try {
            return latch.await(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void close() {
        engine.close();
        CLOSED.add(engine);
        System.setOut(out);
        System.setErr(err);
        home.close();
    }

    /** Follows one battle on its thread. */
    private static final class Course extends BattleAdaptor {
        private final boolean realTime;
        private final Cockpit cockpit;
        private final CountDownLatch finished = new CountDownLatch(1);
        private final List<Round> rounds = new ArrayList<>();
        private IRobotSnapshot @Nullable [] robots;
        private double oursBefore;
        private double allBefore;
        private final List<String> errors = new CopyOnWriteArrayList<>();
        private long nextTurn;

        Course(boolean realTime, Cockpit cockpit) {
            this.realTime = realTime;
            this.cockpit = cockpit;
        }

        @Override
        public void onBattleStarted(BattleStartedEvent event) {
            TurnPatience.set(PATIENCE);
        }

        @Override
        public void onRoundStarted(RoundStartedEvent event) {
            nextTurn = System.nanoTime();
        }

        @Override
        public void onTurnEnded(TurnEndedEvent event) {
            robots = event.getTurnSnapshot().getRobots();
            cockpit.turnEnded();
            if (realTime) {
                nextTurn = Math.max(nextTurn + TURN_NANOS, System.nanoTime() - TURN_NANOS);
                for (long wait = nextTurn - System.nanoTime(); wait > 0; wait = nextTurn - System.nanoTime()) {
                    LockSupport.parkNanos(wait);
                }
            }
        }

        @Override
        public void onRoundEnded(RoundEndedEvent event) {
            IRobotSnapshot[] ended = robots;
            if (ended == null) {
                return;
            }
            // The engine's own team scores are of no use: it gives robots without a team the number of the first team.
            double all = 0;
            boolean othersDead = true;
            for (IRobotSnapshot each : ended) {
                all += each.getScoreSnapshot().getTotalScore();
                othersDead &= each == ended[0] || each.getState().isDead();
            }
            double ours = ended[0].getScoreSnapshot().getTotalScore();
            boolean first = othersDead && !ended[0].getState().isDead();
            Round round = new Round(ours - oursBefore, all - allBefore, first);
            oursBefore = ours;
            allBefore = all;
            rounds.add(round);
            cockpit.roundEnded();
        }

        @Override
        public void onBattleError(BattleErrorEvent event) {
            errors.add(event.getError());
        }

        @Override
        public void onBattleFinished(BattleFinishedEvent event) {
            finished.countDown();
        }
    }
}
