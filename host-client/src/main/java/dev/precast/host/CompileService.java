package dev.precast.host;

import dev.precast.artifact.ArtifactKey;
import java.io.IOException;
import java.time.Duration;

/** A source that can have artifacts made. Thread safe. */
public interface CompileService {
    /**
     * Asks for an artifact and waits for it.
     *
     * @param wasm read if the service does not have the module
     * @param wait how long to wait for the compilation; zero to only ask
     * @return absent if the service does not serve the lane
     */
    Finding compile(ArtifactKey key, WasmBytes wasm, Duration wait) throws IOException;
}
