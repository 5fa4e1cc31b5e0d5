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
 * Trust of a node of a fleet. The root's public key and a worker's signing key come from files, the policy from the
 * store, where an operator publishes it. The node creates none of them. Without a policy, the node is not ready and
 * keeps reading the store.
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
                .orElseThrow(() -> Refusal.because("precast.trust.root: not set (expected the file with the trust"
                        + " root's public key); create a root with precast trust root create"));
        this.root = Trust.readRoot(rootFile, "precast.trust.root " + rootFile);
        this.signingKey = files.signingKey().map(FleetTrust::readKey).orElse(null);
        this.builder = builder;
        this.policy = new PolicySource(root, documents, highestSeen);
        refresh();
    }

    private static SigningKey readKey(Path file) {
        try {
            return SigningKey.parse(
                    KeyFiles.readSecret(file).orElseThrow(() -> new IllegalArgumentException("file not found")));
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
                    "precast.trust.signing-key: not set (expected the file with this worker's signing key); "
                            + "create a key with precast trust keys create and add it to the trust policy");
        }
        return signingKey;
    }

    @Override
    public synchronized void refresh() {
        try {
            say(policy.refresh().map(e -> "stored trust policy: refused: " + e.getMessage()));
        } catch (StoreException e) {
            say(Optional.of("trust policy: cannot be read: " + e.getMessage()));
            return;
        }
        judge();
    }

    /** Logs a problem once, not every few seconds. */
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
                    "trust policy: the store has none that root %s signed, so this node is not ready; publish a policy "
                            + "with precast trust policy publish",
                    root.key().id());
        } else if (signingKey != null && !Trust.names(policy.get(), signingKey, builder)) {
            LOG.warnf(
                    "policy %d does not list signing key %s for builder %s: hosts will reject artifacts built "
                            + "here until the policy lists this key",
                    version, signingKey.verifyingKey().id(), builder);
        }
    }

    @Override
    public void renew() {
        // The owner of the root signs new policies.
    }
}
