package dev.reflexloop;

import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** One decision on its way: from the entry of the tick until it is served. Belongs to the loop's turn, but for {@code call}. */
final class Tick {
    final Perception perception;
    final long enteredNanos;
    final Deadline deadline;

    /** The moment at which waiting ends, a little before the deadline. */
    final long cutoffNanos;

    boolean sound;
    Goal goal = Goal.none();
    List<Action> legal = List.of();

    @Nullable
    Action fallback;

    @Nullable
    Question question;

    @Nullable
    CompletableFuture<Answer> call;

    @Nullable
    Answer answer;

    @Nullable
    Throwable failure;

    @Nullable
    Occurrence occurrence;

    @Nullable
    Decision decision;

    @Nullable
    Intent intent;

    Tick(Perception perception, long enteredNanos, Deadline deadline, long reserveNanos) {
        this.perception = perception;
        this.enteredNanos = enteredNanos;
        this.deadline = deadline;
        this.cutoffNanos = deadline.atNanos() - reserveNanos;
    }

    /** Why a call failed; a wait for its turn that lasted to the end is what ended it. */
    Cause causeOf(Throwable failure, long nowNanos, Cause ifUnanswered) {
        Throwable root =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (root instanceof ModelBusyException) {
            return nowNanos - cutoffNanos >= 0 ? ifUnanswered : Cause.BUSY;
        } else if (root instanceof ModelUnavailableException) {
            return Cause.MODEL_DOWN;
        } else if (root instanceof CancellationException) {
            return ifUnanswered;
        }
        return Cause.MODEL_ERROR;
    }
}
