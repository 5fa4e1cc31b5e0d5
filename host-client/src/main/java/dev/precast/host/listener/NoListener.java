package dev.precast.host.listener;

import dev.precast.host.PrecastEvent;
import dev.precast.host.PrecastListener;

/** Ignores all events. A record, because the first lambda costs a starting JVM milliseconds. */
public record NoListener() implements PrecastListener {
    @Override
    public void on(PrecastEvent event) {}
}
