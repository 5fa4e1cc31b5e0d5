package dev.precast.testkit.contract;

import dev.precast.cache.event.CompileEvents;
import dev.precast.cache.event.InProcessEvents;

class InProcessEventsTest extends CompileEventsContract {
    @Override
    protected CompileEvents freshEvents() {
        return new InProcessEvents();
    }
}
