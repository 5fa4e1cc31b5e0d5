package dev.precast.attestation;

/**
 * The offline key that signs trust policies. Hosts get its public half out of band (file, environment variable or
 * code), never from the service.
 *
 * @param key the root's public key
 */
public record TrustRoot(VerifyingKey key) {
    private static final String WHAT = "trust policy";

    /**
     * Parses the root's public key: base64 of 32 bytes.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static TrustRoot parse(String base64) {
        return new TrustRoot(VerifyingKey.parse(base64));
    }

    /**
     * Verifies a policy's signature and version, and returns the policy. Does not check the expiry.
     *
     * @param envelope the envelope's JSON
     * @param lowestVersion the lowest version to accept: the highest seen before, or 0 if there is none
     * @throws RefusedException if the policy is not signed by this root, is malformed, or has a lower version
     */
    public TrustPolicy open(byte[] envelope, long lowestVersion) throws RefusedException {
        byte[] payload =
                Envelope.parse(envelope, WHAT).open(TrustPolicy.PAYLOAD_TYPE, key, WHAT, "root");
        TrustPolicy policy = PolicyJson.fromJson(payload);
        if (policy.version() < lowestVersion) {
            throw new RefusedException(
                    Check.POLICY,
                    "version " + policy.version() + " is older than version " + lowestVersion
                            + ", which was seen before");
        }
        return policy;
    }
}
