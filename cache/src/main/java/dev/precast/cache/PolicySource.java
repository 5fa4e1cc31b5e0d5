package dev.precast.cache;

import dev.precast.attestation.Check;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.store.StoreException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The current trust policy: the stored document, verified with the root's key. A file keeps the highest version seen,
 * so that neither a restart nor a writer of the store can bring back an older policy.
 *
 * <p>Thread safe.
 */
public final class PolicySource implements Supplier<TrustPolicy> {
    /** Name of the document. */
    public static final String DOCUMENT = "trust/policy";

    private final TrustRoot root;
    private final DocumentStore documents;
    private final VersionFile versions;
    private volatile @Nullable Current current;

    /** @param highestSeen file with the highest version seen, as decimal digits */
    public PolicySource(TrustRoot root, DocumentStore documents, Path highestSeen) {
        this.root = root;
        this.documents = documents;
        this.versions = new VersionFile(highestSeen, "trust policy");
    }

    /** @throws NoPolicyException if no policy was read yet */
    @Override
    public TrustPolicy get() {
        return current().policy;
    }

    /** The current policy; empty if none was read yet. */
    public Optional<TrustPolicy> find() {
        Current now = current;
        return now == null ? Optional.empty() : Optional.of(now.policy);
    }

    /**
     * The signed envelope of the current policy. Do not modify the array.
     *
     * @throws NoPolicyException if no policy was read yet
     */
    public byte[] envelope() {
        return current().document.bytes();
    }

    private Current current() {
        Current now = current;
        if (now == null) {
            throw new NoPolicyException("trust policy: none in force yet (expected one that is signed by root "
                    + root.key().id() + "); publish one");
        }
        return now;
    }

    /**
     * Reads the stored policy again.
     *
     * @return why the stored policy was refused and the current one kept; empty if there is no problem
     */
    public Optional<RefusedException> refresh() {
        return refresh(Duration.ZERO);
    }

    /**
     * Like {@link #refresh()}, but may use a copy of the stored policy, as {@link DocumentStore#find(String, Duration)}
     * does.
     *
     * @param oldest maximum age of the copy
     */
    public synchronized Optional<RefusedException> refresh(Duration oldest) {
        DocumentStore.Document stored = documents.find(DOCUMENT, oldest).orElse(null);
        Current before = current;
        if (stored == null || (before != null && before.document.version().equals(stored.version()))) {
            return Optional.empty();
        }
        try {
            take(root.open(stored.bytes(), highest()), stored);
            return Optional.empty();
        } catch (RefusedException e) {
            return Optional.of(e);
        }
    }

    /**
     * Replaces the policy with one of a higher version.
     *
     * @param envelope the signed policy
     * @return the policy
     * @throws RefusedException if the root did not sign the policy, or the policy's version is not above the highest
     *     version seen
     */
    public synchronized TrustPolicy replace(byte[] envelope) throws RefusedException {
        for (int round = 0; round < 10; round++) {
            refresh();
            TrustPolicy fresh = root.open(envelope, 0);
            if (fresh.version() <= highest()) {
                throw new RefusedException(
                        Check.POLICY,
                        "expected a version above " + highest() + ", the highest that this server has accepted, found "
                                + fresh.version());
            }
            String ifVersion = documents
                    .find(DOCUMENT)
                    .map(DocumentStore.Document::version)
                    .orElse(null);
            Optional<String> written = documents.put(DOCUMENT, envelope, ifVersion);
            if (written.isPresent()) {
                take(fresh, new DocumentStore.Document(envelope.clone(), written.get()));
                return fresh;
            }
        }
        throw new StoreException("trust policy: too many concurrent writers; retry", true, null);
    }

    /** Stores the version before it makes the policy current, so that a crash cannot lose the version. */
    private void take(TrustPolicy policy, DocumentStore.Document document) {
        versions.saw(policy.version());
        current = new Current(policy, document);
    }

    /** The highest version seen; 0 if there is none. */
    public long highest() {
        return versions.highest();
    }

    /** The root that signs the policies. */
    TrustRoot root() {
        return root;
    }

    private record Current(TrustPolicy policy, DocumentStore.Document document) {}
}
