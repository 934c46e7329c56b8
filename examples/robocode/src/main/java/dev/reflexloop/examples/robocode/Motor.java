package dev.reflexloop.examples.robocode;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/**
 * The motor layer: turns a tactic into a direction to drive, a robot to aim at and a power to fire with, on every turn. Confined to the
 * robot's thread.
 */
final class Motor {
    private static final double STICK = 130;
    private static final double WALL_MARGIN = 36;
    private static final double FULL_SPEED = 8;
    private static final double LOOK_AHEAD = 110;
    private static final double CLEARANCE = 46;
    private static final int DODGE_TURNS = 14;

    /** After this many turns a foe that was not seen again is no target while another one is in sight. */
    private static final int FORGOTTEN = 40;

    /**
     * What to do this turn. Immutable.
     *
     * @param direction where to drive, radians; the robot may drive there backwards
     * @param speed the greatest speed, 0 to stand still
     * @param target whom to aim at
     * @param power the power to fire with, 0 to hold fire
     */
    record Order(double direction, double speed, Optional<Foe> target, double power) {}

    private final SplittableRandom random;
    private final Gun gun;
    private int side = 1;
    private int circuit = 1;
    private long sideSince;
    private long dodgeUntil;
    private Optional<Foe> target = Optional.empty();
    private Collection<Foe> obstacles = List.of();

    Motor(Gun gun, long seed) {
        this.gun = gun;
        this.random = new SplittableRandom(seed);
    }

    /** Forgets the last round. */
    void newRound() {
        target = Optional.empty();
        side = random.nextBoolean() ? 1 : -1;
        circuit = random.nextBoolean() ? 1 : -1;
    }

    /** An enemy was seen to fire. */
    void shotSeen(long turn) {
        if (turn >= dodgeUntil) {
            dodgeUntil = turn + DODGE_TURNS;
            side = random.nextInt(3) == 0 ? -side : side;
        }
    }

    /** We ran into something. */
    void blocked(long turn) {
        if (turn - sideSince > 5) {
            side = -side;
            circuit = -circuit;
            sideSince = turn;
        }
    }

    /** The foe that the present target choice would pick: the nearest one, and the same again while it is about as near. */
    Optional<Foe> nearest(Self self, Collection<Foe> foes) {
        return pick(self, foes, foe -> self.distanceTo(foe) * (target.isPresent() && target.get() == foe ? 0.75 : 1));
    }

    Order order(Tactic tactic, Self self, Collection<Foe> foes) {
        target = choose(tactic, self, foes);
        obstacles = foes;
        if (target.isEmpty()) {
            return new Order(smooth(self, self.heading() + 0.1, side), FULL_SPEED, target, 0);
        }
        Foe foe = target.get();
        double distance = self.distanceTo(foe);
        double bearing = self.directionTo(foe);
        double power = power(tactic, self, foe, distance);
        return switch (tactic) {
            case STRAFE -> new Order(orbit(self, bearing, distance, 320), FULL_SPEED, target, power);
            case SNIPE -> new Order(orbit(self, bearing, distance, 520), FULL_SPEED, target, power);
            case HUNT -> new Order(orbit(self, bearing, distance, 170), FULL_SPEED, target, power);
            case CHARGE -> new Order(charge(self, bearing, distance), FULL_SPEED, target, power);
            case RAM -> new Order(ram(self, foe, distance), FULL_SPEED, target, power);
            case CIRCLE_WALL -> new Order(alongWalls(self), FULL_SPEED, target, power);
            case RETREAT -> new Order(leastDanger(self, foes), FULL_SPEED, target, power);
            case HOLD_FIRE -> new Order(orbit(self, bearing, distance, 600), FULL_SPEED, target, 0);
            case DODGE ->
                new Order(
                        orbit(self, bearing, distance, 400), self.turn() < dodgeUntil ? FULL_SPEED : 0, target, power);
        };
    }

    private Optional<Foe> choose(Tactic tactic, Self self, Collection<Foe> foes) {
        return switch (tactic) {
            case HUNT -> pick(self, foes, foe -> foe.energy() + self.distanceTo(foe) / 20);
            case SNIPE -> pick(self, foes, foe -> -foe.energy() + self.distanceTo(foe) / 100);
            default -> nearest(self, foes);
        };
    }

    private static Optional<Foe> pick(Self self, Collection<Foe> foes, ToDoubleFunction<Foe> cost) {
        List<Foe> fresh = foes.stream()
                .filter(foe -> self.turn() - foe.seenTurn() < FORGOTTEN)
                .toList();
        Collection<Foe> candidates = fresh.isEmpty() ? foes : fresh;
        return candidates.stream().min(Comparator.comparingDouble(cost).thenComparing(Foe::name));
    }

