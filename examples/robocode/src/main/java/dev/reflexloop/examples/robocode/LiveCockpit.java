package dev.reflexloop.examples.robocode;

import dev.reflexloop.Decision;
import dev.reflexloop.Intent;
import dev.reflexloop.Perception;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/** The cockpit for real time: the game never waits. Situations are offered to the loop, and the robot reads the latest intent. */
final class LiveCockpit extends Cockpit {
    private static final long LAST_NANOS = 1_000_000_000;
    private static final long LOOK_NANOS = 1_000_000;

    private final Reflex reflex;
    private final ObjLongConsumer<Decision> view;
    private volatile long taken;
    private volatile @Nullable Perception offered;

    /**
     * Makes a cockpit.
     *
     * @param reflex who decides
     * @param seed for the motor layer
     * @param view shown each decision with the turn in which it lands, on the robot's thread; quick
     */
    LiveCockpit(Reflex reflex, long seed, ObjLongConsumer<Decision> view) {
        super(seed);
        this.reflex = reflex;
        this.view = view;
    }

    @Override
    Tactic tactic(long turn) {
        Intent intent = reflex.loop().latest();
        if (intent.sequence() != taken) {
            taken = intent.sequence();
            intent.decision()
                    .filter(decision -> decision.perception().tick() <= turn) // a later one is of the round before
                    .ifPresent(decision -> take(decision, turn));
        }
        return deed().tactic();
    }

    private void take(Decision decision, long turn) {
        Deed deed = new Deed(Tactic.of(decision.action()), Optional.of(decision));
        inForce(deed);
        reflex.landed(deed, turn);
        view.accept(decision, turn);
    }

    @Override
    void perceived(Situation situation) {
        Perception perception = situation.perception();
        if (reflex.loop().offer(perception)) {
            offered = perception;
        }
    }

    @Override
    synchronized void roundStarted(long turn, int others) {
        taken = reflex.loop().latest().sequence();
        super.roundStarted(turn, others);
    }

    @Override
    void roundEnded(List<Deed> deeds, double result) {
        awaitLast();
        offered = null;
        reflex.roundEnded(deeds, result);
    }

    /** The last situation may still be thought about; what comes of it belongs to the round that it is from. */
    private void awaitLast() {
        Perception last = offered;
        long beganNanos = System.nanoTime();
        while (last != null && !isDecided(last) && System.nanoTime() - beganNanos < LAST_NANOS) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private boolean isDecided(Perception perception) {
        return reflex.loop().openDecisions().stream()
                .anyMatch(decision -> decision.perception().equals(perception));
    }
}
