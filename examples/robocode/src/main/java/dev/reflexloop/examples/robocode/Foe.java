package dev.reflexloop.examples.robocode;

/** What we know of one enemy from the radar and from hits. Confined to the robot's thread. */
final class Foe {
    private static final int HISTORY = 64;
    private static final double SMOOTHING = 0.05;
    /** A drop of energy of this size may be a shot. */
    private static final double MOST_SHOT = 3.001;

    private static final double LEAST_SHOT = 0.09;

    private final String name;
    private final double[] pastX = new double[HISTORY];
    private final double[] pastY = new double[HISTORY];
    private final long[] pastTurn = new long[HISTORY];
    private int scans;
    private double x;
    private double y;
    private double heading;
    private double velocity;
    private double energy = Double.NaN;
    private double turnRate;
    private double meanSpeed;
    private long seenTurn = -1;
    private long firedTurn = Long.MIN_VALUE / 2;
    private double firedPower;

    Foe(String name) {
        this.name = name;
    }

    /** Takes a radar scan in. Returns true if the foe fired since the last one, as far as its energy tells. */
    boolean scanned(long turn, double newX, double newY, double newHeading, double newVelocity, double newEnergy) {
        double drop = Double.isNaN(energy) ? 0 : energy - newEnergy;
        boolean fired = drop >= LEAST_SHOT && drop <= MOST_SHOT;
        if (fired) {
            firedTurn = turn;
            firedPower = drop;
        }
        long elapsed = turn - seenTurn;
        if (seenTurn >= 0 && elapsed > 0 && elapsed <= 10) {
            double rate = Geometry.relative(newHeading - heading) / elapsed;
            turnRate = elapsed == 1 ? rate : (turnRate + rate) / 2;
            meanSpeed += (1 - Math.pow(1 - SMOOTHING, (double) elapsed)) * (Math.abs(newVelocity) - meanSpeed);
        } else {
            turnRate = 0;
            meanSpeed = seenTurn < 0 ? Math.abs(newVelocity) : meanSpeed;
        }
        x = newX;
        y = newY;
        heading = newHeading;
        velocity = newVelocity;
        energy = newEnergy;
        seenTurn = turn;
        pastX[scans % HISTORY] = newX;
        pastY[scans % HISTORY] = newY;
        pastTurn[scans % HISTORY] = turn;
        scans++;
        return fired;
    }

    /** Its energy is known from an event of the game, so the next drop is measured from there. */
    void energyIs(double known) {
        energy = known;
    }

    /** It gained energy by hitting somebody. */
    void gained(double amount) {
        energy += amount;
    }

    /** The index into the history of the last scan at least this many turns ago, or -1. */
    private int indexAgo(long turns) {
        for (int back = 1; back <= Math.min(scans, HISTORY); back++) {
            int index = Math.floorMod(scans - back, HISTORY);
            if (seenTurn - pastTurn[index] >= turns) {
                return index;
            }
        }
        return -1;
    }

    /** How far it moved east per turn over the last turns, straight; its present velocity where that is not known. */
    double driftX(long turns) {
        int index = indexAgo(turns);
        return index < 0 ? Math.sin(heading) * velocity : (x - pastX[index]) / (seenTurn - pastTurn[index]);
    }

    /** How far it moved north per turn over the last turns, straight; its present velocity where that is not known. */
    double driftY(long turns) {
        int index = indexAgo(turns);
        return index < 0 ? Math.cos(heading) * velocity : (y - pastY[index]) / (seenTurn - pastTurn[index]);
    }

    String name() {
        return name;
    }

    double x() {
        return x;
    }

    double y() {
        return y;
    }

    double heading() {
        return heading;
    }

    double velocity() {
        return velocity;
    }

    double energy() {
        return energy;
    }

    double turnRate() {
        return turnRate;
    }

    /** Its speed, smoothed over about twenty turns. */
    double meanSpeed() {
        return meanSpeed;
    }

    long seenTurn() {
        return seenTurn;
    }

    /** The turn in which a shot of it was last seen; far in the past if none was. */
    long firedTurn() {
        return firedTurn;
    }

    double firedPower() {
        return firedPower;
    }
}
