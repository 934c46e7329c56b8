package dev.reflexloop.escalation;

import dev.reflexloop.Escalation;
import java.util.function.Consumer;

/**
 * The slower mind: a big model, a program, a person behind something that asks them. Called by a {@link StrategistDesk}, for one escalation at a
 * time.
 */
@FunctionalInterface
public interface Strategist {

    /**
     * Thinks about a situation. Blocks a thread that is there for it, and is interrupted when it takes too long or the desk is closed.
     *
     * @param escalation what was handed over; the texts in it come from the game
     * @param plan takes the plan while it is being written: all of it so far, every time. May be left alone; may be called from any
     *     thread, and does not block
     * @return what it says; {@link StrategistReply#unreadable()} where that is nothing
     * @throws InterruptedException if the thread was interrupted
     * @throws dev.reflexloop.ReflexException if nobody could be asked; the message says why
     */
    StrategistReply consider(Escalation escalation, Consumer<String> plan) throws InterruptedException;
}
