package dev.precast.cache;

import dev.precast.artifact.ArtifactKey;
import dev.precast.cache.event.CompileEvent;
import dev.precast.cache.event.CompileEvents;

/**
 * Tells all replicas that the artifact of a key no longer exists, so that they drop their cached states of the key. A
 * replica that is not reached drops them when they are ten minutes old.
 *
 * <p>Thread safe.
 */
public final class Withdrawals {
    private final KeyStates states;
    private final CompileEvents events;

    public Withdrawals(KeyStates states, CompileEvents events) {
        this.states = states;
        this.events = events;
    }

    /** Call this method after the store was changed, because replicas read the store. */
    public void tell(ArtifactKey key) {
        states.forget(key);
        events.publish(new CompileEvent(key, CompileEvent.Kind.WITHDRAWN));
    }
}
