package dev.precast.cache.event;

import java.util.function.Consumer;

/**
 * Tells who waits. Events may be lost, doubled or forged.
 *
 * <p>Implementations are thread safe.
 */
public interface CompileEvents {
    /** Tells everybody who listens. Never fails for want of listeners. */
    void publish(CompileEvent event);

    /** Calls {@code listener} for each event from now on, on any thread; it must be quick and must not throw. */
    Subscription subscribe(Consumer<CompileEvent> listener);

    /** Ends listening. */
    interface Subscription extends AutoCloseable {
        @Override
        void close();
    }
}
