package dev.precast.server;

import dev.precast.artifact.Digest;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.attestation.TrustedKey;
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
 * Root, signing key and policy of the embedded default. The first start makes all three. While the root's secret half is
 * at hand, a policy that nears its expiry is signed again with everything it says, and one that names this server's key no
 * longer is followed by one that names a new key; nothing else ever changes it here, so what an operator revokes stays
 * revoked.
 */
final class EmbeddedTrust implements Trust {
    private static final Logger LOG = Logger.getLogger("precast");
    private static final Duration LIFE = Duration.ofDays(365);
    private static final Duration GRACE = Duration.ofDays(30);
    private static final Duration RENEWED_BEFORE = Duration.ofDays(30);
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

    private final @Nullable SigningKey rootKey;
    private final TrustRoot root;
    private final Path signingFile;
    private final PolicySource policy;
    private final String builder;
    private final InstantSource clock;
    private volatile SigningKey signingKey;
    /** The policy version that was last looked at for this server's key; 0 while starting. */
    private volatile long judged;

    EmbeddedTrust(DataFolder data, DocumentStore documents, String builder, InstantSource clock) {
        this.builder = builder;
        this.clock = clock;
        Path publicFile = data.trust().resolve("root.pub");
        Path secretFile = data.trust().resolve("root.key");
        Optional<String> secret = KeyFiles.readSecret(secretFile);
        if (secret.isEmpty() && !Files.exists(publicFile)) {
            SigningKey fresh = SigningKey.generate();
            KeyFiles.writeSecret(secretFile, fresh.secretText());
            secret = Optional.of(fresh.secretText());
        }
        this.rootKey = secret.map(text -> key(secretFile, text)).orElse(null);
        if (rootKey != null && !Files.exists(publicFile)) {
            KeyFiles.writePublic(publicFile, rootKey.verifyingKey().toString());
        }
        this.root = Trust.readRoot(publicFile, publicFile.toString());
        this.policy = new PolicySource(root, documents, data.trust().resolve("policy.version"));

        this.signingFile = data.keys().resolve("signing.key");
        Optional<SigningKey> kept = KeyFiles.readSecret(signingFile).map(text -> key(signingFile, text));
        this.signingKey = kept.orElseGet(SigningKey::generate);
        refresh();
        if (policy.find().isEmpty() && policy.highest() > 0) {
            throw Refusal.because(
                    "trust policy " + policy.highest() + " was in force, but the store has no policy that is"
                            + " as new: put it back; to start anew without what it said, delete trust/policy.version");
        }
        if (kept.isEmpty()) {
            adopt(signingKey, "a new signing key");
        }
        renew();
        judge();
    }

    /** The policy first: a key that is on disk is one that a policy named, if the root was there to sign one. */
    private void adopt(SigningKey fresh, String why) {
        issue(why, Optional.of(fresh));
        signingKey = fresh; // Before the file is on disk, which takes a while: what the old one signs counts no longer.
        KeyFiles.writeSecret(signingFile, fresh.secretText());
    }

    private static SigningKey key(Path file, String text) {
        try {
            return SigningKey.parse(text);
        } catch (IllegalArgumentException e) {
            throw Refusal.because(file + ": " + e.getMessage());
        }
    }

    @Override
    public TrustRoot root() {
        return root;
    }

    /** What signs now; another one once the policy names this one no longer. */
    @Override
    public SigningKey signingKey() {
        return signingKey;
    }

    @Override
    public PolicySource policy() {
        return policy;
    }

    /**
     * Reads the policy again; one that is refused is logged. If a new one does not name this server's key, the key gives
     * way to a new one, or if the root is not at hand that is logged.
     */
    @Override
    public synchronized void refresh() {
        policy.refresh().ifPresent(e -> LOG.warnf("the stored trust policy is refused: %s", e.getMessage()));
        if (judged > 0 && policy.get().version() != judged) {
            judge();
        }
    }

    private void judge() {
        TrustPolicy current = policy.get();
        if (!Trust.names(current, signingKey, builder) && rootKey != null) {
            Digest revoked = signingKey.verifyingKey().id();
            adopt(SigningKey.generate(), "the signing key was revoked");
            LOG.infof(
                    "policy %d names signing key %s no longer: it is deleted; policy %d names %s in its place",
                    current.version(),
                    revoked,
                    policy.get().version(),
                    signingKey.verifyingKey().id());
            current = policy.get();
        }
        if (!Trust.names(current, signingKey, builder)) {
            LOG.warnf(
                    "policy %d does not name this server's signing key %s for builder %s: what is compiled here counts"
                            + " for nobody; see docs/explanation/server.md",
                    current.version(), signingKey.verifyingKey().id(), builder);
        }
        judged = current.version();
    }

    /** Signs the policy again if there is none or it nears its expiry. */
    @Override
    public synchronized void renew() {
        Optional<TrustPolicy> current = policy.find();
        if (current.isEmpty()
                || current.get().expiresAt().isBefore(clock.instant().plus(RENEWED_BEFORE))) {
            issue(current.isEmpty() ? "there is none" : "it nears its expiry", Optional.empty());
        }
    }

    /** @param added a key of this server that the policy shall name too */
    private void issue(String why, Optional<SigningKey> added) {
        if (rootKey == null) {
            if (policy.find().isEmpty()) {
                throw Refusal.because("there is no trust policy, and no root.key to sign one: put both back");
            }
            LOG.warnf("the trust policy wants to be signed again (%s), but root.key is not here: PUT /v1/trust", why);
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
            throw new IllegalStateException("the root refuses the policy that it signed", e);
        }
    }

    /** Those of the policy before; this server's lives longer. A first policy names it in any case. */
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
