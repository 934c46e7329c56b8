package dev.reflexloop.examples.robocode;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where robot and decision maker meet; made outside the robot and put in place before a battle. Holds the tactic in force, what came of
 * each, and the parts of the motor layer that outlive a round. Thread-safe: the robot's thread and the battle's thread call it.
 */
abstract class Cockpit {
    /** A tactic is chosen this often: twice a second at 30 turns a second. */
    static final int CADENCE = 15;

    /** When we were hit, the next tactic is chosen no earlier than this many turns after the last. */
    static final int URGENT_CADENCE = 5;

    /** What the robot does before anybody decided, and whenever the reflex has no answer. */
    static final Tactic FALLBACK = Tactic.STRAFE;

    private static final Logger LOG = LoggerFactory.getLogger(Cockpit.class);
    private static final AtomicReference<@Nullable Cockpit> CURRENT = new AtomicReference<>();

    private final Gun gun = new Gun();
    private final Motor motor;
    private final List<Deed> deeds = new ArrayList<>();
    private Deed inForce = new Deed(FALLBACK, Optional.empty());
    private long lastPerceived = Long.MIN_VALUE / 2;
    private int opponents;
    private int survivedBy;
    private int skippedTurns;
    private int failures;

    Cockpit(long seed) {
        motor = new Motor(gun, seed);
    }

    /** Puts a cockpit in place for the robots that the game makes from now on. */
    static void install(Cockpit cockpit) {
        CURRENT.set(cockpit);
    }

    /** The cockpit for a new robot. */
    static Cockpit current() {
        Cockpit cockpit = CURRENT.get();
        if (cockpit == null) {
            throw new IllegalStateException("no cockpit is installed; run the robot by Play, Evaluate or RecordGames");
        }
        return cockpit;
    }

    Gun gun() {
        return gun;
    }

    Motor motor() {
        return motor;
    }

    /** The tactic for this turn; never waits. Called by the robot. */
    abstract Tactic tactic(long turn);

    /** Takes a situation to decide about; never waits. Called by the robot. */
    abstract void perceived(Situation situation);

    /** All robots are through with a turn. Called by the battle. */
    void turnEnded() {}

    /**
     * A round is over. Called by the battle.
     *
     * @param deeds the tactics that were in force, in order
     * @param result how it ended for us, -1 (first to die) to 1 (won)
     */
    abstract void roundEnded(List<Deed> deeds, double result);

    /** Whether a new tactic is to be chosen. */
    final synchronized boolean due(long turn, boolean hit) {
        boolean due = turn - lastPerceived >= (hit ? URGENT_CADENCE : CADENCE);
        if (due) {
            lastPerceived = turn;
        }
        return due;
    }

    /** The tactic in force, for the book-keeping of hits. */
    final synchronized Deed deed() {
        return inForce;
    }

    final synchronized void inForce(Deed deed) {
        inForce = deed;
        deeds.add(deed);
    }

    /**
     * A new round begins. Called by the robot.
     *
     * @param turn the turn, counted on over the rounds of a battle
     * @param others how many enemies there are
     */
    synchronized void roundStarted(long turn, int others) {
        gun.newRound();
        motor.newRound();
        deeds.clear();
        inForce = new Deed(FALLBACK, Optional.empty());
        lastPerceived = Long.MIN_VALUE / 2;
        opponents = others;
        survivedBy = 0;
    }

    final synchronized void died(int others) {
        survivedBy = others;
    }

    final synchronized void skippedTurn() {
        skippedTurns++;
    }

    final synchronized void failed(RuntimeException failure) {
        if (failures++ == 0) {
            LOG.warn("the robot failed in a turn and goes on; further failures are only counted", failure);
        }
    }

    final synchronized int skippedTurns() {
        return skippedTurns;
    }

    final synchronized int failures() {
        return failures;
    }

    /** The round is over, says the game. */
    final void roundEnded() {
        List<Deed> done;
        double result;
        synchronized (this) {
            done = List.copyOf(deeds);
            deeds.clear();
            result = opponents == 0 ? 0 : 1 - 2.0 * survivedBy / opponents;
        }
        roundEnded(done, result);
    }
}
