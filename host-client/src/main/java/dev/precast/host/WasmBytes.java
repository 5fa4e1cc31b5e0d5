package dev.precast.host;

import java.io.IOException;

/** Supplies a module's bytes. Called only after a miss, possibly more than once and on any thread. */
@FunctionalInterface
public interface WasmBytes {
    /** Reads all bytes of the module. The caller does not modify the array. */
    byte[] read() throws IOException;
}
