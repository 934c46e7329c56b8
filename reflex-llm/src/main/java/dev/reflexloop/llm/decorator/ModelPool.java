package dev.reflexloop.llm.decorator;

import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.ModelBusyException;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.llm.Relay;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Several models that answer the same, usually servers of one kind, as one model. Thread-safe.
 *
 * <p>A question goes to the member with the fewest calls in flight; with {@linkplain Builder#affinity(boolean) affinity} to the one that
 * answered for the same entity before, whose prefix cache knows the prompt, unless it has two calls more in flight than the idlest.
 *
 * <p>A member that cannot be reached is left out at once, one that fails, misses deadlines or answers unsoundly after three times in a row
 * (being busy is no failure). It is then probed by a single call after a pause of 100 ms, which doubles up to 400 ms: a copy of a question
 * that another member answers, so that a probe costs no tick, or the question itself when no member is left. Where a member fails within the
 * first quarter of the question's time, the next one is asked; no member is asked twice for the same question. When all are left out and
 * none is due, questions fail at once with {@link ModelUnavailableException}.
 *
 * <p>Assumes that all questions have deadlines on the same clock, and that whoever gives a call up cancels it, as loops do.
 */
public final class ModelPool implements ReflexModel {
    private static final int MOST_ENTITIES = 4_096;
    private static final int LOADED = 2;
    private static final int FAST = 4;

    private final String id;
    private final boolean affinity;
    private final List<PoolMember> members = new ArrayList<>();
    private final Notices notices;

    /** Guards the members' states and what is below; held for some instructions, never while a model is called. */
    private final Object lock = new Object();

    private final Map<String, PoolMember> lastUsed = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, PoolMember> eldest) {
            return size() > MOST_ENTITIES;
        }
    };

    private int next;

    private ModelPool(Builder builder) {
        this.id = builder.id == null ? Decorator.id("pool", Decorator.ids(builder.models)) : builder.id;
        this.affinity = builder.affinity;
        this.notices = new Notices(id);
        for (ReflexModel model : builder.models) {
            members.add(new PoolMember(
                    members.size(), id, model, builder.firstPause.toNanos(), builder.longestPause.toNanos(), notices));
        }
    }

    /**
     * A pool with default settings.
     *
     * @param models at least one; they are closed with the pool
     * @return the pool
     */
    public static ModelPool of(ReflexModel... models) {
        return builder(List.of(models)).build();
    }

    /**
     * Starts the settings of a pool.
     *
     * @param models at least one; they are closed with the pool
     * @return a builder, one thread at a time
     */
    public static Builder builder(List<? extends ReflexModel> models) {
        return new Builder(models);
    }

    @Override
    public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
        Call call = new Call(question, deadline);
        call.askNext(new ModelUnavailableException(
                id,
                "all " + members.size() + " members are left out after failures; they are probed again soon",
                null));
        probeTheLost(question, deadline, call.tried);
        return call;
    }

    /** The member to ask next, which counts as tried then; null if there is none. */
    private @Nullable PoolMember choose(String entity, BitSet tried, long now) {
        synchronized (lock) {
            PoolMember idlest = null;
            PoolMember due = null;
            for (int i = 0; i < members.size(); i++) {
                PoolMember member = members.get((next + i) % members.size());
                if (tried.get(member.index())) {
                    continue;
                }
                if (!member.isOut()) {
                    idlest = idlest == null || member.inFlight() < idlest.inFlight() ? member : idlest;
                } else if (due == null && member.isDue(now)) {
                    due = member;
                }
            }
            next = (next + 1) % members.size();
            if (idlest == null) {
                if (due != null) {
                    due.probing(now);
                    tried.set(due.index());
                }
                return due;
            }
            PoolMember chosen = affinity ? preferred(entity, tried, idlest) : idlest;
            chosen.chosen();
            tried.set(chosen.index());
            return chosen;
        }
    }

    private PoolMember preferred(String entity, BitSet tried, PoolMember idlest) {
        PoolMember before = lastUsed.get(entity);
        PoolMember chosen = before == null
                        || before.isOut()
                        || tried.get(before.index())
                        || before.inFlight() - idlest.inFlight() >= LOADED
                ? idlest
                : before;
        lastUsed.put(entity, chosen);
        return chosen;
    }

    /** Asks members that are left out, and due, for nothing but their health. */
    private void probeTheLost(Question question, Deadline deadline, BitSet tried) {
        long now = deadline.clock().nanos();
        for (PoolMember member : members) {
            CompletableFuture<Answer> overdue;
            boolean probe;
            synchronized (lock) {
                overdue = member.isProbeOverdue() ? member.takeProbe() : null;
                probe = overdue == null && member.isOut() && !tried.get(member.index()) && member.isDue(now);
                if (probe) {
                    member.beginProbe(now);
                }
            }
            if (overdue != null) {
                overdue.cancel(true);
            }
            if (probe) {
                CompletableFuture<Answer> answer = member.ask(question, deadline);
                synchronized (lock) {
                    member.probe(answer, deadline);
                }
                answer.whenComplete((said, failure) -> settle(member, question, deadline, said, failure));
            }
        }
    }

    /** Takes note of what came of a call. Says whether the answer is one to serve. */
    private boolean settle(
            PoolMember member,
            Question question,
            Deadline deadline,
            @Nullable Answer answer,
            @Nullable Throwable failure) {
        Throwable root = failure == null ? null : Relay.root(failure);
        boolean late = deadline.expired();
        boolean sound = root == null && answer != null && answer.isSoundFor(question);
        long now = deadline.clock().nanos();
        synchronized (lock) {
            if (sound && !late) {
                member.answered();
            } else if (root instanceof ModelUnavailableException) {
                member.lost(now, String.valueOf(root.getMessage()));
            } else if (late || !(root instanceof ModelBusyException || root instanceof CancellationException)) {
                member.failed(now, late ? "it misses deadlines" : root == null ? "its answers are unsound" : "" + root);
            }
        }
        return sound;
    }

    /**
     * How the members are.
     *
     * @return one for each member, in the order in which they were given
     */
    public List<MemberStatus> members() {
        synchronized (lock) {
            return members.stream().map(PoolMember::status).toList();
        }
    }

    /**
     * How a member of a pool is. Immutable.
     *
     * @param id the model's id
     * @param leftOut whether it gets no questions but probes
     * @param inFlight the calls that it has not ended, cancelled ones included
     * @param asked how often it was asked, probes included
     * @param failures how often it failed, missed a deadline or answered unsoundly
     */
    public record MemberStatus(String id, boolean leftOut, int inFlight, long asked, long failures) {}

    @Override
    public void prepare(Question expected) {
        PoolMember member;
        synchronized (lock) {
            member = affinity ? lastUsed.get(expected.perception().entity()) : null;
        }
        if (member != null) {
            member.model().prepare(expected);
        } else {
            members.forEach(each -> each.model().prepare(expected));
        }
    }

    /** Those of each member. */
    @Override
    public String settings() {
        return Decorator.settings(members.stream().map(PoolMember::model).toList());
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public boolean returnsAtOnce() {
        return true;
    }

    /** Closes all members. Idempotent and bounded where they are. */
    @Override
    public void close() {
        notices.close(); // first: that the members are lost now is no news
        for (PoolMember member : members) {
            CompletableFuture<Answer> probe;
            synchronized (lock) {
                probe = member.takeProbe();
            }
            if (probe != null) {
                probe.cancel(true);
            }
        }
        Decorator.closeAll(members.stream().map(PoolMember::model).toList());
    }

    /** One question on its way through the members. */
    private final class Call extends Relay<Answer> {
        private final Question question;
        private final Deadline deadline;
        private final long budgetNanos;
        private final BitSet tried = new BitSet(); // guarded by the pool's lock

        Call(Question question, Deadline deadline) {
            this.question = question;
            this.deadline = deadline;
            this.budgetNanos = deadline.remainingNanos();
        }

        void askNext(Throwable otherwise) {
            if (!askNext()) {
                completeExceptionally(otherwise);
            }
        }

        private boolean askNext() {
            PoolMember member = choose(
                    question.perception().entity(), tried, deadline.clock().nanos());
            if (member == null) {
                return false;
            }
            CompletableFuture<Answer> asked = member.ask(question, deadline);
            follow(asked);
            asked.whenComplete((answer, failure) -> {
                boolean good = settle(member, question, deadline, answer, failure);
                boolean another = !good && !isDone() && cameFast() && askNext();
                if (!another) {
                    pass(answer, failure);
                }
            });
            return true;
        }

        private boolean cameFast() {
            return deadline.remainingNanos() > budgetNanos - budgetNanos / FAST;
        }
    }

    /** Settings of a pool. One thread at a time. */
    public static final class Builder {
        private final List<ReflexModel> models;
        private boolean affinity = true;
        private Duration firstPause = Duration.ofMillis(100);
        private Duration longestPause = Duration.ofMillis(400);
        private @Nullable String id;

        private Builder(List<? extends ReflexModel> models) {
            this.models = List.copyOf(models);
            if (models.isEmpty()) {
                throw new IllegalArgumentException("a pool was given no models; give at least one");
            }
        }

        /**
         * Sets the pool's id. Default: {@code pool(...)} with the ids of the members.
         *
         * @param name a short name
         * @return this builder
         */
        public Builder id(String name) {
            this.id = name;
            return this;
        }

        /**
         * Whether an entity stays with the member that it used last. Default: true; remembered for the 4,096 entities seen last.
         *
         * @param stay false to look at the load only, for members without a prefix cache
         * @return this builder
         */
        public Builder affinity(boolean stay) {
            this.affinity = stay;
            return this;
        }

        /**
         * Sets how long a member that failed is left alone before it is probed. Default: 100 ms, doubling with every failed probe up to
         * 400 ms.
         *
         * @param first the first pause, above zero
         * @param longest the longest, not below the first
         * @return this builder
         */
        public Builder pause(Duration first, Duration longest) {
            if (first.isZero() || first.isNegative() || longest.compareTo(first) < 0) {
                throw new IllegalArgumentException("pauses of a pool are " + first + " to " + longest
                        + "; give a first one above zero and a longest one that is not below it");
            }
            this.firstPause = first;
            this.longestPause = longest;
            return this;
        }

        /**
         * Builds the pool.
         *
         * @return the pool, to be closed by the caller
         */
        public ModelPool build() {
            return new ModelPool(this);
        }
    }
}
