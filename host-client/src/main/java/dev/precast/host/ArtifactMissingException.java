package dev.precast.host;

import dev.precast.artifact.ModuleDigest;

/** There is no artifact that loads, and the host chose {@link MissPolicy#fail}. The message says why there is none. */
public final class ArtifactMissingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ArtifactMissingException(ModuleDigest module, String reason) {
        super("module " + module + ": " + reason);
    }
}
