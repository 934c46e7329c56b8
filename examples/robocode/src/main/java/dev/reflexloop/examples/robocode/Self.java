package dev.reflexloop.examples.robocode;

/**
 * Our own robot at one turn. Immutable.
 *
 * @param turn the turn, counted on over the rounds of a battle
 * @param x pixels from the left
 * @param y pixels from the bottom
 * @param heading radians
 * @param velocity pixels a turn, negative backwards
 * @param energy energy left
 * @param gunHeat above 0 the gun cannot fire
 * @param gunHeading radians
 * @param others how many enemies live
 * @param width the field's width in pixels
 * @param height the field's height in pixels
 */
record Self(
        long turn,
        double x,
        double y,
        double heading,
        double velocity,
        double energy,
        double gunHeat,
        double gunHeading,
        int others,
        double width,
        double height) {

    /** Pixels from the nearest wall to our centre. */
    double wallDistance() {
        return wallDistance(x, y);
    }

    /** Pixels from the nearest wall to a point; negative outside. */
    double wallDistance(double pointX, double pointY) {
        return Math.min(Math.min(pointX, width - pointX), Math.min(pointY, height - pointY));
    }

    double distanceTo(Foe foe) {
        return Math.hypot(foe.x() - x, foe.y() - y);
    }

    double directionTo(Foe foe) {
        return Geometry.direction(x, y, foe.x(), foe.y());
    }
}
