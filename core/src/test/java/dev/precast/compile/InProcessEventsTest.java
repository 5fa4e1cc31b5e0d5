package dev.precast.compile;

class InProcessEventsTest extends CompileEventsContract {
    @Override
    protected CompileEvents freshEvents() {
        return new InProcessEvents();
    }
}
