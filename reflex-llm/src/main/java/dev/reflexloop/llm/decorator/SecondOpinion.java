package dev.reflexloop.llm.decorator;

import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.llm.Relay;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BinaryOperator;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Asks, looks at the answer, and asks once more where it is doubtful and time is left. The first answer is kept meanwhile and given a
 * reserve before the deadline when the second has not come by then. Thread-safe.
 */
final class SecondOpinion implements AutoCloseable {

    /** Asks for the second opinion; returns at once. */
    @FunctionalInterface
    interface Second {
        CompletableFuture<Answer> ask(Question question, Deadline deadline);
    }

    private final ReflexModel first;
    private final Second second;
    private final boolean rescues;
    private final Predicate<Answer> doubtful;
    private final BinaryOperator<Answer> join;
    private final long reserveNanos;
    private final Alarm alarm;
    private final LatencyEstimate estimate = new LatencyEstimate();
    private final LongAdder firstOnly = new LongAdder();
    private final LongAdder inTime = new LongAdder();
    private final LongAdder late = new LongAdder();
    private final LongAdder noTime = new LongAdder();

    /**
     * @param rescues whether the second is also asked when the first failed or answered unsoundly
     * @param join makes one answer of two sound ones
     */
    SecondOpinion(
            ReflexModel first,
            Second second,
            boolean rescues,
            Predicate<Answer> doubtful,
            BinaryOperator<Answer> join,
            long reserveNanos,
            Alarm alarm) {
        this.first = first;
        this.second = second;
        this.rescues = rescues;
        this.doubtful = doubtful;
        this.join = join;
        this.reserveNanos = reserveNanos;
        this.alarm = alarm;
    }

    CompletableFuture<Answer> ask(Question question, Deadline deadline) {
        Call call = new Call(question, deadline);
        CompletableFuture<Answer> asked = first.ask(question, deadline);
        call.follow(asked);
        asked.whenComplete(call::heardFirst);
        return call;
    }

    SecondOpinionCounts counts() {
        return new SecondOpinionCounts(firstOnly.sum(), inTime.sum(), late.sum(), noTime.sum());
    }

    @Override
    public void close() {
        alarm.close();
    }

    /* What the first said is written before the alarm is set and the second asked, and read by what these cause only. */
    private final class Call extends Relay<Answer> {
        private final Question question;
        private final Deadline deadline;
        private @Nullable Answer kept;
        private @Nullable Throwable keptFailure;
        private boolean keptSound;
        private long askedNanos;

        Call(Question question, Deadline deadline) {
            this.question = question;
            this.deadline = deadline;
        }

        void heardFirst(@Nullable Answer answer, @Nullable Throwable failure) {
            boolean sound = failure == null && answer != null && answer.isSoundFor(question);
            boolean enough = sound ? !doubtful.test(answer) : !rescues;
            if (isDone() || enough) {
                firstOnly.increment();
                pass(answer, failure);
                return;
            }
            long left = deadline.remainingNanos() - reserveNanos;
            if (left <= estimate.nanos()) {
                noTime.increment();
                estimate.fade();
                pass(answer, failure);
                return;
            }
            kept = answer;
            keptFailure = failure;
            keptSound = sound;
            askSecond(left);
        }

        private void askSecond(long left) {
            askedNanos = deadline.clock().nanos();
            Alarm.Set set = alarm.in(left, this::giveFirst);
            CompletableFuture<Answer> asked =
                    second.ask(question, new Deadline(deadline.clock(), deadline.atNanos() - reserveNanos));
            follow(asked);
            asked.whenComplete((answer, failure) -> {
                set.takeBack();
                heardSecond(answer, failure);
            });
        }

        private void giveFirst() {
            if (pass(kept, keptFailure)) {
                late.increment();
                estimate.gaveUpAfter(deadline.clock().nanos() - askedNanos);
                cancelCall();
            }
        }

        private void heardSecond(@Nullable Answer answer, @Nullable Throwable failure) {
            if (isDone()) {
                return;
            }
            if (failure != null || answer == null || !answer.isSoundFor(question)) {
                pass(kept, keptFailure);
                return;
            }
            estimate.saw(deadline.clock().nanos() - askedNanos);
            Answer before = kept;
            if (complete(keptSound && before != null ? join.apply(before, answer) : answer)) {
                inTime.increment();
            }
        }
    }
}
