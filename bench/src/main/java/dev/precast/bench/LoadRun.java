package dev.precast.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Repeats a call on several threads. Each thread waits for the answer before the next call. */
final class LoadRun {
    private static final long HIGHEST_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final int DIGITS = 3;

    private LoadRun() {}

    /**
     * Makes calls for {@code seconds}, or until a call returns 0 because nothing is left to request.
     *
     * @throws IllegalStateException if a call failed
     */
    static Figures of(int threads, long seconds, Callable<Long> call) throws InterruptedException {
        long begin = System.nanoTime();
        long end = begin + TimeUnit.SECONDS.toNanos(seconds);
        Histogram all = new Histogram(HIGHEST_NANOS, DIGITS);
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<Histogram>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                running.add(pool.submit(() -> untilThen(end, call)));
            }
            for (Future<Histogram> one : running) {
                all.add(one.get());
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("call: failed: " + e.getCause(), e);
        }
        return new Figures(
                all.getTotalCount() / ((System.nanoTime() - begin) / 1e9),
                all.getValueAtPercentile(50) / 1e6,
                all.getValueAtPercentile(99) / 1e6,
                all.getValueAtPercentile(99.9) / 1e6);
    }

    private static Histogram untilThen(long end, Callable<Long> call) throws Exception {
        Histogram histogram = new Histogram(HIGHEST_NANOS, DIGITS);
        for (long start = System.nanoTime(); start < end; ) {
            if (call.call() == 0) {
                break;
            }
            long now = System.nanoTime();
            histogram.recordValue(Math.min(now - start, HIGHEST_NANOS));
            start = now;
        }
        return histogram;
    }
}
