package dev.precast.load;

/**
 * Compiles inside the host's own process: the way out of a miss for a host that chose to carry a compiler.
 *
 * @param <M> the engine's own type of a loaded module
 */
@FunctionalInterface
public interface LocalCompiler<M> {
    /** @throws IllegalArgumentException if the engine refuses the module */
    M compile(byte[] wasm);
}
