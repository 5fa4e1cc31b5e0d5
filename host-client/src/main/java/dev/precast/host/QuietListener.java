package dev.precast.host;

/** Passes events on and logs exceptions of the listener, so that a listener cannot fail a load. */
record QuietListener(PrecastListener to) implements PrecastListener {
    @Override
    public void on(PrecastEvent event) {
        try {
            to.on(event);
        } catch (RuntimeException e) {
            System.getLogger("dev.precast.host").log(System.Logger.Level.WARNING, "listener: failed", e);
        }
    }
}
