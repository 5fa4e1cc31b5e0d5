package dev.precast.server;

import dev.precast.artifact.Digest;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.attestation.TrustedKey;
import dev.precast.cache.FreshnessSource;
import dev.precast.cache.OnlineKey;
import dev.precast.cache.PolicySource;
import dev.precast.cache.store.DocumentStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Root, signing key, online key and policy of the embedded service, which the first start creates. As long as the
 * root's private key is present, the server signs the same policy again before the policy expires, and appoints its
 * online key. If the current policy no longer contains the server's signing key, the server signs a policy with a new
 * key of its own. The server makes no other changes, so what an operator revokes stays revoked.
 */
final class EmbeddedTrust implements Trust {
    private static final Logger LOG = Logger.getLogger("precast");
    private static final Duration LIFE = Duration.ofDays(90);
    private static final Duration GRACE = Duration.ofDays(30);
    /** A day more than the first warning, because the dates are looked at once a day. */
    private static final Duration RENEWED_BEFORE = Duration.ofDays(31);

    private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

    private final @Nullable SigningKey rootKey;
    private final TrustRoot root;
    private final Path signingFile;
    private final PolicySource policy;
    private final String builder;
    private final InstantSource clock;
    private final FreshnessSource freshness;
    private final EmbeddedOnlineKey onlineKey;
    private final ProblemLog policyProblems = new ProblemLog();
    private final ProblemLog proofProblems = new ProblemLog();
    private volatile SigningKey signingKey;
    /** The last policy version that was checked for this server's key. */
    private volatile long judged;

    /** @param statementLife how long a statement that the policy is current is valid */
    EmbeddedTrust(
            DataFolder data, DocumentStore documents, String builder, Duration statementLife, InstantSource clock) {
        this.builder = builder;
        this.clock = clock;
        Path publicFile = data.trust().resolve("root.pub");
        Path secretFile = data.trust().resolve("root.key");
        SigningKey secret = KeyFiles.readKey(secretFile).orElse(null);
        if (secret == null && !Files.exists(publicFile)) {
            secret = SigningKey.generate();
            KeyFiles.writeSecret(secretFile, secret.secretText());
        }
        this.rootKey = secret;
        if (rootKey != null && !Files.exists(publicFile)) {
            KeyFiles.writePublic(publicFile, rootKey.verifyingKey().toString());
        }
        this.root = Trust.readRoot(publicFile, publicFile.toString());
        this.policy = new PolicySource(root, documents, data.trust().resolve("policy.version"));

        this.signingFile = data.keys().resolve("signing.key");
        Optional<SigningKey> kept = KeyFiles.readKey(signingFile);
        this.signingKey = kept.orElseGet(SigningKey::generate);
        this.onlineKey = new EmbeddedOnlineKey(data.keys().resolve("online.key"));
        this.freshness = new FreshnessSource(
                policy,
                documents,
                data.trust().resolve("appointment.version"),
                Refusal.ifInvalid("precast.trust.statement-life", () -> new OnlineKey(onlineKey.key(), statementLife)),
                clock);
        readPolicy();
        if (policy.find().isEmpty() && policy.highest() > 0) {
            throw Refusal.because(
                    "trust policy: version " + policy.highest() + " was in force, but the store has no policy of "
                            + "this version or a newer one; restore the policy, or delete trust/policy.version to "
                            + "start with a new policy");
        }
        if (kept.isEmpty()) {
            adopt(signingKey, "a new signing key");
        }
        renew();
        judge();
        proofProblems.found(Trust.prove(freshness));
    }

    /**
     * Replaces the signing key. If the root's private key is present, signs the policy first, so that a key on disk is
     * always in a policy.
     */
    private void adopt(SigningKey fresh, String why) {
        issue(why, Optional.of(fresh));
        // Set before the slow write of the file, because hosts no longer accept signatures of the old key.
        signingKey = fresh;
        KeyFiles.writeSecret(signingFile, fresh.secretText());
    }

    @Override
    public TrustRoot root() {
        return root;
    }

    /** The current signing key. The key is replaced if a policy no longer contains it. */
    @Override
    public SigningKey signingKey() {
        return signingKey;
    }

    @Override
    public PolicySource policy() {
        return policy;
    }

