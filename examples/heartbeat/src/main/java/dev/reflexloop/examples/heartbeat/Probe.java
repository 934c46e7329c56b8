package dev.reflexloop.examples.heartbeat;

import dev.reflexloop.Fact;
import java.util.Map;

/** Looks at one thing of the world. Thread-safe; one look at a time. */
interface Probe {
    /** The fact that every look has: one word for how the thing is. */
    String STATE = "state";

    /** The state of a thing that did not show itself in time. */
    String TIMED_OUT = "timed_out";

    /** The state of a thing that could not be looked at. */
    String FAILED = "failed";

    /** Its name, unique in the monitor: the beginning of its facts' names. */
    String name();

    /**
     * Looks, on a thread of its own. May block; is interrupted when it takes too long.
     *
     * @return the facts, {@link #STATE} first
     * @throws Exception if it could not look; becomes the state {@link #FAILED}
     */
    Map<String, Fact> look() throws Exception;

    /**
     * The hard-coded rule for what a look found. Quick, and never throws.
     *
     * @param facts what a look found, or that there was none
     * @return the rule's verdict
     */
    Finding judge(Map<String, Fact> facts);

    /** A text among facts, empty when it is not there. */
    static String text(Map<String, Fact> facts, String name) {
        return facts.get(name) instanceof Fact.Text text ? text.value() : "";
    }

    /** A number among facts, 0 when it is not there. */
    static double number(Map<String, Fact> facts, String name) {
        return facts.get(name) instanceof Fact.Quantity quantity ? quantity.value() : 0;
    }
}
