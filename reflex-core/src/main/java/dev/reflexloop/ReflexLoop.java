package dev.reflexloop;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The reflex of one bot: shown what the bot sees, it returns one legal action before the deadline, whatever the model does.
 *
 * <p>Two ways to drive it from the game's own threads: {@link #decide(Perception)} blocks, at most to the deadline; {@link
 * #offer(Perception)} and {@link #latest()} never block, for games that must not lose a frame. A {@link ReflexRunner} drives many loops on
 * threads of its own.
 *
 * <p>Thread-safe. {@code decide} is meant for one thread at a time; calls of several threads are served one after the other but for the time
 * in which they wait for the model. Assumes that the users' callbacks on the tick (schema, fallback, shield, teacher) return within
 * microseconds and that the thread gets a processor; then guarantees that {@code decide} returns within the budget.
 */
public interface ReflexLoop extends AutoCloseable {

    /**
     * Decides, on the calling thread. Blocks until the model has answered, at most until the deadline: the entry of this call plus the
     * budget. Never throws: what is wrong with the perception, the model or a callback is served as a fallback, says so in
     * {@link Decision#because()}, and is counted.
     *
     * <p>An interrupt ends the waiting with the fallback; the thread's flag stays set.
     *
     * @param perception what the bot sees
     * @return the decision, whose action is legal
     */
    Decision decide(Perception perception);

    /**
     * Shows the loop what the bot sees and returns at once. The newest perception is looked at next, as soon as the model is free and the
     * throttle allows; older ones are superseded. An urgent perception overtakes the others, ignores the throttle, and cancels a call in
     * flight that is not urgent.
     *
     * @param perception what the bot sees
     * @return false if it was not taken, because the loop is closed or the perception is null
     */
    boolean offer(Perception perception);

    /**
     * The latest intent. Wait-free: one volatile read.
     *
     * @return what to do; the idle intent before the first decision
     */
    Intent latest();

    /**
     * The latest intent's action as long as its lease holds and the guard has not stopped the mission, the idle action otherwise. Wait-free.
     *
     * @return what to do now
     */
    Action latestAction();

    /**
     * Sets what the strategist wants from the next decision on. A model with a prefix cache is told, so that it can compute the prompt's
     * constant part before the next tick ({@link ReflexModel#prepare}). May be called from any thread; does not block.
     *
     * @param goal the goal
     */
    void goal(Goal goal);

    /**
     * Hands over what the strategist says. Its goal counts from now on, unless it answers a situation that is over, or one that this loop
     * did not ask about. Its action is taken once, in the first tick within its lease in which it is legal and, where a target is named, that
     * target is offered; also where it is the only legal action. A newer guidance with an action replaces one that was not taken. What answers an escalation counts once, and only as long as the situation is the
     * same, as far as the policy recognises that. What becomes of it is told to the {@linkplain Builder#onGuidance listener} and counted.
     * May be called from any thread; does not block.
     *
     * @param guidance the answer
     */
    void guide(Guidance guidance);

    /**
     * Records that the motor layer began to carry a decision out; for games that drive the loop themselves.
     *
     * @param decision the decision
     * @param tick the game's tick in which it landed
     */
    void applied(Decision decision, long tick);

    /**
     * Reports what came of a decision, and closes its step. Any thread; does not block.
     *
     * @param outcome what came of it
     * @return false if the step is not open: unknown, closed already, or timed out
     */
    boolean outcome(Outcome outcome);

    /**
     * The decisions of which nobody has said yet what came of them, also those that never reached the motor layer. A game that knows that
     * nothing will come of them any more, because a round is over or a later decision was taken, closes them by
     * {@link #outcome(Outcome)}; otherwise they end by time-out, or with the loop. Any thread; does not block.
     *
     * @return a copy, oldest first
     */
    List<Decision> openDecisions();

    /**
     * The counters at this moment.
     *
     * @return a snapshot
     */
    LoopStats stats();

    /**
     * The run of this loop, as it stands in the trajectory log.
     *
     * @return an identifier
     */
    String session();