    @Override
    public FreshnessSource freshness() {
        return freshness;
    }

    /** If a new policy does not contain this server's key, replaces the key or, without the root's private key, logs. */
    @Override
    public synchronized void refresh(Duration oldest) {
        readPolicy();
        if (policy.get().version() != judged) {
            judge();
        }
        proofProblems.found(Trust.prove(freshness));
    }

    private void readPolicy() {
        policyProblems.found(policy.refresh().map(e -> "stored trust policy: refused: " + e.getMessage()));
    }

    private void judge() {
        TrustPolicy current = policy.get();
        if (!Trust.names(current, signingKey, builder) && rootKey != null) {
            Digest revoked = signingKey.verifyingKey().id();
            adopt(SigningKey.generate(), "the signing key was revoked");
            LOG.infof(
                    "policy %d does not contain signing key %s any more; replaced the key: policy %d "
                            + "contains the new key %s",
                    current.version(),
                    revoked,
                    policy.get().version(),
                    signingKey.verifyingKey().id());
            current = policy.get();
        }
        if (!Trust.names(current, signingKey, builder)) {
            LOG.warnf(
                    "policy %d does not list signing key %s for builder %s: hosts will reject artifacts built "
                            + "here until the policy lists this key; see docs/explanation/server.md",
                    current.version(), signingKey.verifyingKey().id(), builder);
        }
        judged = current.version();
    }

    /** Signs a policy if there is none or the current one expires soon, and appoints the online key likewise. */
    @Override
    public synchronized void renew() {
        Optional<TrustPolicy> current = policy.find();
        if (current.isEmpty()
                || current.get().expiresAt().isBefore(clock.instant().plus(RENEWED_BEFORE))) {
            issue(current.isEmpty() ? "missing" : "expires soon", Optional.empty());
        }
        if (rootKey != null) {
            onlineKey.appoint(freshness, rootKey, clock.instant(), LIFE, RENEWED_BEFORE);
        }
    }

    /** @param added a key of this server to add to the policy */
    private void issue(String why, Optional<SigningKey> added) {
        if (rootKey == null) {
            if (policy.find().isEmpty()) {
                throw Refusal.because(
                        "trust policy: missing, and there is no root.key to sign a new one; restore both files");
            }
            LOG.warnf(
                    "trust policy: must be signed again (%s), but the data folder has no root.key; sign the policy "
                            + "where root.key is and publish it with precast trust policy publish",
                    why);
            return;
        }
        Instant now = clock.instant();
        Optional<TrustPolicy> before = policy.find();
        TrustPolicy fresh = new TrustPolicy(
                policy.highest() + 1,
                now,
                now.plus(LIFE),
                before.map(TrustPolicy::grace).orElse(GRACE),
                keys(before, added, now),
                before.map(TrustPolicy::floors).orElse(List.of()),
                before.map(TrustPolicy::deniedDigests).orElse(Set.of()),
                before.map(TrustPolicy::extraMembers).orElse(Set.of()));
        try {
            policy.replace(fresh.sign(rootKey).toJson());
            LOG.debugf("signed trust policy %d: %s", fresh.version(), why);
        } catch (RefusedException e) {
            throw new IllegalStateException("trust policy: the root refused its own signature", e);
        }
    }

    /**
     * The keys of the previous policy, with a longer validity of this server's key. A first policy always contains this
     * server's key.
     */
    private List<TrustedKey> keys(Optional<TrustPolicy> before, Optional<SigningKey> added, Instant now) {
        Instant end = now.plus(LIFE).plus(GRACE);
        List<TrustedKey> keys = new ArrayList<>();
        for (TrustedKey key : before.map(TrustPolicy::keys).orElse(List.of())) {
            boolean mine = key.key().equals(signingKey.verifyingKey());
            keys.add(
                    mine
                            ? new TrustedKey(
                                    key.key(), key.builder(), key.engines(), key.targets(), key.notBefore(), end)
                            : key);
        }
        added.or(() -> before.isEmpty() ? Optional.of(signingKey) : Optional.empty())
                .ifPresent(key -> keys.add(
                        new TrustedKey(key.verifyingKey(), builder, Set.of(), Set.of(), now.minus(CLOCK_SKEW), end)));
        return keys;
    }
}
