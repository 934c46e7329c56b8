package dev.reflexloop;

import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Restraint: it ends a mission that does not get on, and tells a person once. Given to one loop by {@link
 * ReflexLoop.Builder#guard(LoopGuard)}; start from {@link #builder(AlertSink)}.
 *
 * <p>A {@link Mission} begins with a goal, and with the whole of it where it is {@linkplain Goal#draft(String) still being written}. What
 * ends it:
 *
 * <ul>
 *   <li>a {@link Signal} of the strategist;
 *   <li>rounds without progress: a round is what the bot does from one reply of the strategist to the next. Progress is told by the game: an
 *       outcome with a positive reward, a change of the facts named as {@linkplain Builder#progress progress}, or {@link #progressed()};
 *   <li>the same set of actions in a second round, in whatever order, when neither round had progress or any effect in the game;
 *   <li>an action that is served over and over, or a few of them in turn, without effect: none of the watched facts changed but as
 *       they do without the bot's doing, which is learned while the bot idles;
 *   <li>another goal, or the end of the loop.
 * </ul>
 *
 * <p>However it ends, exactly one alert is raised, with the mission's id. After every ending but the last two the loop holds the idle action
 * ({@link Served#HOLD} because of {@link Cause#GUARD}) and asks no model, until another goal is set or {@link #resume()} is called. The
 * shield has the last word then, too: give one to a bot that must not stand still everywhere.
 *
 * <p>It also steadies: see {@link Builder#steady(double, Duration)}.
 *
 * <p>Thread-safe; nothing here blocks. Signals come from any thread, while the loop ticks on another.
 */
public sealed interface LoopGuard permits Restraint {
    /** What the strategist's side does next. */
    enum Next {
        /** The mission goes on. */
        GO_ON,
        /** Ask the strategist again, once, for a reply that can be read. */
        RETRY,
        /** The mission is over: nothing more is asked about it. */
        STOP
    }

    /**
     * The mission of this moment.
     *
     * @return a snapshot; of a mission without a goal as long as no loop was given one
     */
    Mission mission();

    /**
     * Takes what a reply of the strategist says, and closes a round by it.
     *
     * @param mission the id of the mission that the reply is about, taken when the strategist was asked; what is said about a mission that is
     *     over changes nothing
     * @param signal what the reply says
     * @param actions the actions that the reply orders, in any order; when it is empty, the actions served in this round stand in for them
     * @return what to do next
     */
    Next signal(String mission, Signal signal, Collection<String> actions);

    /**
     * Takes a signal about the mission of this moment from whoever is not the strategist, for instance a person.
     *
     * @param signal the signal
     * @return what to do next
     */
    default Next signal(Signal signal) {
        return signal(mission().id(), signal, List.of());
    }

    /** Says that the mission of this moment got on, where neither outcomes nor facts show it. */
    void progressed();

    /** Begins a mission anew, under another id but with the same goal, after it was stopped. Does nothing while a mission runs. */
    void resume();

    /**
     * Restrains nothing, and has no missions.
     *
     * @return the guard of a loop that was given none
     */
    static LoopGuard disabled() {
        return Restraint.NONE;
    }

    /**
     * Starts a guard.
     *
     * @param alerts who is told how missions end; called off the tick's thread, and closed by whoever made it
     * @return a builder, one thread at a time
     */
    static Builder builder(AlertSink alerts) {
        return new Builder(alerts);
    }

    /** Collects the options of a guard. One thread at a time. */
    final class Builder {
        final AlertSink alerts;
        int maxRounds = 5;
        int repeats = 12;
        int cycles = 4;
        Duration patience = Duration.ofSeconds(15);
        Set<String> progress = Set.of();
        Set<String> watched = Set.of();
        Set<String> ignored = Set.of();
        Set<String> waiting = Set.of();
        double margin = 0.05;
        Duration steadyFor = Duration.ofSeconds(2);

        private Builder(AlertSink alerts) {
            this.alerts = Check.present(alerts, "alert sink of a guard", "use AlertSink.disabled()");
        }

        /**
         * Sets how many rounds may go by without progress. Default: 5.
         *
         * @param rounds 1 or more
         * @return this builder
         */
        public Builder maxRounds(int rounds) {
            this.maxRounds = Check.atLeast(1, rounds, "rounds without progress");
            return this;
        }

        /**
         * Names the facts whose change is progress, for instance the stage of a quest. Default: none, and any effect of the bot's actions in
         * the game is progress.
         *
         * @param facts names of facts
         * @return this builder
         */
        public Builder progress(String... facts) {
            this.progress = names(facts, "progress fact");
            return this;
        }

        /**
         * Names the only facts that show an effect; every change of them counts. Default: all facts, and what changes without the bot's doing
         * is learned.
         *
         * @param facts names of facts
         * @return this builder
         */
        public Builder watch(String... facts) {
            this.watched = names(facts, "watched fact");
            return this;
        }

        /**
         * Names facts that show no effect: clocks and counters that are known. Default: none.
         *
         * @param facts names of facts
         * @return this builder
         */
        public Builder ignore(String... facts) {
            this.ignored = names(facts, "ignored fact");
            return this;
        }

        /**
         * Names actions that, like the idle action, do not claim to change anything: to hide, to keep watch. Default: none.
         *
         * @param actions names of actions
         * @return this builder
         */
        public Builder waiting(String... actions) {
            this.waiting = names(actions, "waiting action");
            return this;
        }

        /**
         * Sets how often an action may be served without effect. Three times as many actions without effect, whichever they are, are
         * too many as well. Default: 12.
         *
         * @param times 2 or more
         * @return this builder
         */
        public Builder repeats(int times) {
            this.repeats = Check.atLeast(2, times, "repeats");
            return this;
        }

        /**
         * Sets how often two to four actions may be gone through in turn without effect, if that makes as many actions as {@link
         * #repeats(int)} allows. Default: 4.
         *
         * @param times 2 or more
         * @return this builder
         */
        public Builder cycles(int times) {
            this.cycles = Check.atLeast(2, times, "cycles");
            return this;
        }

        /**
         * Sets how long actions must have been without effect, besides being repeated; longer than the game's longest pause. Three times as
         * long where the bot was never seen to have an effect. Default: 15 s.
         *
         * @param duration zero or more
         * @return this builder
         */
        public Builder patience(Duration duration) {
            this.patience = Check.notNegative(duration, "patience");
            return this;
        }

        /**
         * Sets when the model's last choice is kept although it now prefers another action or target: when the new one leads by less than
         * the margin, the last one is legal, the goal is the same, and nothing is urgent. Such a decision is {@link Served#MODEL} because of {@link
         * Cause#STEADIED}. Default: 0.05, for 2 s.
         *
         * @param margin the lead in probability from which on the new choice is followed, 0 to 1; 0 follows always
         * @param atMost how long a choice is kept after the model last preferred it; zero or more
         * @return this builder
         */
        public Builder steady(double margin, Duration atMost) {
            if (!(margin >= 0 && margin <= 1)) {
                throw new IllegalArgumentException("margin of a guard is " + margin + "; give a probability, 0 to 1");
            }
            this.margin = margin;
            this.steadyFor = Check.notNegative(atMost, "steadying");
            return this;
        }

        /** In one order always, because the settings are written into records. */
        private static Set<String> names(String[] given, String what) {
            Set<String> names = new TreeSet<>();
            for (String name : given) {
                names.add(Check.name(name, what + " of a guard"));
            }
            return Collections.unmodifiableSet(names);
        }

        /**
         * Builds the guard.
         *
         * @return a guard for one loop
         */
        public LoopGuard build() {
            return new MissionGuard(this);
        }
    }
}
