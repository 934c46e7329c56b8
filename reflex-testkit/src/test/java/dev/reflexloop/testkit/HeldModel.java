package dev.reflexloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexModel;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A model whose calls a test takes one by one, on another thread than the one that asks. */
final class HeldModel implements ReflexModel {
    record Call(Question question, CompletableFuture<Answer> future) {
        void answer(String action) {
            future.complete(ScriptedModel.favouring(question, action));
        }

        boolean awaitCancelled() throws InterruptedException {
            CountDownLatch done = new CountDownLatch(1);
            future.whenComplete((answer, failure) -> done.countDown());
            return done.await(Driving.PATIENCE.toSeconds(), TimeUnit.SECONDS) && future.isCancelled();
        }

        long tick() {
            return question.perception().tick();
        }
    }

    private final BlockingQueue<Call> calls = new LinkedBlockingQueue<>();
    private final Queue<CompletableFuture<Answer>> all = new ConcurrentLinkedQueue<>();
    private final AtomicInteger mostOpen = new AtomicInteger();

    /** One at a time: a call that is added while the open ones are counted would be counted beside one that ended before it. */
    @Override
    public synchronized CompletableFuture<Answer> ask(Question question, Deadline deadline) {
        CompletableFuture<Answer> future = new CompletableFuture<>();
        all.add(future);
        mostOpen.accumulateAndGet(
                (int) all.stream().filter(each -> !each.isDone()).count(), Math::max);
        calls.add(new Call(question, future));
        return future;
    }

    @Override
    public boolean returnsAtOnce() {
        return true;
    }

    /** The next call, waited for. */
    Call next() throws InterruptedException {
        Call call = calls.poll(Driving.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(call).as("the next call of the model").isNotNull();
        return call;
    }

    boolean idle() {
        return calls.isEmpty();
    }

    int mostOpen() {
        return mostOpen.get();
    }
}
