package dev.precast.load;

/**
 * Compiles in the host's own process after a miss, for hosts that choose to include a compiler.
 *
 * @param <M> the engine's own type of a loaded module
 */
@FunctionalInterface
public interface LocalCompiler<M> {
    /** @throws IllegalArgumentException if the engine refuses the module */
    M compile(byte[] wasm);
}
