package dev.precast.host.listener;

import dev.precast.host.PrecastEvent;
import dev.precast.host.PrecastListener;

/** Ignores every event. A record, since the first lambda of a JVM costs a starting host milliseconds. */
public record NoListener() implements PrecastListener {
    @Override
    public void on(PrecastEvent event) {}
}
