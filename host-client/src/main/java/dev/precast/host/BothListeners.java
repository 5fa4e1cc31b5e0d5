package dev.precast.host;

/** Passes events to two listeners; one that throws does not keep the event from the other. */
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
