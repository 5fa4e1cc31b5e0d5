package dev.precast.host;

import java.io.IOException;

/** A module's bytes, read only when they are needed: on a miss. May be called from another thread, and more than once. */
@FunctionalInterface
public interface WasmBytes {
    /** All bytes of the module; not changed by the caller. */
    byte[] read() throws IOException;
}
