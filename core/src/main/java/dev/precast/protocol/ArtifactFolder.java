package dev.precast.protocol;

import dev.precast.artifact.Digest;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Names of files in a folder of artifacts, as {@code precast get} and {@code precast sync} write it. Digests stand in
 * names as 64 hexadecimal digits. Writers put a payload before its attestation, each by rename.
 */
public final class ArtifactFolder {
    /** The signed trust policy. */
    public static final String POLICY = "trust-policy.dsse.json";

    /** The list of what {@code precast sync} brought. */
    public static final String INDEX = "synced.json";

    private static final String ATTESTATION = ".dsse.json";
    private static final Pattern DIGEST = Pattern.compile("[a-f0-9]{64}");

    private ArtifactFolder() {}

    /** The file of a key's attestation. */
    public static String attestation(Digest key) {
        return key.hex() + ATTESTATION;
    }

    /** The file of a payload, not compressed. */
    public static String payload(Digest payload) {
        return payload.hex();
    }

    /** The digest of the key whose attestation has that file name; empty if the file is no attestation. */
    public static Optional<Digest> attestedKey(String name) {
        return name.endsWith(ATTESTATION)
                ? digest(name.substring(0, name.length() - ATTESTATION.length()))
                : Optional.empty();
    }

    /** Whether the file is an attestation or a payload. */
    public static boolean isArtifact(String name) {
        return digest(name).isPresent() || attestedKey(name).isPresent();
    }

    private static Optional<Digest> digest(String hex) {
        return DIGEST.matcher(hex).matches() ? Optional.of(new Digest(hex)) : Optional.empty();
    }
}
