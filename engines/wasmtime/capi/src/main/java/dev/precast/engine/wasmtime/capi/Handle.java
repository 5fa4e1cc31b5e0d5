package dev.precast.engine.wasmtime.capi;

import java.lang.foreign.MemorySegment;

/**
 * Something of Wasmtime's that is freed when it is closed and nobody uses it any more: a call with a pointer to what was
 * freed ends the process. Thread safe.
 */
final class Handle {
    private final String what;
    private final MemorySegment pointer;
    private final Runnable free;
    private int users;
    private boolean closed;

    /**
     * @param what for messages
     * @param free called once
     */
    Handle(String what, MemorySegment pointer, Runnable free) {
        this.what = what;
        this.pointer = pointer;
        this.free = free;
    }

    MemorySegment pointer() {
        return pointer;
    }

    /**
     * Keeps it for as long as that is open.
     *
     * @throws IllegalStateException if it is closed
     */
    synchronized Use use() {
        if (closed) {
            throw new IllegalStateException(what + " is closed");
        }
        users++;
        return this::done;
    }

    private void done() {
        boolean last;
        synchronized (this) {
            users--;
            last = closed && users == 0;
        }
        if (last) {
            free.run();
        }
    }

    /** Takes no further users, and frees it now or when the last one is done. The second time it does nothing. */
    void close() {
        boolean unused;
        synchronized (this) {
            unused = !closed && users == 0;
            closed = true;
        }
        if (unused) {
            free.run();
        }
    }

    /** Closed once. */
    interface Use extends AutoCloseable {
        @Override
        void close();
    }
}
