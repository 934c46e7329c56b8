package dev.reflexloop.examples.robocode;

import java.lang.reflect.Field;
import java.time.Duration;
import net.sf.robocode.battle.IBattleManagerBase;
import net.sf.robocode.core.ContainerBase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes Robocode wait longer for a robot in a turn than its one setting allows.
 *
 * <p>The engine has a single constant for two waits: a robot that takes longer than it in a turn loses the turn, and 300 times of it pass
 * when the engine misses its own wake-up at the start of a round, which happens in one start of some dozens on a busy machine. A short
 * constant costs turns, a long one costs time. So the constant is short, and the wait in a turn is set in the running battle.
 */
final class TurnPatience {
    private static final Logger LOG = LoggerFactory.getLogger(TurnPatience.class);

    private TurnPatience() {}

    /** Sets the wait in a turn of the battle that is about to begin. Where the engine is not as expected, its own setting stays. */
    static void set(Duration patience) {
        try {
            Object manager = ContainerBase.getComponent(IBattleManagerBase.class);
            Object battle = field(manager, "battle").get(manager);
            field(battle, "millisWait").setLong(battle, patience.toMillis());
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.debug("the engine keeps its own patience of a turn", e);
        }
    }

    private static Field field(Object owner, String name) throws NoSuchFieldException {
        Field field = owner.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }
}
