package dev.precast.server;

import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.cache.PolicySource;
import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.store.StoreException;
import java.nio.file.Path;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Trust of a node of a fleet: the root's public key and, for a worker, a signing key come in files; the policy comes from
 * the store, where an operator puts it. This node makes none of the three. Without a policy it runs, is not ready, and
 * looks again.
 */
final class FleetTrust implements Trust {
    private static final Logger LOG = Logger.getLogger("precast");

    private final TrustRoot root;
    private final @Nullable SigningKey signingKey;
    private final String builder;
    private final PolicySource policy;
    private long judged = -1;
    private String said = "";

    /** @throws io.quarkus.runtime.configuration.ConfigurationException if a file is missing or malformed */
    FleetTrust(PrecastConfig.TrustConfig files, String builder, DocumentStore documents, Path highestSeen) {
        Path rootFile = files.root()
                .orElseThrow(() -> Refusal.because("a node of a fleet needs the public key of the trust root:"
                        + " set precast.trust.root to its file (precast trust root create makes one)"));
        this.root = Trust.readRoot(rootFile, "precast.trust.root " + rootFile);
        this.signingKey = files.signingKey().map(FleetTrust::readKey).orElse(null);
        this.builder = builder;
        this.policy = new PolicySource(root, documents, highestSeen);
        refresh();
    }

    private static SigningKey readKey(Path file) {
        try {
            return SigningKey.parse(
                    KeyFiles.readSecret(file).orElseThrow(() -> new IllegalArgumentException("missing")));
        } catch (IllegalArgumentException e) {
            throw Refusal.because("precast.trust.signing-key " + file + ": " + e.getMessage());
        }
    }

    @Override
    public TrustRoot root() {
        return root;
    }

    @Override
    public PolicySource policy() {
        return policy;
    }

    @Override
    public SigningKey signingKey() {
        if (signingKey == null) {
            throw Refusal.because(
                    "a worker needs a signing key: set precast.trust.signing-key to its file (precast trust keys"
                            + " create makes one), and have the trust policy name it");
        }
        return signingKey;
    }

    @Override
    public synchronized void refresh() {
        try {
            say(policy.refresh().map(e -> "the stored trust policy is refused: " + e.getMessage()));
        } catch (StoreException e) {
            say(Optional.of("the trust policy cannot be read: " + e.getMessage()));
            return;
        }
        judge();
    }

    /** The same trouble is said once, not every few seconds. */
    private void say(Optional<String> trouble) {
        if (!trouble.orElse("").equals(said)) {
            said = trouble.orElse("");
            trouble.ifPresent(LOG::warn);
        }
    }

    private void judge() {
        long version = policy.find().map(TrustPolicy::version).orElse(0L);
        if (version == judged) {
            return;
        }
        judged = version;
        if (version == 0) {
            LOG.warnf(
                    "the store holds no trust policy that root %s signed; nothing counts until one is put there:"
                            + " PUT /v1/trust",
                    root.key().id());
        } else if (signingKey != null && !Trust.names(policy.get(), signingKey, builder)) {
            LOG.warnf(
                    "policy %d does not name this worker's signing key %s for builder %s: what is compiled here counts"
                            + " for nobody",
                    version, signingKey.verifyingKey().id(), builder);
        }
    }

    @Override
    public void renew() {
        // Whoever holds the root does.
    }
}
