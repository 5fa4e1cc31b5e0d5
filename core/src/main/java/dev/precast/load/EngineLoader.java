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
     * The lanes whose artifacts load in this process, most preferred first. The first call may read class files.
     *
     * @throws UnsupportedHostException if this process cannot load artifacts of any lane
     */
    List<Lane> lanes();

    /**
     * Loads an artifact whose attestation the caller has verified. The loader verifies the payload: as a whole now, or
     * each part when it is first used.
     *
     * @throws RefusedException if the payload is not the signed one, or contains code that may not run
     * @throws IOException if the payload cannot be read
     */
    M load(VerifiedArtifact artifact) throws IOException, RefusedException;

    /**
     * Loads a module into the engine's interpreter, for hosts that start before the artifact exists.
     *
     * @param wasm the module's bytes
     * @throws IllegalArgumentException if the engine refuses the module
     */
    M interpret(byte[] wasm);
}
