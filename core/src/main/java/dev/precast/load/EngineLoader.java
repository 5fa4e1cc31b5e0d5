package dev.precast.load;

import dev.precast.artifact.Lane;
import dev.precast.attestation.RefusedException;
import java.io.IOException;
import java.util.List;

/**
 * The load side of an engine: turns artifacts into the engine's own loaded modules.
 *
 * <p>Implementations are thread safe, hold no compiler, and never run what did not pass their checks.
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
     * Loads an artifact whose attestation was verified. The payload was not: what is used of it is verified here,
     * at once or when first touched.
     *
     * @throws RefusedException if the payload is not what was signed, or holds what may not run
     * @throws IOException if the payload cannot be read
     */
    M load(VerifiedArtifact artifact) throws IOException, RefusedException;

    /**
     * A module that runs without compiled code, for hosts that start before their artifact is there.
     *
     * @param wasm the module
     * @throws IllegalArgumentException if the engine refuses the module
     */
    M interpret(byte[] wasm);
}
