package dev.reflexloop;

/** How soon a perception has to be acted on. */
public enum Urgency {
    /** The usual case: waits its turn, and a newer one replaces it. */
    NORMAL,
    /** Combat and the like: overtakes queued perceptions, ignores the throttle and cancels a model call in flight. */
    URGENT
}
