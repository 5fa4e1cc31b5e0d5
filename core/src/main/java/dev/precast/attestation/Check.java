package dev.precast.attestation;

import java.util.Locale;

/** The checks of an artifact before it runs, in their order. */
public enum Check {
    /** Sizes are within their caps. */
    SIZE,
    /** The envelope is a DSSE envelope. */
    ENVELOPE,
    /** The policy contains the key, and the key signed these bytes. */
    SIGNATURE,
    /** Payload type, predicate type and the statement's form. */
    STATEMENT,
    /** The statement is about the requested artifact. */
    KEY,
    /** The key may sign for this builder, engine and target, at that time. */
    KEY_SCOPE,
    /** The policy allows engine, pack, payload and module, and has not expired. */
    POLICY,
    /** The payload has the signed digest and size. */
    PAYLOAD,
    /** The index of the bundle is valid. */
    INDEX,
    /** The entry of the bundle has the digest in the index. */
    ENTRY,
    /** The classes refer to allowed members only. */
    BYTECODE,
    /** This host's engine can load the artifact. */
    LOADABLE;

    /** Lower case with hyphens, as in messages, metrics and JSON. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
