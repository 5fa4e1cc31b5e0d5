package dev.precast.attestation;

import java.util.Locale;

/** The checks of an artifact before it runs, in the order in which hosts make them. */
public enum Check {
    /** The envelope is not too large. Hosts check the signed size of the payload too, after {@link #POLICY}. */
    SIZE,
    /** The envelope is a DSSE envelope. */
    ENVELOPE,
    /** The policy contains the key, and the key signed these bytes. */
    SIGNATURE,
    /** The envelope's payload type, the predicate type and the statement's form are correct. */
    STATEMENT,
    /** The statement is about the requested artifact. */
    KEY,
    /** The key may sign for this builder, engine and target, and is valid now. */
    KEY_SCOPE,
    /** The policy allows engine, pack, payload and module, and has not expired. */
    POLICY,
    /** The payload has the signed digest and size. */
    PAYLOAD,
    /** The index of the bundle is valid. */
    INDEX,
    /** The entry of the bundle has the digest in the index. */
    ENTRY,
    /** The classes of the bundle refer only to allowed members. */
    BYTECODE,
    /** This host's engine can load the artifact. */
    LOADABLE;

    /** Lower case with hyphens, as in messages, metrics and JSON. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
