package dev.reflexloop;

/**
 * One occurrence of a situation in one loop: from the tick in which it arose until it is over. Guidance for it may come on any thread; all
 * else belongs to the loop's turn.
 */
final class Occurrence {
    final Situation situation;
    /** Whether it lasts for as long as it is recognised; what was measured in an answer is gone with that answer. */
    final boolean lasting;

    private volatile boolean over;
    private volatile boolean answered;
    private volatile boolean released;

    Occurrence(Situation situation, boolean lasting) {
        this.situation = situation;
        this.lasting = lasting;
    }

    /** Whether what the strategist says about it comes too late. */
    boolean isOver() {
        return over;
    }

    void end() {
        over = true;
    }

    /** The strategist has spoken, and what was said has met its fate. */
    void answer() {
        answered = true;
    }

    boolean isAnswered() {
        return answered;
    }

    /** The strategist has spoken without an action: the reflex goes on by itself. */
    void release() {
        released = true;
        answered = true;
    }

    boolean isReleased() {
        return released;
    }
}