    /**
     * Ends the loop: open steps are closed, calls in flight are cancelled, and what is decided or offered afterwards is served by the
     * fallback or refused. What became of guidance is told, and the guard's last alert is raised, before this returns, so whoever hears of
     * it may be closed next. The model, the logger and the sinks belong to whoever made them and stay open. Idempotent; waits at most a
     * second for calls into sinks and listeners that are under way, and those that take longer end by themselves.
     */
    @Override
    void close();

    /**
     * Starts a loop.
     *
     * @param schema what the bot can do
     * @param model who decides; give {@link ReflexModel#limited(ReflexModel, int)} where several loops share one
     * @return a builder, one thread at a time
     */
    static Builder builder(ActionSchema schema, ReflexModel model) {
        return new Builder(schema, model);
    }

    /** Collects the options of a loop. One thread at a time. */
    final class Builder {
        final ActionSchema schema;
        final ReflexModel model;
        final List<SideQuestion> sideQuestions = new ArrayList<>();
        Duration budget = Duration.ofMillis(200);
        Duration lease = Duration.ofSeconds(1);
        Duration throttle = Duration.ofMillis(500);
        Duration outcomeTimeout = Duration.ofSeconds(30);
        Duration cacheFor = Duration.ZERO;
        int maxInFlight = 3;
        FallbackPolicy fallback;
        Shield shield = Shield.disabled();
        TrajectoryLogger logger = TrajectoryLogger.disabled();

        @Nullable
        EscalationSink sink;

        @Nullable
        EscalationPolicy policy;

        int escalationsPerMinute = 12;
        Duration patience = Duration.ofSeconds(5);
        Duration askAgainAfter = Duration.ofMinutes(1);
        Duration waitAtMost = Duration.ofMinutes(10);

        GuidanceListener guidanceListener = GuidanceListener.disabled();

        @Nullable
        FallbackPolicy teacher;

        TelemetryBus telemetry = TelemetryBus.off();
        ReflexClock clock = ReflexClock.system();
        Limits limits = Limits.defaults();
        Goal goal = Goal.none();
        LoopGuard guard = LoopGuard.disabled();
        Ledger ledger = Ledger.disabled();
        String session = UUID.randomUUID().toString().substring(0, 13);

        private Builder(ActionSchema schema, ReflexModel model) {
            this.schema = Check.present(schema, "action schema of a loop", "give one");
            this.model = Check.present(model, "model of a loop", "give one");
            this.fallback = FallbackPolicy.idle(schema);
        }

        /**
         * Sets how long a decision may take. Default: 200 ms.
         *
         * @param duration above zero
         * @return this builder
         */
        public Builder budget(Duration duration) {
            this.budget = Check.positive(duration, "budget");
            return this;
        }

        /**
         * Sets how long an intent holds before the pilot must call it stale. Default: 1 s.
         *
         * @param duration above zero
         * @return this builder
         */
        public Builder lease(Duration duration) {
            this.lease = Check.positive(duration, "lease");
            return this;
        }

        /**
         * Sets the shortest time between two model calls for offered perceptions that are not urgent. Default: 500 ms.
         *
         * @param duration zero or more
         * @return this builder
         */
        public Builder throttle(Duration duration) {
            this.throttle = Check.notNegative(duration, "throttle");
            return this;
        }

        /**
         * Sets how long a step waits for its outcome. Default: 30 s.
         *
         * @param duration above zero
         * @return this builder
         */
        public Builder outcomeTimeout(Duration duration) {
            this.outcomeTimeout = Check.positive(duration, "outcome time-out");
            return this;
        }

        /**
         * Reuses an answer for perceptions with the same facts, choices, goal and legal actions. Default: zero, which is never.
         *
         * @param duration how long an answer may be reused; at most 256 are kept
         * @return this builder
         */
        public Builder cacheFor(Duration duration) {
            this.cacheFor = Check.notNegative(duration, "cache duration");
            return this;
        }

        /**
         * Bounds the model calls of this loop, and in a {@link ReflexRunner} those of all loops with the same model. No effect on a model that
         * is {@linkplain ReflexModel#limited limited} already. Default: 3.
         *
         * @param calls 1 or more
         * @return this builder
         */
        public Builder maxInFlight(int calls) {
            this.maxInFlight = Check.atLeast(1, calls, "calls in flight");
            return this;
        }

