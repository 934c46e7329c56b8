package dev.reflexloop.testkit;

import dev.reflexloop.ReflexThreads;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Lets several threads do the same at the same moment. */
final class Together {
    private static final long SECONDS = 30;

    private Together() {}

    static <T> List<T> call(int threads, Callable<T> task) throws Exception {
        CyclicBarrier start = new CyclicBarrier(threads);
        ExecutorService executor = Executors.newFixedThreadPool(threads, ReflexThreads.factory("reflex-testkit"));
        try {
            List<Future<T>> futures = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                futures.add(executor.submit(() -> {
                    start.await(SECONDS, TimeUnit.SECONDS);
                    return task.call();
                }));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures) {
                results.add(future.get(SECONDS, TimeUnit.SECONDS));
            }
            return results;
        } catch (ExecutionException failure) {
            throw new AssertionError(
                    "failed when " + threads + " threads called it at the same time", failure.getCause());
        } catch (TimeoutException hangs) {
            throw new AssertionError(
                    "did not return within " + SECONDS + " s when " + threads + " threads called it", hangs);
        } finally {
            executor.shutdownNow();
        }
    }
}
