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
 * A builder's statement about an artifact: the payload belongs to the key and was built by the pack.
 *
 * @param module the module that was compiled
 * @param moduleBytes the module's size in bytes
 * @param lane the lane that the module was compiled for
 * @param format the payload's format, such as {@code jvm-bundle/2}, 1 to 256 characters
 * @param payload digest and size of the payload as hosts load it
 * @param compressed digest and size of the zstd form, if there is one
 * @param index digest and size of a bundle's header and index; empty for formats without one
 * @param pack digest of the engine pack
 * @param runtime the program that ran the pack, such as the JDK with its version, 1 to 256 characters
 * @param builder the builder's name in the trust policy, 1 to 256 characters
 * @param startedOn start of the compilation, in whole seconds
 * @param finishedOn end of the compilation, in whole seconds
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
     * Truncates both times to whole seconds, as the JSON form contains them.
     *
     * @throws IllegalArgumentException if the module's size or the length of a text is out of range, or a text is blank
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
            throw new IllegalArgumentException("attestation " + what + ": expected 1 to " + MAX_TEXT
                    + " characters, not all blank, found " + text.length());
        }
    }

    /** The key of the artifact. */
    public ArtifactKey key() {
        return lane.id().key(module);
    }

    /**
     * Reads an envelope's attestation without verifying the signature. For housekeeping only: never load an artifact
     * because of an unverified attestation.
     *
     * @throws RefusedException if the envelope or the attestation is malformed
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
