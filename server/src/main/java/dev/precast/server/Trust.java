package dev.precast.server;

import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.cache.PolicySource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whom this node trusts, and what it signs with. */
interface Trust {
    /** Whether the policy trusts that key to sign for that builder. */
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

    TrustRoot root();

    PolicySource policy();

    /**
     * What signs now; may be another one later.
     *
     * @throws io.quarkus.runtime.configuration.ConfigurationException if this node has none
     */
    SigningKey signingKey();

    /** Reads the policy again; one that is refused, or does not name this node's key, is logged. */
    void refresh();

    /** Signs the policy again if that is this node's business and it nears its expiry. */
    void renew();
}
