package dev.reflexloop.examples.morrowind;

import dev.reflexloop.Decision;
import dev.reflexloop.Fact;
import dev.reflexloop.Goal;
import dev.reflexloop.Guidance;
import dev.reflexloop.Intent;
import dev.reflexloop.Outcome;
import dev.reflexloop.Perception;
import dev.reflexloop.PerceptionSource;
import dev.reflexloop.Pilot;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.Urgency;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Between the files and the loop: looks at what pilot and strategist wrote, says when it is time to decide, and writes what was decided.
 * A runner calls it on its threads, {@link #perceive} and {@link #apply} one at a time each; both may be called side by side.
 */
final class Bridge implements PerceptionSource, Pilot {
    /** How long a pilot may be silent before nothing is decided any more, by the wall's clock. */
    static final Duration ASLEEP = Duration.ofSeconds(10);

    private final ReflexLoop loop;
    private final ReflexClock clock;
    private final long everyNanos;
    private final long betweenNanos;
    private final Duration lease;
    private final GoalFile goals;
    private final PerceptionFile perceptions;
    private final EventsFile events;
    private final ActionFile actions;
    private final Troubles troubles;
    private final Consumer<Decision> written;
    private final Missions missions;
    private final Runnable over;

    /** What the pilot took, of the decisions that are open. */
    private final Set<String> taken = new HashSet<>();

    private final DoubleAdder reward = new DoubleAdder();

    private volatile Goal goal = Goal.none();
    private @Nullable Perception current;
    private Goal decidedGoal = Goal.none();
    private boolean changed;
    private boolean everOffered;
    private long offeredNanos;
    private long seenNanos;

    /**
     * Puts a loop between the files of a folder.
     *
     * @param loop the loop; its clock is the system's
     * @param options the folder and the times
     * @param clock the loop's clock
     * @param troubles counts what is wrong with the files
     * @param written hears of every action that was written
     * @param missions hears what the pilot says of missions
     * @param over runs when the pilot says that the game is over
     */
    Bridge(
            ReflexLoop loop,
            Options options,
            ReflexClock clock,
            Troubles troubles,
            Consumer<Decision> written,
            Missions missions,
            Runnable over) {
        this.loop = loop;
        this.clock = clock;
        this.everyNanos = options.every().toNanos();
        this.betweenNanos = options.between().toNanos();
        this.lease = options.lease();
        this.troubles = troubles;
        this.written = written;
        this.missions = missions;
        this.over = over;
        Folder folder = options.folder();
        this.goals = new GoalFile(folder.goal(), troubles);
        this.perceptions = new PerceptionFile(folder.perception(), troubles);
        this.events = new EventsFile(folder.events(), troubles);
        this.actions = new ActionFile(folder.action());
    }

    PerceptionFile perceptions() {
        return perceptions;
    }

    ActionFile actions() {
        return actions;
    }

    /** The sum of what the pilot said that came of actions. */
    double reward() {
        return reward.sum();
    }

    /** Looks at all files. The perception, when it is time to decide about it. */
    @Override
    public Optional<Perception> perceive() {
        Instant now = clock.instant();
        long nanos = clock.nanos();
        events.look(this::heard);
        goals.look(now).ifPresent(next -> {
            goal = next;
            loop.goal(next);
        });
        missions.look();
        changed |= !goal.equals(decidedGoal);
        perceptions.look(now).ifPresent(seen -> {
            current = seen;
            changed = true;
            seenNanos = nanos;
        });
        Perception seen = current;
        if (seen == null || !isDue(seen, nanos)) {
            return Optional.empty();
        }
        changed = false;
        decidedGoal = goal;
        everOffered = true;
        offeredNanos = nanos;
        return Optional.of(aimed(seen, now));
    }

    private boolean isDue(Perception seen, long nanos) {
        if (nanos - seenNanos >= ASLEEP.toNanos()) {
            return false;
        }
        long since = nanos - offeredNanos;
        boolean urgent = changed && seen.urgency() == Urgency.URGENT;
        return !everOffered || urgent || since >= (changed ? betweenNanos : everyNanos);
    }

    private Perception aimed(Perception seen, Instant now) {
        Map<String, Fact> facts = new LinkedHashMap<>();
        facts.put(Sight.AIM, Fact.of(Aim.of(goal).label()));
        facts.putAll(seen.facts());
        return new Perception(seen.entity(), seen.tick(), now, facts, seen.choices(), seen.urgency());
    }

    /** Takes what the strategist answers; its goal counts as if it stood in {@code goal.txt}. Any thread. */
    void guided(Guidance guidance) {
        guidance.goal().ifPresent(next -> goal = next);
        loop.guide(guidance);
    }

    /** Writes an action; what cannot be written is closed, counted and not recorded as applied. */
    @Override
    public void apply(Intent intent) {
        Decision decision = intent.decision().orElse(null);
        if (decision == null) {
            return;
        }
        try {
            actions.write(decision, decision.at().plus(lease));
        } catch (ActionFile.NotWritten failure) {
            troubles.count(Troubles.Kind.UNWRITTEN_ACTION, actions.path(), String.valueOf(failure.getMessage()));
            close(decision.id(), 0, List.of("not_written"));
            throw failure;
        }
        written.accept(decision);
    }

    private void heard(PilotEvent event) {
        if (event instanceof PilotEvent.Applied applied) {
            taken(applied.decision());
        } else if (event instanceof PilotEvent.Refused refused) {
            close(refused.decision(), 0, List.of("refused", refused.reason()));
        } else if (event instanceof PilotEvent.Closed closed) {
            reward.add(closed.reward());
            close(closed.decision(), closed.reward(), closed.reasons());
        } else if (event instanceof PilotEvent.Mission mission) {
            missions.heard(mission);
        } else {
            current = null;
            closeOpen();
            over.run();
        }
    }

    /** The pilot took a decision: those before it that it did not take, it never will. */
    private void taken(String id) {
        List<String> open = openDecisions();
        taken.retainAll(open);
        int at = open.indexOf(id);
        if (at >= 0) {
            taken.add(id);
            open.subList(0, at).stream().filter(each -> !taken.contains(each)).forEach(this::neverTaken);
        }
    }

    private List<String> openDecisions() {
        return loop.openDecisions().stream().map(Decision::id).toList();
    }

    private void close(String id, double reward, List<String> reasons) {
        if (!loop.outcome(outcome(id, reward, reasons))) {
            troubles.count(Troubles.Kind.UNKNOWN_DECISION, actions.path(), "'" + id + "' was reported on");
        }
    }

    private void neverTaken(String id) {
        loop.outcome(outcome(id, 0, List.of("never_taken")));
    }

    private Outcome outcome(String id, double reward, List<String> reasons) {
        return new Outcome(id, reward, Optional.empty(), reasons, Outcome.ClosedBy.GAME, clock.instant());
    }

    /** Closes what the pilot never reported on, at the end of a game. */
    private void closeOpen() {
        openDecisions().forEach(this::neverTaken);
    }
}
