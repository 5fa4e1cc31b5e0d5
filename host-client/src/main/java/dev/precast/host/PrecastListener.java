package dev.precast.host;

import java.util.List;

/**
 * Receives the events of a {@link Precast} on the threads that load modules, so it must return quickly. Exceptions are
 * logged and otherwise ignored.
 */
@FunctionalInterface
public interface PrecastListener {
    /** Receives one event. New kinds of events may be added: ignore those that you do not know. */
    void on(PrecastEvent event);

    /** A listener that passes each event to this one, then to {@code next}; exceptions of either are logged. */
    default PrecastListener and(PrecastListener next) {
        return new Listeners(List.of(this, next));
    }

    /**
     * The listener that every {@link Precast} starts with: logs problems as warnings to the system logger
     * {@code dev.precast.host}.
     */
    static PrecastListener logging() {
        return new Listeners.Log();
    }
}
