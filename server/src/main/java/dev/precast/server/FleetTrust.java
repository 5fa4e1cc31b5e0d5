package dev.precast.server;

import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.cache.FreshnessSource;
import dev.precast.cache.OnlineKey;
import dev.precast.cache.PolicySource;
import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.store.StoreException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Trust of a node of a fleet. The root's public key, a worker's signing key and an API node's online key come from
 * files; the policy and the appointment of the online key from the store, where an operator publishes them. The node
 * creates none of them. Without a policy, the node is not ready and keeps reading the store.
 */
final class FleetTrust implements Trust {
    private static final Logger LOG = Logger.getLogger("precast");

    private final TrustRoot root;
    private final @Nullable SigningKey signingKey;
    private final String builder;
    private final boolean api;
    private final PolicySource policy;
    private final FreshnessSource freshness;
    private final ProblemLog policyProblems = new ProblemLog();
    private final ProblemLog proofProblems = new ProblemLog();
    private long judged = -1;

    /**
     * @param seen folder for the highest versions seen
     * @throws io.quarkus.runtime.configuration.ConfigurationException if a file is missing or malformed
     */
    FleetTrust(PrecastConfig config, Path seen, DocumentStore documents, InstantSource clock) {
        PrecastConfig.TrustConfig files = config.trust();
        Path rootFile = files.root()
                .orElseThrow(() -> Refusal.because("precast.trust.root: not set (expected the file with the trust"
                        + " root's public key); create a root with precast trust root create"));
        this.root = Trust.readRoot(rootFile, "precast.trust.root " + rootFile);
        this.signingKey = files.signingKey()
                .map(file -> readKey("precast.trust.signing-key", file))
                .orElse(null);
        this.builder = config.builder();
        this.api = config.role().servesApi();
        this.policy = new PolicySource(root, documents, seen.resolve("policy.version"));
        this.freshness =
                new FreshnessSource(policy, documents, seen.resolve("appointment.version"), onlineKey(config), clock);
        refresh(Duration.ZERO);
    }

    private static @Nullable OnlineKey onlineKey(PrecastConfig config) {
        Path file = config.trust().onlineKey().orElse(null);
        if (file == null) {
            return null;
        }
        if (!config.role().servesApi()) {
            throw Refusal.because("precast.trust.online-key: set on a worker (expected only on nodes that serve the"
                    + " API); remove the key from this node");
        }
        SigningKey key = readKey("precast.trust.online-key", file);
        return Refusal.ifInvalid(
                "precast.trust.statement-life",
                () -> new OnlineKey(key, config.trust().statementLife()));
    }

    private static SigningKey readKey(String setting, Path file) {
        return Refusal.ifInvalid(
                setting + " " + file,
                () -> SigningKey.parse(
                        KeyFiles.readSecret(file).orElseThrow(() -> new IllegalArgumentException("file not found"))));
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
    public FreshnessSource freshness() {
        return freshness;
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
    public synchronized void refresh(Duration oldest) {
        try {
            policyProblems.found(policy.refresh(oldest).map(e -> "stored trust policy: refused: " + e.getMessage()));
        } catch (StoreException e) {
            policyProblems.found(Optional.of("trust policy: cannot be read: " + e.getMessage()));
            return;
        }
        judge();
        if (api) {
            proofProblems.found(Trust.prove(freshness));
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
        // The owner of the root signs new policies and appointments.
    }
}
