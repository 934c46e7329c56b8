package dev.reflexloop;

/** Why a decision was not simply the model's. */
public enum Cause {
    /** The model had not answered at the deadline. */
    DEADLINE,
    /** Too many calls are in flight on the model. */
    BUSY,
    /** The model could not be reached or was closed. */
    MODEL_DOWN,
    /** The model failed in some other way. */
    MODEL_ERROR,
    /** The model's answer was no distribution over the legal actions, or favoured an illegal one. */
    ILLEGAL_ANSWER,
    /** The perception was missing, or larger than the loop's limits. */
    BAD_PERCEPTION,
    /** The schema failed, or offered nothing that it knows; the idle action was the only legal one. */
    NOTHING_LEGAL,
    /** The thread that waited was interrupted. */
    INTERRUPTED,
    /** The model chose to abstain. */
    ABSTAINED,
    /** The shield vetoed the chosen action. */
    VETOED,
    /** The loop was closed. */
    CLOSED,
    /** The guard has stopped the mission. */
    GUARD,
    /** The model's last choice was kept, because what it prefers now leads by next to nothing. */
    STEADIED,
    /** The escalation policy recognised a situation, and no model was asked. */
    RECOGNIZED,
    /** The escalation policy doubted the model's answer. */
    DOUBT
}
