package dev.precast.engine.wasmtime.capi;

import java.lang.foreign.MemorySegment;

/**
 * A native object that is freed when it is closed and no longer in use. Without this, a call could pass a pointer to a
 * freed object, which would abort the process. Thread safe.
 */
final class Handle {
    private final String what;
    private final MemorySegment pointer;
    private final Runnable free;
    private int users;
    private boolean closed;

    /**
     * @param what name of the object in messages
     * @param free frees the object; called once
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
     * Keeps the object from being freed until the result is closed.
     *
     * @throws IllegalStateException if the handle is closed
     */
    synchronized Use use() {
        if (closed) {
            throw new IllegalStateException(what + ": already closed");
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

    /** Refuses further users. Frees the object now or when the last user is done. A second call does nothing. */
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

    /** A use of the object; close it exactly once. */
    interface Use extends AutoCloseable {
        @Override
        void close();
    }
}
