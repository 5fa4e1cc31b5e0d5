package dev.precast.host;

import dev.precast.artifact.ModuleDigest;

/** There is no artifact that loads, and the host chose {@link MissPolicy#fail}. */
public final class ArtifactMissingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient MissReason reason;

    ArtifactMissingException(ModuleDigest module, MissReason reason) {
        super("module " + module + ": " + reason.text());
        this.reason = reason;
    }

    /** Why there is none. Lost when the exception is serialized. */
    public MissReason reason() {
        return reason;
    }
}
