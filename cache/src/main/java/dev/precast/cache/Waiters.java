package dev.precast.cache;

import dev.precast.artifact.ArtifactKey;
import dev.precast.cache.event.CompileEvents;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Wakes the threads that wait for a key. All threads share one subscription, which drops the key's cache entry before
 * it wakes them.
 *
 * <p>Thread safe.
 */
final class Waiters implements AutoCloseable {
    private final Map<ArtifactKey, Set<Ticket>> waiting = new ConcurrentHashMap<>();
    private final CompileEvents.Subscription subscription;
    private volatile boolean ended;

    Waiters(CompileEvents events, KeyStates states) {
        this.subscription = events.subscribe(event -> {
            states.forget(event.key());
            waiting.getOrDefault(event.key(), Set.of()).forEach(Ticket::wake);
        });
    }

    /** Starts to count events about {@code key}. */
    Ticket join(ArtifactKey key) {
        Ticket ticket = new Ticket(key);
        waiting.compute(key, (k, tickets) -> {
            Set<Ticket> all = tickets == null ? ConcurrentHashMap.newKeySet() : tickets;
            all.add(ticket);
            return all;
        });
        return ticket;
    }

    /** Wakes all threads, for the last time. */
    void end() {
        ended = true;
        waiting.values().forEach(tickets -> tickets.forEach(Ticket::wake));
    }

    /** Whether no thread should wait any more. */
    boolean isEnded() {
        return ended;
    }

    @Override
    public void close() {
        subscription.close();
    }

    /** The registration of one waiting thread. */
    final class Ticket implements AutoCloseable {
        private final ArtifactKey key;
        private final Semaphore heard = new Semaphore(0);

        Ticket(ArtifactKey key) {
            this.key = key;
        }

        void wake() {
            heard.release();
        }

        /** Waits for an event. Returns whether there was one since the last call or within {@code atMost}. */
        boolean await(Duration atMost) throws InterruptedException {
            boolean woken = heard.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS);
            heard.drainPermits();
            return woken;
        }

        @Override
        public void close() {
            waiting.computeIfPresent(key, (k, tickets) -> {
                tickets.remove(this);
                return tickets.isEmpty() ? null : tickets;
            });
        }
    }
}
