package dev.precast.attestation;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.artifact.Lane;
import dev.precast.artifact.ModuleDigest;
import dev.precast.json.JsonException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * What a builder says of an artifact: this payload is that key's, built by this pack.
 *
 * @param module the module that was compiled
 * @param moduleBytes its size in bytes
 * @param lane engine, engine hash, config and target that it was compiled for
 * @param format the payload's format, such as {@code jvm-bundle/1}; like the other texts 1 to 256 characters
 * @param payload digest and size of the payload as hosts load it
 * @param compressed digest and size of its zstd form, if there is one
 * @param index digest and size of a bundle's header and index; empty for formats without one
 * @param pack digest of the engine pack
 * @param runtime what ran the pack, such as the version of the JDK
 * @param builder who built it, as the policy names builders
 * @param startedOn when compiling began, to the second
 * @param finishedOn when it ended, to the second
 */
public record Attestation(
        ModuleDigest module,
        long moduleBytes,
        Lane lane,
        String format,
        SizedDigest payload,
        Optional<SizedDigest> compressed,
        Optional<SizedDigest> index,
        Digest pack,
        String runtime,
        String builder,
        Instant startedOn,
        Instant finishedOn) {
    private static final int MAX_TEXT = 256;

    /** Media type of the statement inside the envelope. */
    public static final String PAYLOAD_TYPE = "application/vnd.in-toto+json";

    /**
     * Cuts both times to the second, as they are written.
     *
     * @throws IllegalArgumentException if the module's size or a text is out of range
     */
    public Attestation {
        moduleBytes = new SizedDigest(module.digest(), moduleBytes).size();
        requireText("format", format);
        requireText("runtime", runtime);
        requireText("builder", builder);
        startedOn = startedOn.truncatedTo(ChronoUnit.SECONDS);
        finishedOn = finishedOn.truncatedTo(ChronoUnit.SECONDS);
    }

    private static void requireText(String what, String text) {
        if (text.isBlank() || text.length() > MAX_TEXT) {
            throw new IllegalArgumentException(
                    "attestation " + what + ": expected 1 to " + MAX_TEXT + " characters, found " + text.length());
        }
    }

    /** The key of the artifact. */
    public ArtifactKey key() {
        return lane.id().key(module);
    }

    /**
     * Reads an envelope's attestation without asking who signed it: for housekeeping, nothing may be loaded by it.
     *
     * @throws RefusedException if it is malformed
     */
    public static Attestation unverified(byte[] envelope) throws RefusedException {
        try {
            return Statement.fromJson(Envelope.parse(envelope).unverified());
        } catch (JsonException e) {
            throw new RefusedException(Check.ENVELOPE, e.getMessage());
        }
    }

    /** Signs the in-toto statement of this attestation. */
    public Envelope sign(SigningKey key) {
        return Envelope.sign(PAYLOAD_TYPE, Statement.toJson(this), key);
    }
}
