package dev.precast.attestation;

import dev.precast.json.JsonException;

/**
 * The offline key that signs trust policies. Hosts get it out of band: by file, variable or builder, never from the
 * service.
 *
 * @param key the root's public key
 */
public record TrustRoot(VerifyingKey key) {
    /**
     * Reads the root's public key: base64 of 32 bytes.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public static TrustRoot parse(String base64) {
        return new TrustRoot(VerifyingKey.parse(base64));
    }

    /**
     * The policy in the envelope, if this root signed it and it does not go back.
     *
     * @param envelope the envelope's JSON
     * @param lowestVersion the highest version seen before; 0 if none was
     * @throws RefusedException if it is not the root's, malformed, or of a lower version; expiry is not looked at
     */
    public TrustPolicy open(byte[] envelope, long lowestVersion) throws RefusedException {
        Envelope parsed;
        try {
            parsed = Envelope.parse(envelope);
        } catch (JsonException e) {
            throw new RefusedException(Check.ENVELOPE, "trust policy: " + e.getMessage());
        }
        if (!parsed.payloadType().equals(TrustPolicy.PAYLOAD_TYPE)) {
            throw new RefusedException(
                    Check.POLICY, "expected " + TrustPolicy.PAYLOAD_TYPE + ", found " + parsed.payloadType());
        }
        if (!parsed.keyId().equals(key.id())) {
            throw new RefusedException(
                    Check.SIGNATURE, "trust policy: expected root " + key.id() + ", signed by " + parsed.keyId());
        }
        TrustPolicy policy = PolicyJson.fromJson(parsed.open(key));
        if (policy.version() < lowestVersion) {
            throw new RefusedException(
                    Check.POLICY, "version " + policy.version() + " is lower than " + lowestVersion + " seen before");
        }
        return policy;
    }
}
