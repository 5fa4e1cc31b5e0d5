package dev.precast.cache.event;

import java.util.function.Consumer;

/**
 * The port for events about keys. Events may be lost, repeated or forged.
 *
 * <p>Implementations are thread safe.
 */
public interface CompileEvents {
    /** Sends the event to all listeners, if there are any. */
    void publish(CompileEvent event);

    /**
     * Calls {@code listener} for each event from now on, on any thread. The listener must return quickly and must not
     * throw.
     */
    Subscription subscribe(Consumer<CompileEvent> listener);

    /** A subscription; {@link #close} ends it. */
    interface Subscription extends AutoCloseable {
        @Override
        void close();
    }
}