        /**
         * Sets the answer that exists before the model is asked. Default: the schema's idle action.
         *
         * @param policy the policy
         * @return this builder
         */
        public Builder fallback(FallbackPolicy policy) {
            this.fallback = Check.present(policy, "fallback", "use FallbackPolicy.idle");
            return this;
        }

        /**
         * Sets the last veto. Default: none.
         *
         * @param veto the shield
         * @return this builder
         */
        public Builder shield(Shield veto) {
            this.shield = Check.present(veto, "shield", "use Shield.disabled()");
            return this;
        }

        /**
         * Says on a bus what happens in the loop, so that it can be watched. Default: {@link TelemetryBus#off()}. The events, by source, with
         * the loop's session among the fields of each:
         *
         * <ul>
         *   <li>{@code loop}: {@code decision} and {@code outcome}; {@code dropped} for what did not fit into a mailbox
         *   <li>{@code model}: {@code lost} and {@code back}; {@code adapter} when another one answers than before
         *   <li>{@code shield}: {@code veto}
         *   <li>{@code escalation}: {@code handed_over}, {@code refused}
         *   <li>{@code guidance}: {@code ended}, with its fate
         *   <li>{@code guard}: {@code mission_ended}
         * </ul>
         *
         * @param bus the bus; may be shared, and is closed by whoever made it
         * @return this builder
         */
        public Builder telemetry(TelemetryBus bus) {
            this.telemetry = Check.present(bus, "telemetry bus", "use TelemetryBus.off()");
            return this;
        }

        /**
         * Records every step. Default: {@link TrajectoryLogger#disabled()}.
         *
         * @param trajectory the log; may be shared, and is closed by whoever made it
         * @return this builder
         */
        public Builder logger(TrajectoryLogger trajectory) {
            this.logger = Check.present(trajectory, "trajectory logger", "use TrajectoryLogger.disabled()");
            return this;
        }

        /**
         * Takes what the reflex should not judge alone: what the model abstains from, and what the {@linkplain #escalateWhen policy} says.
         * Default: nobody; then the policy is not asked, and the fallback is served where the model abstains.
         *
         * @param escalations the sink; may be shared, and is closed by whoever made it
         * @return this builder
         */
        public Builder escalateTo(EscalationSink escalations) {
            Check.present(escalations, "escalation sink", "leave it out");
            this.sink = escalations == DisabledSink.INSTANCE ? null : escalations;
            return this;
        }

        /**
         * Says when the strategist is asked, beside the model's abstaining. Default: {@link EscalationPolicy#disabled()}.
         *
         * @param when the policy; thread-safe where loops share it
         * @return this builder
         */
        public Builder escalateWhen(EscalationPolicy when) {
            this.policy = Check.present(when, "escalation policy", "use EscalationPolicy.disabled()");
            return this;
        }

        /**
         * Bounds how many situations are handed over within any one minute, whatever becomes of them. What is over it is counted, the bot
         * waits all the same, and a situation that lasts is handed over when there is room. Default: 12.
         *
         * @param most 1 or more
         * @return this builder
         */
        public Builder escalationsPerMinute(int most) {
            this.escalationsPerMinute = Check.atLeast(1, most, "escalations per minute");
            return this;
        }

        /**
         * Sets how long guidance is waited for when an answer of the model is doubtful, or the model abstains; after that the bot goes on with
         * the model, or the fallback, and the next doubtful answer may be handed over. Default: 5 s.
         *
         * @param duration above zero
         * @return this builder
         */
        public Builder patience(Duration duration) {
            this.patience = Check.positive(duration, "patience");
            return this;
        }

        /**
         * Sets after how much time without guidance a situation that still lasts is handed over again. Default: 60 s.
         *
         * @param duration above zero
         * @return this builder
         */
        public Builder askAgainAfter(Duration duration) {
            this.askAgainAfter = Check.positive(duration, "time after which is asked again");
            return this;
        }

        /**
         * Sets how long the bot waits in a situation that lasts while nobody says anything; after that it goes on with the model. Default:
         * 10 minutes.
         *
         * @param duration above zero
         * @return this builder
         */
        public Builder waitAtMost(Duration duration) {
            this.waitAtMost = Check.positive(duration, "longest wait");
            return this;
        }

