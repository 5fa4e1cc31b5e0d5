package dev.precast.load;

import dev.precast.artifact.Lane;
import dev.precast.attestation.RefusedException;
import java.io.IOException;
import java.util.List;

/**
 * The load side of an engine: turns artifacts into the engine's own loaded modules.
 *
 * <p>Implementations are thread safe, contain no compiler, and never run code that failed a check.
 *
 * @param <M> the engine's own type of a loaded module
 */
public interface EngineLoader<M> {
    /**
     * The lanes whose artifacts load in this process, most preferred first. Computed once; may read class files.
     *
     * @throws UnsupportedHostException if artifacts cannot be loaded here at all
     */
    List<Lane> lanes();

    /**
     * Loads an artifact whose attestation was verified. Verifies the payload itself, at once or part by part at first
     * use.
     *
     * @throws RefusedException if the payload is not the signed one, or contains code that may not run
     * @throws IOException if the payload cannot be read
     */
    M load(VerifiedArtifact artifact) throws IOException, RefusedException;

    /**
     * A module that runs interpreted, for hosts that start before the artifact exists.
     *
     * @param wasm the module
     * @throws IllegalArgumentException if the engine refuses the module
     */
    M interpret(byte[] wasm);
}
