package dev.precast.host;

/** Ignores all events. A record, because the first lambda costs a starting JVM milliseconds. */
record NoListener() implements PrecastListener {
    @Override
    public void on(PrecastEvent event) {}
}
