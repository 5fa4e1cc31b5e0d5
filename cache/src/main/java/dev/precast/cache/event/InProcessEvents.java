package dev.precast.cache.event;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Events of the embedded default: listeners are called by the thread that publishes. */
public final class InProcessEvents implements CompileEvents {
    private final List<Consumer<CompileEvent>> listeners = new CopyOnWriteArrayList<>();

    @Override
    public void publish(CompileEvent event) {
        listeners.forEach(listener -> listener.accept(event));
    }

    @Override
    public Subscription subscribe(Consumer<CompileEvent> listener) {
        // A wrapper, so that one listener may subscribe twice and each subscription ends alone.
        Consumer<CompileEvent> own = listener::accept;
        listeners.add(own);
        return () -> listeners.remove(own);
    }
}
