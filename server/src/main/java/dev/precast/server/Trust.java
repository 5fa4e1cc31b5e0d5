package dev.precast.server;

import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.cache.FreshnessSource;
import dev.precast.cache.PolicySource;
import dev.precast.cache.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** The trust policy and the keys of this node. */
interface Trust {
    /** Whether the policy allows a key to sign for a builder. */
    static boolean names(TrustPolicy policy, SigningKey key, String builder) {
        return policy.keys().stream()
                .anyMatch(k -> k.key().equals(key.verifyingKey()) && k.builder().equals(builder));
    }

    /** @throws io.quarkus.runtime.configuration.ConfigurationException if the file has no public key; the message begins with the subject */
    static TrustRoot readRoot(Path file, String subject) {
        try {
            return TrustRoot.parse(Files.readString(file));
        } catch (IOException | IllegalArgumentException e) {
            throw Refusal.because(subject + ": expected the public key of a trust root: " + e.getMessage());
        }
    }

    /** Reads and signs the proof that the policy is current; returns what is wrong, if anything. */
    static Optional<String> prove(FreshnessSource freshness) {
        try {
            return freshness.refresh();
        } catch (StoreException e) {
            return Optional.of("proof that the policy is current: cannot be read or stored: " + e.getMessage());
        }
    }

    /** Why the policy does not accept what this node signs; empty if it does, or if there is no policy. */
    default Optional<String> unlisted(String builder) {
        SigningKey mine = signingKey();
        return policy().find()
                .filter(policy -> !names(policy, mine, builder))
                .map(policy -> "policy " + policy.version() + " does not list signing key "
                        + mine.verifyingKey().id() + " for builder " + builder
                        + "; add it with precast trust keys add and publish the policy");
    }

    TrustRoot root();

    PolicySource policy();

    /** The proof that the policy is current. */
    FreshnessSource freshness();

    /**
     * The current signing key, which may change later.
     *
     * @throws io.quarkus.runtime.configuration.ConfigurationException if this node has no signing key
     */
    SigningKey signingKey();

    /**
     * Reads the policy and, on a node that serves the API, the proof that it is current again, and signs a new proof if
     * this node can and one is due. Logs if one of them is refused, or the policy does not contain this node's key.
     *
     * @param oldest maximum age of a copy of the policy, as for
     *     {@link dev.precast.cache.store.DocumentStore#find(String, Duration)}
     */
    void refresh(Duration oldest);

    /**
     * The policy, at most that old; an older one if the store fails.
     *
     * @param oldest as for {@link #refresh}
     * @throws dev.precast.cache.NoPolicyException if no policy was read yet
     */
    default TrustPolicy policy(Duration oldest) {
        refresh(oldest);
        return policy().get();
    }

    /** Signs the policy and the appointment of the online key again if this node can, and they expire soon. */
    void renew();
}
