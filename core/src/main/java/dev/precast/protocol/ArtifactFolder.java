package dev.precast.protocol;

import dev.precast.artifact.Digest;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * File names in an artifact folder, which {@code precast get} and {@code precast sync} write. Names contain digests as
 * 64 hexadecimal digits. Writers store a payload before its attestation, and write each file under a temporary name
 * before they rename it.
 */
public final class ArtifactFolder {
    /** The signed trust policy. */
    public static final String POLICY = "trust-policy.dsse.json";

    /** The proof that the trust policy is current. */
    public static final String CURRENT = "trust-current.json";

    /** The list of the artifacts that {@code precast sync} downloaded. */
    public static final String INDEX = "synced.json";

    private static final String ATTESTATION = ".dsse.json";
    private static final Pattern DIGEST = Pattern.compile("[a-f0-9]{64}");

    private ArtifactFolder() {}

    /** The file name of a key's attestation. */
    public static String attestation(Digest key) {
        return key.hex() + ATTESTATION;
    }

    /** The file name of an uncompressed payload. */
    public static String payload(Digest payload) {
        return payload.hex();
    }

    /** The key digest in the file name of an attestation; empty if the file is not an attestation. */
    public static Optional<Digest> attestedKey(String name) {
        return name.endsWith(ATTESTATION)
                ? digest(name.substring(0, name.length() - ATTESTATION.length()))
                : Optional.empty();
    }

    /** Whether a file with this name is an attestation or a payload. */
    public static boolean isArtifact(String name) {
        return digest(name).isPresent() || attestedKey(name).isPresent();
    }

    private static Optional<Digest> digest(String hex) {
        return DIGEST.matcher(hex).matches() ? Optional.of(new Digest(hex)) : Optional.empty();
    }
}