        /**
         * Hears what became of guidance. Default: nobody.
         *
         * @param listener the listener; called in the background
         * @return this builder
         */
        public Builder onGuidance(GuidanceListener listener) {
            this.guidanceListener = Check.present(listener, "guidance listener", "use GuidanceListener.disabled()");
            return this;
        }

        /**
         * Restrains the loop. Default: {@link LoopGuard#disabled()}.
         *
         * @param restraint the guard, of this loop only
         * @return this builder
         */
        public Builder guard(LoopGuard restraint) {
            this.guard = Check.present(restraint, "guard", "use LoopGuard.disabled()");
            return this;
        }

        /**
         * Records what decides: the schema's actions, the model, when the strategist is asked, how often and for how long, the guard's
         * settings, fallback and shield. {@link #build()} compares them with what stands in the ledger, and adds what is different; it
         * blocks for that, while no tick ever does. Of rules, which are code, the class is recorded.
         *
         * <p>The same bot is known by the name of its schema: give loops that have the same schema but other settings a ledger each.
         * Default: {@link Ledger#disabled()}.
         *
         * @param record the ledger, usually a {@code dev.reflexloop.codex.Codex}; may be shared, is closed by whoever made it, and may be
         *     closed as soon as the loop is built
         * @return this builder
         */
        public Builder codex(Ledger record) {
            this.ledger = Check.present(record, "codex", "use Ledger.disabled()");
            return this;
        }

        /**
         * Records beside every decision what a teacher would have done, for learning by imitation. Called after the decision was served.
         * Default: nobody.
         *
         * @param policy the teacher; quick
         * @return this builder
         */
        public Builder teacher(FallbackPolicy policy) {
            this.teacher = Check.present(policy, "teacher", "leave it out");
            return this;
        }

        /**
         * Adds a question that rides along with every decision. Default: none.
         *
         * @param question the question
         * @return this builder
         */
        public Builder ask(SideQuestion question) {
            this.sideQuestions.add(Check.present(question, "side question", "leave it out"));
            return this;
        }

        /**
         * Sets the first goal. Default: none.
         *
         * @param first the goal
         * @return this builder
         */
        public Builder goal(Goal first) {
            this.goal = Check.present(first, "goal", "use Goal.none()");
            return this;
        }

        /**
         * Sets where time comes from. Default: {@link ReflexClock#system()}.
         *
         * @param source the clock
         * @return this builder
         */
        public Builder clock(ReflexClock source) {
            this.clock = Check.present(source, "clock", "use ReflexClock.system()");
            return this;
        }

        /**
         * Bounds the size of perceptions. Default: {@link Limits#defaults()}.
         *
         * @param bounds the limits
         * @return this builder
         */
        public Builder limits(Limits bounds) {
            this.limits = Check.present(bounds, "limits", "use Limits.defaults()");
            return this;
        }

        /**
         * Names the run. Default: a random identifier. Must be unique among the runs of one log.
         *
         * @param name the name
         * @return this builder
         */
        public Builder session(String name) {
            this.session = Check.name(name, "session");
            return this;
        }

        /** The user's, and those of the policy that have another id; those only where somebody could be asked because of them. */
        List<SideQuestion> allSideQuestions() {
            Map<String, SideQuestion> byId = new LinkedHashMap<>();
            sideQuestions.forEach(each -> byId.put(each.id(), each));
            if (sink != null && policy != null) {
                Check.present(policy.sideQuestions(), "side questions of an escalation policy", "return an empty list")
                        .forEach(each -> byId.putIfAbsent(each.id(), each));
            }
            return List.copyOf(byId.values());
        }

        /**
         * Builds the loop. Blocks where there is a {@linkplain #codex codex}, until it is on disk what decides.
         *
         * @return a loop, ready to decide
         * @throws ReflexException if the codex cannot record what decides; the message names the file, the reason and the remedy
         * @throws IllegalArgumentException if the schema is not sound, or the guard guards another loop; the message says what to mend
         */
        public ReflexLoop build() {
            return new DefaultReflexLoop(this);
        }
    }
}
