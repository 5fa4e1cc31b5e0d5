package dev.precast.attestation;

import dev.precast.artifact.VisibleText;
import org.jspecify.annotations.Nullable;

/** An artifact, an attestation or a policy failed a check. A host treats this as a cache miss. */
public final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Check check;

    /** @param detail what was expected and what was found; null if unknown */
    public RefusedException(Check check, @Nullable String detail) {
        super(VisibleText.line(check.label() + ": " + detail));
        this.check = check;
    }

    /** What was expected and what was found: the message without the name of the check. */
    public String detail() {
        return String.valueOf(getMessage()).substring(check.label().length() + 2);
    }

    /** The failed check. */
    public Check check() {
        return check;
    }
}
