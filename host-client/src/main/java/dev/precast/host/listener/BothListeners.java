package dev.precast.host.listener;

import dev.precast.host.PrecastEvent;
import dev.precast.host.PrecastListener;

/** Passes events to two listeners. If one throws, the other still receives the event. */
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
