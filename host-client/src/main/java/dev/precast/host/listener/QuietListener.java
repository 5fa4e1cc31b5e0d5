package dev.precast.host.listener;

import dev.precast.host.PrecastEvent;
import dev.precast.host.PrecastListener;

/** Passes events on and logs exceptions of the listener, so that a listener cannot fail a load. */
public record QuietListener(PrecastListener to) implements PrecastListener {
    @Override
    public void on(PrecastEvent event) {
        try {
            to.on(event);
        } catch (RuntimeException e) {
            System.getLogger("dev.precast.host").log(System.Logger.Level.WARNING, "listener: failed", e);
        }
    }
}
