package dev.reflexloop.examples.robocode;

/** Angles and distances on Robocode's field: pixels, radians, 0 is north, clockwise. */
final class Geometry {
    /** Half the width of a robot. */
    static final double HALF_ROBOT = 18;

    private static final double FULL_TURN = 2 * Math.PI;

    private Geometry() {}

    /** The angle folded into -pi (exclusive) to pi. */
    static double relative(double angle) {
        double folded = Math.IEEEremainder(angle, FULL_TURN);
        return folded <= -Math.PI ? folded + FULL_TURN : folded;
    }

    /** The direction from one point to another. */
    static double direction(double fromX, double fromY, double toX, double toY) {
        return Math.atan2(toX - fromX, toY - fromY);
    }

    static double clamp(double low, double value, double high) {
        return Math.max(low, Math.min(high, value));
    }

    /** The speed of a bullet, in pixels a turn. */
    static double bulletSpeed(double power) {
        return 20 - 3 * power;
    }

    /** What a bullet takes from the robot that it hits. */
    static double bulletDamage(double power) {
        return 4 * power + Math.max(0, 2 * (power - 1));
    }
}
