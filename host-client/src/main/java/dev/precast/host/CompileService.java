package dev.precast.host;

import dev.precast.artifact.ArtifactKey;
import dev.precast.host.service.ServiceException;
import dev.precast.protocol.KeyState;
import java.io.IOException;
import java.time.Duration;

/** A source that accepts compilation requests. Thread safe. */
public interface CompileService {
    /**
     * Requests a compilation and waits for its end.
     *
     * @param wasm read if the service does not have the module
     * @param wait how long to wait for the compilation; zero does not wait
     * @return the key's state at the end of the compilation or of the wait
     * @throws ServiceException.Problem if the service does not accept the request; the code says why
     */
    KeyState compile(ArtifactKey key, WasmBytes wasm, Duration wait) throws IOException;
}
