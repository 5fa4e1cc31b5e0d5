package dev.precast.host;

/** Passes events on and logs what the host's listener throws: a metric is no reason to fail a load. */
record QuietListener(PrecastListener to) implements PrecastListener {
    @Override
    public void on(PrecastEvent event) {
        try {
            to.on(event);
        } catch (RuntimeException e) {
            System.getLogger("dev.precast.host").log(System.Logger.Level.WARNING, "the listener failed", e);
        }
    }
}
