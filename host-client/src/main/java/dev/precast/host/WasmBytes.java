package dev.precast.host;

import java.io.IOException;

/** A module's bytes, read only on a miss. May be called more than once, on any thread. */
@FunctionalInterface
public interface WasmBytes {
    /** Reads all bytes of the module. The caller does not modify the array. */
    byte[] read() throws IOException;
}
