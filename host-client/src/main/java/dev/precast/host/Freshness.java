package dev.precast.host;

import dev.precast.attestation.Check;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;

/**
 * Whether a host without memory demands a proof that the trust policy is current. Such a host cannot tell an old policy,
 * with keys that were revoked since, from the current one.
 */
public enum Freshness {
    /**
     * The proof is demanded, unless the host has seen a policy of its root before, or the root was given with the
     * lowest policy version. The default.
     */
    ON,
    /** The proof is not demanded. For hosts without a network. */
    OFF;

    /** The environment variable with the setting: {@code on} or {@code off}. */
    public static final String VARIABLE = "PRECAST_FRESHNESS";

    /**
     * Parses {@code on} or {@code off}.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static Freshness parse(String text) {
        return switch (text.strip()) {
            case "on" -> ON;
            case "off" -> OFF;
            default -> throw new IllegalArgumentException("freshness: expected on or off, found \"" + text + "\"");
        };
    }

    /**
     * Whether a proof is demanded.
     *
     * @param seenBefore whether the caller has seen a policy of this root before
     */
    public boolean demands(TrustRoot root, boolean seenBefore) {
        return this == ON && !seenBefore && root.lowestVersion() == 0;
    }

    /**
     * The refusal of a policy without the demanded proof.
     *
     * @param why why there is no proof
     */
    public static RefusedException unproven(TrustPolicy policy, String why) {
        return new RefusedException(
                Check.POLICY,
                "trust policy " + policy.version() + " is not proven to be current (" + why
                        + "); a host without a network needs its root as KEY@VERSION, or freshness=off");
    }
}
