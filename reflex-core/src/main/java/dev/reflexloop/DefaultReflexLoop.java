package dev.reflexloop;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The loop as a state machine of two steps: {@link #begin} asks, {@link #finish} serves. Whoever drives it waits in between - the game's
 * thread in {@link #decide}, nobody in the {@link Reasoner}, which is called back.
 *
 * <p>Both steps run under the loop's turn, a monitor that is held for microseconds and never while a model is waited for. What is read
 * without it is the latest intent (published by a volatile write after the decision is complete), the counters made for it, and the
 * {@link Records}, which have a lock of their own that is only ever taken last.
 *
 * <p>Nothing in here logs, or calls a sink, on the tick's thread; that is the {@link Background}'s.
 */
final class DefaultReflexLoop implements ReflexLoop {
    private final Object turn = new Object();
    private final ActionSchema schema;
    private final ReflexClock clock;
    private final long budgetNanos;
    private final Reserve reserve;
    private final FallbackPolicy fallback;
    private final Limits limits;
    private final List<SideQuestion> sideQuestions;
    private final String session;
    private final GateClaim model;

    private final LoopTelemetry telemetry;
    private final LoopCounters counters;
    private final Background background;
    private final Callbacks callbacks;
    private final Escalator escalator;
    private final Records records;
    private final Serving serving;
    private final Runnable countLateAnswer;
    private final GuidanceDesk guidances;
    private final Restraint guard;
    private final Object goals = new Object();
    private final Reasoner reasoner;
    private volatile Goal goal;
    private volatile @Nullable Question latestQuestion;
    private volatile boolean closed;
    private volatile @Nullable CompletableFuture<Answer> awaited;

    private final LegalMask mask;
    private final Aim aim;
    private final AnswerCache cache;
    private final ModelHealth health;

    DefaultReflexLoop(Builder builder) {
        this.schema = builder.schema;
        this.clock = builder.clock;
        this.budgetNanos = Check.nanos(builder.budget);
        this.reserve = new Reserve(budgetNanos);
        this.fallback = builder.fallback;
        this.limits = builder.limits;
        this.sideQuestions = builder.allSideQuestions();
        this.session = builder.session;
        this.goal = builder.goal;
        this.telemetry = new LoopTelemetry(builder.telemetry, session, clock);
        this.counters = new LoopCounters(telemetry);
        this.countLateAnswer = counters.lateAnswers::increment;
        this.background = new Background(session);
        this.callbacks = new Callbacks(session, counters, background);
        this.mask = new LegalMask(schema, background::run);
        this.aim = new Aim(mask);
        this.guard = (Restraint) builder.guard;
        guard.attach(session, goal, mask.idle(), clock, telemetry, background, callbacks);
        record(builder);
        this.guidances = new GuidanceDesk(mask, builder.guidanceListener, counters, callbacks, background);
        this.escalator = new Escalator(builder, mask, guidances, counters, telemetry, callbacks, background);
        this.cache = new AnswerCache(Check.nanos(builder.cacheFor));
        this.model = new GateClaim(builder.model, builder.maxInFlight);
        this.health = new ModelHealth(builder.model.id(), telemetry, background);
        this.records = new Records(builder, mask.idle(), telemetry, callbacks);
        this.serving = new Serving(builder, mask, aim, guard, escalator, records, counters, callbacks);
        this.reasoner = new Reasoner(this, clock, Check.nanos(builder.throttle));
        records.begin();
    }

    /** After the guard, which may be another loop's; it is given back where this fails. */
    private void record(Builder builder) {
        boolean recorded = false;
        try {
            builder.ledger.note(session, Settings.of(builder));
            recorded = true;
        } finally {
            if (!recorded) {
                guard.detach();
            }
        }
    }

    // ---- driving

    @Override
    public Decision decide(Perception perception) {
        Tick tick = begin(perception);
        Decision served = tick.decision;
        if (served != null) {
            return served;
        }
        CompletableFuture<Answer> call = requireNonNull(tick.call);
        Cause ifUnanswered = Cause.DEADLINE;
        awaited = call;
        if (closed) {
            call.cancel(true);
        }
        try {
            clock.await(call, tick.cutoffNanos);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            ifUnanswered = Cause.INTERRUPTED;
        }
        awaited = null;
        return finish(tick, closed ? Cause.CLOSED : ifUnanswered);
    }

    @Override
    public boolean offer(Perception perception) {
        return perception != null && !closed && reasoner.offer(perception);
    }

    @Override
    public Intent latest() {
        return serving.latest();
    }

    @Override
    public Action latestAction() {
        Intent intent = serving.latest();
        return intent.stale(clock.nanos()) || guard.stopped() ? mask.idle() : intent.action();
    }

    @Override
    public void goal(Goal next) {
        Check.present(next, "goal", "use Goal.none()");
        Goal before;
        synchronized (goals) { // the goal and the guard's mission change in the same order
            before = goal;
            goal = next;
            guard.goal(next);
        }
        Question latest = latestQuestion;
        if (latest != null && !closed && !next.text().equals(before.text())) {
            gate().prepare(new Question(
                    latest.perception(), next, schema, latest.legal(), latest.targets(), latest.sideQuestions()));
        }
    }

    @Override
    public void guide(Guidance answer) {
        Check.present(answer, "guidance", "give one");
        if (guidances.receive(answer, clock.nanos())) {
            answer.goal().ifPresent(this::goal);
        }
    }

    @Override
    public void applied(Decision decision, long tick) {
        records.applied(decision, tick);
    }

    @Override
    public boolean outcome(Outcome outcome) {
        Experience experience = records.close(outcome);
        if (experience == null) {
            return false;
        }
        guard.outcome(outcome);
        records.closed(experience);
        return true;
    }

    /** Ends what has waited too long: steps and guidance. Called in every tick, and by a runner from time to time. */
    void expire() {
        long now = clock.nanos();
        guidances.due(now);
        records.expire(now);
    }

    @Override
    public List<Decision> openDecisions() {
        return records.open();
    }

    @Override
    public LoopStats stats() {
        synchronized (turn) {
            return counters.snapshot(records.closure(), mask.problems());
        }
    }

    @Override
    public String session() {
        return session;
    }

    @Override
    public void close() {
        synchronized (turn) {
            if (closed) {
                return;
            }
            closed = true;
        }
        guidances.close(clock.nanos());
        reasoner.close();
        CompletableFuture<Answer> call = awaited;
        if (call != null) {
            call.cancel(true);
        }
        records.shutdown();
        model.release();
        background.close();
        guard.close(); // the last alert comes after those that the background had taken
    }

    // ---- for the runner and the reasoner

    LoopCounters counters() {
        return counters;
    }

    Reasoner reasoner() {
        return reasoner;
    }

    ReflexClock clock() {
        return clock;
    }

    ModelGate gate() {
        return model.gate();
    }

    /** Shares the calls in flight with other loops of the same model. False if that cannot be. */
    boolean share(ModelGate shared) {
        synchronized (turn) {
            return (!closed || shared == gate()) && model.share(shared);
        }
    }

    void onExperience(Records.ExperienceListener listener) {
        records.onExperience(listener);
    }

    // ---- a decision

    /** Enters a tick: it is either decided when this returns, or its call is in flight. */
    Tick begin(@Nullable Perception shown) {
        long now = clock.nanos();
        Perception perception = shown == null ? nothing() : shown;
        Tick tick = new Tick(perception, now, new Deadline(clock, now + budgetNanos), reserve.nanos());
        expire();
        synchronized (turn) {
            tick.goal = goal;
            boolean sound = shown != null && limits.allow(perception);
            tick.sound = sound;
            boolean free = sound && !guard.stopped();
            List<Action> legal = free ? mask.legal(perception, now) : List.of();
            tick.legal = legal.isEmpty() ? List.of(mask.idle()) : legal;
            tick.fallback = free ? chooseFallback(tick) : mask.idle();
            if (closed) {
                serving.serve(tick, tick.fallback, Served.FALLBACK, Cause.CLOSED);
            } else if (!sound) {
                serving.serve(tick, tick.fallback, Served.FALLBACK, Cause.BAD_PERCEPTION);
            } else if (!free) {
                serving.serve(tick, mask.idle(), Served.HOLD, Cause.GUARD);
            } else if (legal.isEmpty()) {
                serving.serve(tick, tick.fallback, Served.FALLBACK, Cause.NOTHING_LEGAL);
            } else {
                react(tick);
            }
        }
        return tick;
    }

    private Perception nothing() {
        return new Perception("unknown", -1, clock.instant(), Map.of(), List.of(), Urgency.NORMAL);
    }

    private Action chooseFallback(Tick tick) {
        Action idle = mask.idle();
        Action chosen =
                callbacks.ask("fallback", idle, () -> fallback.choose(tick.perception, tick.legal, serving.lastGood()));
        if (!tick.legal.contains(chosen)) {
            counters.callbackFailures.increment();
            return idle;
        }
        return mask.isAbstain(chosen) ? idle : chosen;
    }

    /** The strategist first, then what must be, then what the strategist is asked about, then the model. */
    private void react(Tick tick) {
        if (escalator.looks()) {
            escalator.look(tick, question(tick));
        }
        if (followGuidance(tick)) {
            return;
        }
        if (tick.legal.size() == 1) {
            serving.serve(tick, tick.legal.get(0), Served.FORCED, null);
        } else if (escalator.waits(tick)) {
            serving.hold(tick, Cause.RECOGNIZED, null, Optional.empty());
        } else {
            consult(tick);
        }
    }

    private boolean followGuidance(Tick tick) {
        GuidanceDesk.Order order = guidances.due(tick.enteredNanos);
        if (order == null) {
            return false;
        }
        Guidance said = order.guidance;
        Optional<Target> target = Optional.empty();
        boolean legal = tick.legal.contains(order.action);
        if (legal) {
            String named = said.target().orElse(null);
            target = named == null ? aim.first(tick, order.action) : aim.named(tick, order.action, named);
            legal = named == null || target.isPresent();
        }
        if (!legal) {
            order.tried();
            return false;
        }
        if (!guidances.claim(order, tick.enteredNanos)) {
            return false;
        }
        escalator.guided();
        serving.serve(tick, order.action, target, Served.GUIDANCE, null, said.id());
        boolean vetoed = requireNonNull(tick.decision).vetoed().isPresent();
        guidances.ended(said, vetoed ? Guidance.Fate.VETOED : Guidance.Fate.APPLIED);
        return true;
    }

    private Question question(Tick tick) {
        Question question = tick.question;
        if (question == null) {
            Map<String, List<Target>> targets = mask.targets(tick.legal, tick.perception);
            question = new Question(tick.perception, tick.goal, schema, tick.legal, targets, sideQuestions);
            tick.question = question;
        }
        return question;
    }

    private void consult(Tick tick) {
        Question question = question(tick);
        latestQuestion = question;
        Answer known = cache.find(question, tick.enteredNanos);
        if (known != null) {
            tick.answer = known;
            weigh(tick, known, Served.CACHE);
            return;
        }
        CompletableFuture<Answer> call = gate().ask(question, new Deadline(clock, tick.cutoffNanos), countLateAnswer);
        tick.call = call;
        if (call.isDone()) {
            finish(tick, Cause.DEADLINE);
        }
    }

    /**
     * Serves a tick: from its call's answer if that is there, by the fallback otherwise. The first to come serves; the others get the
     * decision that was served.
     */
    Decision finish(Tick tick, Cause ifUnanswered) {
        CompletableFuture<Answer> call = requireNonNull(tick.call);
        boolean answered = call.isDone() || !call.cancel(true);
        synchronized (turn) {
            if (tick.decision == null) {
                if (answered) {
                    call.whenComplete((answer, failure) -> {
                        tick.answer = answer;
                        tick.failure = failure;
                    });
                }
                if (guard.stopped() && !closed) {
                    serving.serve(tick, mask.idle(), Served.HOLD, Cause.GUARD);
                } else if (tick.answer != null) {
                    weigh(tick, tick.answer, Served.MODEL);
                } else {
                    Cause cause = tick.failure != null
                            ? tick.causeOf(tick.failure, clock.nanos(), ifUnanswered)
                            : answered ? Cause.ILLEGAL_ANSWER : ifUnanswered;
                    if (cause == Cause.DEADLINE) {
                        reserve.overslept(clock.nanos() - tick.cutoffNanos);
                    }
                    if (cause != Cause.INTERRUPTED && cause != Cause.CLOSED) {
                        health.failed(cause, clock.nanos());
                    }
                    serving.serve(tick, serving.fallbackOf(tick), Served.FALLBACK, cause);
                }
            }
            return requireNonNull(tick.decision);
        }
    }

    /** Gives a tick up without a decision, for one that overtakes it. */
    boolean abandon(Tick tick) {
        CompletableFuture<Answer> call = tick.call;
        synchronized (turn) {
            if (tick.decision != null || call == null) {
                return false;
            }
        }
        return call.cancel(true);
    }

    private void weigh(Tick tick, Answer answer, Served served) {
        int best = AnswerJudge.best(answer, tick.legal);
        if (best < 0) {
            health.failed(Cause.ILLEGAL_ANSWER, clock.nanos());
            serving.serve(tick, serving.fallbackOf(tick), Served.FALLBACK, Cause.ILLEGAL_ANSWER);
            return;
        }
        health.answered();
        Action chosen = tick.legal.get(best);
        if (mask.isAbstain(chosen)) {
            abstain(tick);
            return;
        }
        Question question = question(tick);
        if (served == Served.MODEL) {
            cache.store(question, answer, tick.enteredNanos);
        }
        List<Target> offered = question.targets().getOrDefault(chosen.name(), List.of());
        Optional<Target> target = AnswerJudge.target(answer, chosen, offered);
        Steady kept = guard.steady(tick, answer, chosen, target);
        Action preferred = kept == null ? chosen : kept.action();
        Optional<Target> aimed = kept == null ? target : kept.target();
        if (escalator.doubts(tick, question, answer)) {
            serving.hold(tick, Cause.DOUBT, preferred, aimed);
        } else {
            serving.serve(tick, preferred, aimed, served, kept == null ? null : Cause.STEADIED, null);
        }
    }

    private void abstain(Tick tick) {
        if (escalator.hasSink() && escalator.abstained(tick, question(tick))) {
            serving.hold(tick, Cause.ABSTAINED, null, Optional.empty());
        } else {
            serving.serve(tick, serving.fallbackOf(tick), Served.FALLBACK, Cause.ABSTAINED);
        }
    }
}
