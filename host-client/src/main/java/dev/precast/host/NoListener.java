package dev.precast.host;

/** Ignores every event. A record, since the first lambda of a JVM costs a starting host milliseconds. */
record NoListener() implements PrecastListener {
    @Override
    public void on(PrecastEvent event) {}
}
