package dev.precast.host;

/** Passes events to two listeners. If one throws, the other still receives the event. */
record BothListeners(PrecastListener first, PrecastListener second) implements PrecastListener {
    @Override
    public void on(PrecastEvent event) {
        try {
            first.on(event);
        } finally {
            second.on(event);
        }
    }
}
