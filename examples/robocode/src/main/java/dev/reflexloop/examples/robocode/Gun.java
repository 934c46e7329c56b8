package dev.reflexloop.examples.robocode;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Aims by the way that would have hit this enemy best so far: every few turns each way of aiming fires an imaginary bullet, and those that
 * would have hit raise its rating. The ratings last for a battle. Confined to the robot's thread.
 */
final class Gun {
    private static final int LONGEST_FLIGHT = 120;
    private static final double LEARNING_RATE = 0.06;
    private static final double TRIAL_POWER = 2;
    private static final double HIT_WIDTH = 20;

    /** A way to foresee where the enemy will be. */
    enum Way {
        HEAD_ON,
        LINEAR,
        CIRCULAR,
        SHORT_DRIFT,
        LONG_DRIFT
    }

    private static final Way[] WAYS = Way.values();

    /** Imaginary bullets in flight, one for each way of aiming. */
    private static final class Trial {
        private final Foe foe;
        private final long turn;
        private final double x;
        private final double y;
        private final double[] angles = new double[WAYS.length];

        Trial(Self self, Foe foe) {
            this.foe = foe;
            turn = self.turn();
            x = self.x();
            y = self.y();
            for (Way way : WAYS) {
                angles[way.ordinal()] = angle(way, self, foe, Geometry.bulletSpeed(TRIAL_POWER));
            }
        }
    }

    private final Map<String, double[]> ratings = new HashMap<>();
    private final List<Trial> trials = new ArrayList<>();

    /** Forgets the imaginary bullets in flight, not the ratings. */
    void newRound() {
        trials.clear();
    }

    /** The share of trial shots that the best way of aiming hits this enemy with lately, 0 to 1. */
    double expectedHits(Foe foe) {
        double[] rating = rating(foe);
        return rating[best(rating)];
    }

    /** The angle to fire at. */
    double aim(Self self, Foe foe, double power) {
        return angle(WAYS[best(rating(foe))], self, foe, Geometry.bulletSpeed(power));
    }

    /** Fires one imaginary bullet for each way of aiming. */
    void tryAll(Self self, Foe foe) {
        trials.add(new Trial(self, foe));
    }

    /** Rates the imaginary bullets that arrived at their enemy by now. */
    void rate(long turn) {
        trials.removeIf(trial -> arrived(trial, turn));
    }

    private boolean arrived(Trial trial, long turn) {
        Foe foe = trial.foe;
        double distance = Math.hypot(foe.x() - trial.x, foe.y() - trial.y);
        double flown = (turn - trial.turn) * Geometry.bulletSpeed(TRIAL_POWER);
        if (flown < distance) {
            return turn - trial.turn > LONGEST_FLIGHT;
        }
        if (foe.seenTurn() < turn - 2) {
            return true;
        }
        double bearing = Geometry.direction(trial.x, trial.y, foe.x(), foe.y());
        double[] rating = rating(foe);
        for (int way = 0; way < WAYS.length; way++) {
            double miss = Math.abs(Geometry.relative(trial.angles[way] - bearing)) * distance;
            rating[way] += LEARNING_RATE * ((miss < HIT_WIDTH ? 1 : 0) - rating[way]);
        }
        return true;
    }

    private double[] rating(Foe foe) {
        return ratings.computeIfAbsent(foe.name(), name -> new double[] {0.30, 0.32, 0.34, 0.31, 0.30});
    }

    private static int best(double[] rating) {
        int best = 0;
        for (int i = 1; i < rating.length; i++) {
            if (rating[i] > rating[best]) {
                best = i;
            }
        }
        return best;
    }

    private static double angle(Way way, Self self, Foe foe, double speed) {
        double heading = foe.heading();
        double x = foe.x();
        double y = foe.y();
        long late = self.turn() - foe.seenTurn();
        for (int turn = 1 - (int) late; turn <= LONGEST_FLIGHT; turn++) {
            if (turn > 0 && Math.hypot(x - self.x(), y - self.y()) <= turn * speed) {
                break;
            }
            switch (way) {
                case HEAD_ON -> {}
                case CIRCULAR, LINEAR -> {
                    heading += way == Way.CIRCULAR ? foe.turnRate() : 0;
                    x += Math.sin(heading) * foe.velocity();
                    y += Math.cos(heading) * foe.velocity();
                }
                case SHORT_DRIFT -> {
                    x += foe.driftX(12);
                    y += foe.driftY(12);
                }
                case LONG_DRIFT -> {
                    x += foe.driftX(30);
                    y += foe.driftY(30);
                }
            }
            x = Geometry.clamp(Geometry.HALF_ROBOT, x, self.width() - Geometry.HALF_ROBOT);
            y = Geometry.clamp(Geometry.HALF_ROBOT, y, self.height() - Geometry.HALF_ROBOT);
        }
        return Geometry.direction(self.x(), self.y(), x, y);
    }
}
