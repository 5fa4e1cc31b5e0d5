package dev.precast.api.connection;

import java.time.Duration;

/** A thread that performs a task every second until it is closed. Thread safe. */
public final class EverySecond implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Runnable task;
    private final Thread thread;

    /**
     * Starts the thread.
     *
     * @param name the thread's name
     * @param task must not throw
     */
    public EverySecond(String name, Runnable task) {
        this.task = task;
        this.thread = Thread.ofVirtual().name(name).start(this::run);
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(PAUSE);
                task.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
