package dev.reflexloop.examples.robocode;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import robocode.AdvancedRobot;
import robocode.Bullet;
import robocode.BulletHitBulletEvent;
import robocode.BulletHitEvent;
import robocode.BulletMissedEvent;
import robocode.DeathEvent;
import robocode.HitByBulletEvent;
import robocode.HitRobotEvent;
import robocode.HitWallEvent;
import robocode.RobotDeathEvent;
import robocode.ScannedRobotEvent;
import robocode.SkippedTurnEvent;

/**
 * The robot: reads Robocode's events, lets the motor layer carry out the tactic in force on every turn, and reports what it senses when a
 * new tactic is due. It never waits for anybody, because Robocode takes turns away from robots that do.
 *
 * <p>Robocode makes one for every round, on a thread of its own. Everything that lasts longer - the model above all - belongs to the
 * {@link Cockpit}, which is made outside the robot: Robocode interrupts threads that were born inside one.
 */
public final class ReflexBot extends AdvancedRobot {
    private static final double LOCK_HEAT = 0.5;
    private static final double NEAR = 250;
    private static final long LONGEST_ROUND = 100_000;

    private final Cockpit cockpit = Cockpit.current();
    private final Map<String, Foe> foes = new LinkedHashMap<>();
    private final Map<Bullet, Deed> bullets = new HashMap<>();
    private final RecentSum taken = new RecentSum(60);
    private final RecentSum dealt = new RecentSum(60);
    private long shotTurn = Long.MIN_VALUE / 2;
    private long ramTurn = Long.MIN_VALUE / 2;
    private boolean hit;
    private int radarSide = 1;

    /** Called by Robocode. */
    public ReflexBot() {}

    @Override
    public void run() {
        setAdjustGunForRobotTurn(true);
        setAdjustRadarForGunTurn(true);
        cockpit.roundStarted(now(), getOthers());
        while (true) {
            try {
                turn();
            } catch (RuntimeException e) {
                cockpit.failed(e);
            }
            execute();
        }
    }

    private void turn() {
        Self self = self();
        Gun gun = cockpit.gun();
        Motor motor = cockpit.motor();
        gun.rate(self.turn());
        if (self.turn() % 2 == 0) {
            foes.values().stream()
                    .filter(foe -> self.turn() - foe.seenTurn() <= 1)
                    .forEach(foe -> gun.tryAll(self, foe));
        }
        Motor.Order order = motor.order(cockpit.tactic(self.turn()), self, foes.values());
        drive(order);
        order.target().ifPresent(foe -> shoot(self, foe, order.power()));
        turnRadar(self, order.target());
        Optional<Foe> nearest = motor.nearest(self, foes.values());
        if (nearest.isPresent() && self.others() > 0 && cockpit.due(self.turn(), hit)) {
            cockpit.perceived(situation(self, nearest.get()));
            hit = false;
        }
    }

    /** The turn, counted on over the rounds of a battle. */
    private long now() {
        return getRoundNum() * LONGEST_ROUND + getTime();
    }

    private Self self() {
        return new Self(
                now(),
                getX(),
                getY(),
                getHeadingRadians(),
                getVelocity(),
                getEnergy(),
                getGunHeat(),
                getGunHeadingRadians(),
                getOthers(),
                getBattleFieldWidth(),
                getBattleFieldHeight());
    }

    private Situation situation(Self self, Foe enemy) {
        double strongest = enemy.energy();
        double weakest = enemy.energy();
        int near = 0;
        for (Foe foe : foes.values()) {
            strongest = Math.max(strongest, foe.energy());
            weakest = Math.min(weakest, foe.energy());
            near += self.distanceTo(foe) < NEAR ? 1 : 0;
        }
        double closing = -Math.cos(enemy.heading() - self.directionTo(enemy)) * enemy.velocity();
        return new Situation(
                self.turn(),
                self.x(),
                self.y(),
                self.others(),
                near,
                self.energy(),
                enemy.energy(),
                self.energy() - enemy.energy(),
                strongest,
                weakest,
                self.distanceTo(enemy),
                closing,
                enemy.meanSpeed(),
                self.wallDistance(),
                cockpit.gun().expectedHits(enemy),
                taken.at(self.turn()),
                dealt.at(self.turn()),
                Math.min(Situation.LONG_AGO, self.turn() - shotTurn),
                Math.min(Situation.LONG_AGO, self.turn() - ramTurn),
                self.gunHeat(),
                hit);
    }

