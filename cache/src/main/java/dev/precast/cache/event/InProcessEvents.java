package dev.precast.cache.event;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Events inside one process. The publishing thread calls the listeners. */
public final class InProcessEvents implements CompileEvents {
    private final List<Consumer<CompileEvent>> listeners = new CopyOnWriteArrayList<>();

    @Override
    public void publish(CompileEvent event) {
        listeners.forEach(listener -> listener.accept(event));
    }

    @Override
    public Subscription subscribe(Consumer<CompileEvent> listener) {
        // A wrapper, so that a listener may subscribe twice and each subscription ends separately.
        Consumer<CompileEvent> own = listener::accept;
        listeners.add(own);
        return () -> listeners.remove(own);
    }
}
