package dev.reflexloop;

/**
 * One occurrence of a situation in one loop. Plain fields belong to the loop's turn; guidance may come, and a sink may refuse, on any
 * thread.
 */
final class Occurrence {
    final Situation situation;
    /** True if it goes on for as long as it is recognised; false if it was measured in one answer, and is gone with that. */
    final boolean lasting;

    /** Since when the bot waits: from the beginning, or since the strategist spoke last. */
    long sinceNanos;

    boolean asked;
    long askedNanos;
    boolean countedOverBudget;

    private volatile boolean over;
    private volatile long answeredNanos;
    private volatile boolean answered;
    private volatile boolean released;
    private volatile boolean refused;

    Occurrence(Situation situation, boolean lasting, long nowNanos) {
        this.situation = situation;
        this.lasting = lasting;
        this.sinceNanos = nowNanos;
    }

    /** Whether what the strategist says about it comes too late. */
    boolean isOver() {
        return over;
    }

    void end() {
        over = true;
    }

    /** The strategist has spoken, and what was said is taken or has met another fate. */
    void answer(long nowNanos) {
        answeredNanos = nowNanos;
        answered = true;
    }

    boolean isAnswered() {
        return answered;
    }

    /** Notices an answer: the bot waits anew since then. */
    void renew() {
        answered = false;
        sinceNanos = answeredNanos;
    }

    /** The strategist has spoken without an action: the reflex goes on by itself. */
    void release(long nowNanos) {
        released = true;
        answer(nowNanos);
    }

    boolean isReleased() {
        return released;
    }

    /** Nobody took it over: it may be handed over again. */
    void refuse() {
        refused = true;
    }

    boolean isRefused() {
        return refused;
    }

    void handedOver(long nowNanos) {
        asked = true;
        askedNanos = nowNanos;
        refused = false;
    }
}