    private void drive(Motor.Order order) {
        double turn = Geometry.relative(order.direction() - getHeadingRadians());
        boolean backwards = Math.abs(turn) > Math.PI / 2;
        setTurnRightRadians(backwards ? Geometry.relative(turn + Math.PI) : turn);
        setAhead(backwards ? -100 : 100);
        setMaxVelocity(order.speed());
    }

    private void shoot(Self self, Foe foe, double power) {
        double tolerance = Math.atan(Geometry.HALF_ROBOT / Math.max(40, self.distanceTo(foe))) * 0.6;
        if (power > 0 && getGunHeat() == 0 && Math.abs(getGunTurnRemainingRadians()) < tolerance) {
            Bullet bullet = setFireBullet(power);
            if (bullet != null) {
                bullets.put(bullet, cockpit.deed());
            }
        }
        double angle = cockpit.gun().aim(self, foe, power > 0 ? power : 1);
        setTurnGunRightRadians(Geometry.relative(angle - getGunHeadingRadians()));
    }

    private void turnRadar(Self self, Optional<Foe> target) {
        boolean lock = target.isPresent()
                && self.turn() - target.get().seenTurn() < 5
                && (self.others() == 1 || getGunHeat() < LOCK_HEAT);
        if (lock) {
            double offset = Geometry.relative(self.directionTo(target.orElseThrow()) - getRadarHeadingRadians());
            radarSide = offset < 0 ? -1 : 1;
            setTurnRadarRightRadians(offset + radarSide * 0.25);
        } else {
            setTurnRadarRightRadians(radarSide * Double.POSITIVE_INFINITY);
        }
    }

    @Override
    public void onScannedRobot(ScannedRobotEvent event) {
        double direction = getHeadingRadians() + event.getBearingRadians();
        Foe foe = foes.computeIfAbsent(event.getName(), Foe::new);
        boolean fired = foe.scanned(
                now(),
                getX() + Math.sin(direction) * event.getDistance(),
                getY() + Math.cos(direction) * event.getDistance(),
                event.getHeadingRadians(),
                event.getVelocity(),
                event.getEnergy());
        if (fired) {
            shotTurn = now();
            cockpit.motor().shotSeen(now());
        }
    }

    @Override
    public void onBulletHit(BulletHitEvent event) {
        double damage = Geometry.bulletDamage(event.getBullet().getPower());
        Foe foe = foes.get(event.getName());
        if (foe != null) {
            foe.energyIs(event.getEnergy());
        }
        dealt.add(now(), damage);
        Deed deed = bullets.remove(event.getBullet());
        if (deed != null) {
            deed.dealt(damage);
        }
    }

    @Override
    public void onBulletMissed(BulletMissedEvent event) {
        bullets.remove(event.getBullet());
    }

    @Override
    public void onBulletHitBullet(BulletHitBulletEvent event) {
        bullets.remove(event.getBullet());
    }

    @Override
    public void onHitByBullet(HitByBulletEvent event) {
        double damage = Geometry.bulletDamage(event.getPower());
        Foe foe = foes.get(event.getName());
        if (foe != null) {
            foe.gained(3 * event.getPower());
        }
        hurt(damage);
    }

    private void hurt(double damage) {
        taken.add(now(), damage);
        cockpit.deed().taken(damage);
        hit = true;
    }

    @Override
    public void onHitRobot(HitRobotEvent event) {
        Foe foe = foes.get(event.getName());
        if (foe != null) {
            foe.energyIs(event.getEnergy());
        }
        ramTurn = now();
        dealt.add(now(), robocode.Rules.ROBOT_HIT_DAMAGE);
        cockpit.deed().dealt(robocode.Rules.ROBOT_HIT_DAMAGE);
        hurt(robocode.Rules.ROBOT_HIT_DAMAGE);
        if (!event.isMyFault()) {
            return;
        }
        cockpit.motor().blocked(now());
    }

    @Override
    public void onHitWall(HitWallEvent event) {
        cockpit.motor().blocked(now());
    }

    @Override
    public void onRobotDeath(RobotDeathEvent event) {
        foes.remove(event.getName());
    }

    @Override
    public void onSkippedTurn(SkippedTurnEvent event) {
        cockpit.skippedTurn();
    }

    @Override
    public void onDeath(DeathEvent event) {
        cockpit.died(getOthers());
    }
}
