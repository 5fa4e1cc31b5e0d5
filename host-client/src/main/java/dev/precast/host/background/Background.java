package dev.precast.host.background;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A small pool of daemon threads for swaps, prefetching, usage reports and the trust policy. Threads start when they
 * are needed. Thread safe.
 */
public final class Background implements AutoCloseable {
    private final int threads;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable ExecutorService pool;
    private @Nullable Thread repeating;
    private boolean closed;

    /** @param threads maximum number of threads */
    public Background(int threads) {
        this.threads = threads;
    }

    /** Runs a task on a thread of the pool; false if this is closed. The caller does not see exceptions of the task. */
    public boolean execute(Runnable task) {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            if (pool == null) {
                ThreadPoolExecutor made = new ThreadPoolExecutor(
                        threads, threads, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), Background::daemon);
                made.allowCoreThreadTimeOut(true);
                pool = made;
            }
            pool.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Runs a task after {@code first} and then repeatedly with {@code pause} between runs. Only the first call has an
     * effect.
     */
    public void repeat(Runnable task, Duration first, Duration pause) {
        lock.lock();
        try {
            if (closed || repeating != null) {
                return;
            }
            Thread thread = new Repeating(task, first, pause);
            repeating = thread;
            thread.start();
        } finally {
            lock.unlock();
        }
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "precast");
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            if (pool != null) {
                pool.shutdownNow();
            }
            if (repeating != null) {
                repeating.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    private static final class Repeating extends Thread {
        private final Runnable task;
        private final Duration first;
        private final Duration pause;

        Repeating(Runnable task, Duration first, Duration pause) {
            super("precast");
            setDaemon(true);
            this.task = task;
            this.first = first;
            this.pause = pause;
        }

        @Override
        public void run() {
            try {
                Thread.sleep(first.toMillis());
                while (!isInterrupted()) {
                    task.run();
                    Thread.sleep(pause.toMillis());
                }
            } catch (InterruptedException e) {
                interrupt(); // close() was called.
            }
        }
    }
}
