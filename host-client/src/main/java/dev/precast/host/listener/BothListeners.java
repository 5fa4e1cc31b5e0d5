package dev.precast.host.listener;

import dev.precast.host.PrecastEvent;
import dev.precast.host.PrecastListener;

/** Passes events to two listeners; one that throws does not keep the event from the other. */
public record BothListeners(PrecastListener first, PrecastListener second) implements PrecastListener {
    @Override
    public void on(PrecastEvent event) {
        try {
            first.on(event);
        } finally {
            second.on(event);
        }
    }
}
