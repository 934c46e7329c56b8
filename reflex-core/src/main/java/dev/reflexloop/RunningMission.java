package dev.reflexloop;

import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A mission and its rounds. Thread-safe: the tick notes effects and actions without a lock; the monitor is for the strategist's threads
 * among each other. Whoever sets the ending raises the alert, so that there is one.
 */
final class RunningMission {
    private static final int MAX_ACTIONS = 256;
    private static final int MAX_NAME = 256;

    private final String id;
    private final Goal goal;
    private final int maxRounds;
    private final AtomicReference<Mission.@Nullable Ending> ending = new AtomicReference<>();
    private final AtomicBoolean progress = new AtomicBoolean();
    private final AtomicBoolean effect = new AtomicBoolean();
    private final AtomicLong decisions = new AtomicLong();
    private volatile Set<String> taken = ConcurrentHashMap.newKeySet();

    private final Set<Set<String>> fruitlessSets = new HashSet<>();
    private int fruitlessRounds;
    private boolean misread;
    private volatile int rounds;

    RunningMission(String id, Goal goal, int maxRounds) {
        this.id = id;
        this.goal = goal;
        this.maxRounds = maxRounds;
    }

    String id() {
        return id;
    }

    Goal goal() {
        return goal;
    }

    Mission snapshot() {
        return new Mission(id, goal, rounds, Optional.ofNullable(ending.get()));
    }

    long decisions() {
        return decisions.get();
    }

    boolean isOver() {
        return ending.get() != null;
    }

    /** Ends it; false if it had ended already. */
    boolean end(Mission.Ending how) {
        return ending.compareAndSet(null, how);
    }

    void progressed() {
        progress.set(true);
    }

    void hadEffect() {
        effect.set(true);
    }

    void decided() {
        decisions.incrementAndGet();
    }

    /** Notes an action of the round; beyond {@value #MAX_ACTIONS} different ones they are not told apart any more. */
    void took(Repeats.Move move) {
        Set<String> round = taken;
        String name = move.name();
        if (!round.contains(name) && round.size() < MAX_ACTIONS) {
            round.add(name);
        }
    }

    /** Closes a round by a reply that wants to go on; how the mission ends by that, or null. */
    synchronized Mission.@Nullable Ending closeRound(Collection<String> ordered) {
        misread = false;
        Set<String> served = taken;
        taken = ConcurrentHashMap.newKeySet();
        boolean progressed = progress.getAndSet(false);
        boolean affected = effect.getAndSet(false);
        rounds++;
        if (progressed) {
            fruitlessRounds = 0;
            fruitlessSets.clear();
            return null;
        }
        Set<String> actions = bounded(ordered);
        Set<String> set = actions.isEmpty() ? Set.copyOf(served) : actions;
        if (!affected && !set.isEmpty() && !fruitlessSets.add(set)) {
            return Mission.Ending.DUPLICATE;
        }
        return ++fruitlessRounds >= maxRounds ? Mission.Ending.ROUNDS : null;
    }

    /** A reply could not be read; true if it is the second in a row. */
    synchronized boolean misread() {
        boolean again = misread;
        misread = true;
        return again;
    }

    /** A set, so that order and repetition do not matter; equal by content, as Python's {@code frozenset} is. */
    private static Set<String> bounded(Collection<String> names) {
        Set<String> set = new HashSet<>();
        for (String each : names) {
            String name = each == null ? "" : each.strip();
            if (!name.isEmpty() && set.size() < MAX_ACTIONS) {
                set.add(name.length() <= MAX_NAME ? name : name.substring(0, MAX_NAME));
            }
        }
        return Set.copyOf(set);
    }
}
