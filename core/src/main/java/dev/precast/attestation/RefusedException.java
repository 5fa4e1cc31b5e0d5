package dev.precast.attestation;

import org.jspecify.annotations.Nullable;

/** An artifact, an attestation or a policy that failed a check. For a host it is a miss, and is counted. */
public final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Check check;

    /** @param detail what was expected and what was found */
    public RefusedException(Check check, @Nullable String detail) {
        super(check.label() + ": " + detail);
        this.check = check;
    }

    /** Which check failed. */
    public Check check() {
        return check;
    }
}
