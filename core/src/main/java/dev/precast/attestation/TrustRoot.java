package dev.precast.attestation;

import dev.precast.artifact.FileErrors;
import dev.precast.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The offline key that signs trust policies, and the lowest policy version to accept. Hosts get both out of band (file,
 * environment variable or code), never from the service.
 *
 * @param key the root's public key
 * @param lowestVersion readers refuse policies below this version; 0 (none is known) to 2^53-1
 */
public record TrustRoot(VerifyingKey key, long lowestVersion) {
    private static final String WHAT = "trust policy";

    /** @throws IllegalArgumentException if the version is out of range */
    public TrustRoot {
        if (lowestVersion < 0 || lowestVersion > Json.MAX_INT) {
            throw new IllegalArgumentException("lowest policy version: expected 0 to 2^53-1, found " + lowestVersion);
        }
    }

    /** A root whose lowest policy version is not known. */
    public TrustRoot(VerifyingKey key) {
        this(key, 0);
    }

    /**
     * Parses base64 of the root's public key. An {@code @} and the lowest policy version may follow, such as
     * {@code KEY@7}.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static TrustRoot parse(String text) {
        int at = text.lastIndexOf('@'); // Not a character of base64.
        return at < 0
                ? new TrustRoot(VerifyingKey.parse(text))
                : new TrustRoot(VerifyingKey.parse(text.substring(0, at)), version(text.substring(at + 1)));
    }

    /**
     * Reads a root from a file, or parses it as {@link #parse} does. Both forms may end with {@code @} and the lowest
     * policy version.
     *
     * @throws IllegalArgumentException if the text is neither a file with a root nor a root
     */
    public static TrustRoot read(String fileOrKey) {
        String text = fileOrKey.strip();
        if (Files.isRegularFile(Path.of(text))) {
            return read(Path.of(text));
        }
        int at = text.lastIndexOf('@');
        if (at > 0 && Files.isRegularFile(Path.of(text.substring(0, at)))) {
            TrustRoot root = read(Path.of(text.substring(0, at)));
            return new TrustRoot(root.key, Math.max(root.lowestVersion, version(text.substring(at + 1))));
        }
        try {
            return parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "trust root " + text + ": neither a file nor a base64 Ed25519 public key: " + e.getMessage(), e);
        }
    }

    /**
     * Reads a root from a file, which contains what {@link #parse} accepts.
     *
     * @throws IllegalArgumentException if the file cannot be read or contains no root
     */
    public static TrustRoot read(Path file) {
        try {
            return parse(Files.readString(file));
        } catch (IOException e) {
            throw new IllegalArgumentException("trust root: " + FileErrors.text(e), e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("trust root " + file + ": " + e.getMessage(), e);
        }
    }

    private static long version(String text) {
        try {
            long version = Long.parseLong(text.strip());
            if (version >= 1 && version <= Json.MAX_INT) {
                return version;
            }
        } catch (NumberFormatException e) {
            // The error is thrown below.
        }
        throw new IllegalArgumentException(
                "lowest policy version after @: expected 1 to 2^53-1, found \"" + text.strip() + "\"");
    }

    /**
     * Verifies a policy's signature and version, and returns the policy. Does not check the expiry.
     *
     * @param envelope the envelope's JSON
     * @param lowestSeen the highest version seen before, or 0 if there is none; lower versions are refused, and those
     *     below {@link #lowestVersion}
     * @throws RefusedException if the policy is not signed by this root, is malformed, or has a lower version
     */
    public TrustPolicy open(byte[] envelope, long lowestSeen) throws RefusedException {
        byte[] payload = Envelope.parse(envelope, WHAT).open(TrustPolicy.PAYLOAD_TYPE, key, WHAT, "root");
        TrustPolicy policy = PolicyJson.fromJson(payload);
        if (policy.version() < lowestSeen) {
            throw new RefusedException(
                    Check.POLICY,
                    "version " + policy.version() + " is older than version " + lowestSeen + ", which was seen before");
        }
        if (policy.version() < lowestVersion) {
            throw new RefusedException(
                    Check.POLICY,
                    "version " + policy.version() + " is older than version " + lowestVersion
                            + ", the lowest that the trust root was given with");
        }
        return policy;
    }
}
