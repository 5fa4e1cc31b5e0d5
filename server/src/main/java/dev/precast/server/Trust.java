package dev.precast.server;

import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.cache.PolicySource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The trust policy and the signing key of this node. */
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

    TrustRoot root();

    PolicySource policy();

    /**
     * The current signing key, which may change later.
     *
     * @throws io.quarkus.runtime.configuration.ConfigurationException if this node has no signing key
     */
    SigningKey signingKey();

    /** Reads the policy again. Logs if it is refused or does not contain this node's key. */
    void refresh();

    /** Signs the policy again if this node can sign it and it expires soon. */
    void renew();
}
