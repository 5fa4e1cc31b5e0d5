package dev.precast.host;

import dev.precast.artifact.ModuleDigest;
import dev.precast.artifact.VisibleText;

/** There is no usable artifact, and the miss policy is {@link MissPolicy#fail}. */
public final class ArtifactMissingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient MissReason reason;

    ArtifactMissingException(ModuleDigest module, MissReason reason) {
        super(VisibleText.line("module " + module + ": " + reason.text()));
        this.reason = reason;
    }

    /** Why there is no usable artifact. Not serialized with the exception. */
    public MissReason reason() {
        return reason;
    }
}
