package dev.precast.attestation;

import java.util.Locale;

/** The checks between a stored artifact and running it, in the order in which they are made. */
public enum Check {
    /** Sizes are within their caps. */
    SIZE,
    /** The envelope is a DSSE envelope. */
    ENVELOPE,
    /** The policy names the key, and the key signed these bytes. */
    SIGNATURE,
    /** Payload and predicate type, and the statement's form. */
    STATEMENT,
    /** The statement is about the artifact that was asked for. */
    KEY,
    /** The key may sign for this builder, engine and target, at that time. */
    KEY_SCOPE,
    /** The policy allows engine, pack and payload, and is in force. */
    POLICY,
    /** The payload's digest and size. */
    PAYLOAD,
    /** The index of a bundle. */
    INDEX,
    /** An entry of a bundle. */
    ENTRY,
    /** What the classes may refer to. */
    BYTECODE,
    /** Whether this host's engine can load it at all. */
    LOADABLE;

    /** Lower case with hyphens, as in messages, metrics and JSON. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
