package dev.precast.cache.store;

import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Announcements inside one process: the reference implementation. The announcing thread calls the listeners. */
public final class InProcessChanges implements DocumentChanges {
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();

    @Override
    public void announce(String name) {
        listeners.forEach(listener -> listener.accept(name));
    }

    @Override
    public void listen(Consumer<String> listener) {
        listeners.add(listener);
    }

    @Override
    public OptionalLong period() {
        return OptionalLong.of(0);
    }
}