    private double power(Tactic tactic, Self self, Foe foe, double distance) {
        double hits = gun.expectedHits(foe);
        double wanted;
        if (distance < 200 || hits > 0.33 || tactic == Tactic.RAM) {
            wanted = 3;
        } else if (tactic == Tactic.RETREAT) {
            wanted = hits > 0.3 ? 1.5 : 0.8;
        } else {
            wanted = hits > 0.22 || distance < 350 ? 2.4 : 1.5;
        }
        if (self.energy() < 20 && hits < 0.6) {
            wanted = Math.min(wanted, Math.max(0.5, self.energy() / 12));
        }
        double enough = foe.energy() <= 4 ? foe.energy() / 4 : (foe.energy() + 2) / 6;
        double power = Math.min(wanted, Math.max(0.1, enough + 0.02));
        return self.energy() > power + 0.1 ? power : 0;
    }

    private double orbit(Self self, double bearing, double distance, double wanted) {
        double lean = Geometry.clamp(-0.6, (distance - wanted) / 250, 0.7);
        double direction = smooth(self, bearing + side * (Math.PI / 2 - lean), side);
        double turned = Math.abs(Geometry.relative(direction - bearing));
        if (turned < 0.75 && distance < wanted && self.turn() - sideSince > 12) {
            side = -side;
            sideSince = self.turn();
            direction = smooth(self, bearing + side * (Math.PI / 2 - lean), side);
        }
        return direction;
    }

    private double charge(Self self, double bearing, double distance) {
        if (distance < 110) {
            return orbit(self, bearing, distance, 100);
        }
        double weave = (self.turn() / 12) % 2 == 0 ? 0.5 : -0.5;
        return smooth(self, bearing + weave, side);
    }

    private static double ram(Self self, Foe foe, double distance) {
        double turns = Math.min(25, distance / FULL_SPEED);
        double x = foe.x() + foe.driftX(8) * turns;
        double y = foe.y() + foe.driftY(8) * turns;
        return Geometry.direction(
                self.x(),
                self.y(),
                Geometry.clamp(Geometry.HALF_ROBOT, x, self.width() - Geometry.HALF_ROBOT),
                Geometry.clamp(Geometry.HALF_ROBOT, y, self.height() - Geometry.HALF_ROBOT));
    }

    private double alongWalls(Self self) {
        double fromCentreX = (self.x() - self.width() / 2) / self.width();
        double fromCentreY = (self.y() - self.height() / 2) / self.height();
        double outwards = Math.abs(fromCentreX) > Math.abs(fromCentreY)
                ? Math.copySign(Math.PI / 2, fromCentreX)
                : fromCentreY > 0 ? 0 : Math.PI;
        double lean = self.wallDistance() > 70 ? 0.9 : 0.15;
        return smooth(self, outwards + circuit * (Math.PI / 2 - lean), circuit);
    }

    private static double leastDanger(Self self, Collection<Foe> foes) {
        double best = self.heading();
        double least = Double.MAX_VALUE;
        for (int i = 0; i < 32; i++) {
            double direction = i * Math.PI / 16;
            double x = self.x() + Math.sin(direction) * 140;
            double y = self.y() + Math.cos(direction) * 140;
            if (self.wallDistance(x, y) < WALL_MARGIN) {
                continue;
            }
            double danger = Math.abs(Math.cos(direction - self.heading())) > 0.7 ? 0 : 0.2;
            for (Foe foe : foes) {
                double across = Math.abs(Math.cos(Geometry.direction(x, y, foe.x(), foe.y()) - direction));
                danger += (1 + across) * 40_000 / (Math.pow(foe.x() - x, 2) + Math.pow(foe.y() - y, 2));
            }
            if (danger < least) {
                least = danger;
                best = direction;
            }
        }
        return best;
    }

    /** Bends a direction away from walls and robots, to the side on which the robot already turns. */
    private double smooth(Self self, double direction, int side) {
        for (int i = 0; i < 60; i++) {
            double bent = direction + i * side * 0.105;
            if (free(self, bent)) {
                return bent;
            }
        }
        return direction;
    }

    private boolean free(Self self, double direction) {
        double east = Math.sin(direction);
        double north = Math.cos(direction);
        if (self.wallDistance(self.x() + east * STICK, self.y() + north * STICK) < WALL_MARGIN) {
            return false;
        }
        for (Foe foe : obstacles) {
            double ahead = (foe.x() - self.x()) * east + (foe.y() - self.y()) * north;
            double aside = (foe.x() - self.x()) * north - (foe.y() - self.y()) * east;
            if (ahead > 0
                    && ahead < LOOK_AHEAD
                    && Math.abs(aside) < CLEARANCE
                    && self.turn() - foe.seenTurn() < FORGOTTEN) {
                return false;
            }
        }
        return true;
    }
}
