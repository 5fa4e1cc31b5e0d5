package dev.precast.cache;

import dev.precast.attestation.Check;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.store.StoreException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The current trust policy: the stored document, opened by the root. The highest version seen is remembered in a file,
 * so that neither a restart nor whoever writes the store can take it back.
 *
 * <p>Thread safe.
 */
public final class PolicySource implements Supplier<TrustPolicy> {
    /** Name of the document. */
    public static final String DOCUMENT = "trust/policy";

    private final TrustRoot root;
    private final DocumentStore documents;
    private final Path highestSeen;
    private volatile @Nullable Current current;

    /** @param highestSeen file that holds the highest version seen, as decimal digits */
    public PolicySource(TrustRoot root, DocumentStore documents, Path highestSeen) {
        this.root = root;
        this.documents = documents;
        this.highestSeen = highestSeen;
    }

    /** @throws NoPolicyException if none was read yet */
    @Override
    public TrustPolicy get() {
        return current().policy;
    }

    /** The current policy, if one was read. */
    public Optional<TrustPolicy> find() {
        Current now = current;
        return now == null ? Optional.empty() : Optional.of(now.policy);
    }

    /**
     * The current policy's envelope, as the root signed it; not to be changed.
     *
     * @throws NoPolicyException if none was read yet
     */
    public byte[] envelope() {
        return current().document.bytes();
    }

    private Current current() {
        Current now = current;
        if (now == null) {
            throw new NoPolicyException(
                    "trust policy: none was read yet that root " + root.key().id() + " signed");
        }
        return now;
    }

    /**
     * Reads the document again.
     *
     * @return why the stored one is refused and the policy stays as it was; empty if all is well
     */
    public synchronized Optional<RefusedException> refresh() {
        DocumentStore.Document stored = documents.find(DOCUMENT).orElse(null);
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
     * Replaces the policy by one of a higher version.
     *
     * @param envelope the signed policy
     * @return the policy
     * @throws RefusedException if the root did not sign it, or its version is not higher than every one seen
     */
    public synchronized TrustPolicy replace(byte[] envelope) throws RefusedException {
        for (int round = 0; round < 10; round++) {
            refresh();
            TrustPolicy fresh = root.open(envelope, 0);
            if (fresh.version() <= highest()) {
                throw new RefusedException(
                        Check.POLICY,
                        "expected a version above " + highest() + ", the highest that was in force here," + " found "
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
        throw new StoreException("trust policy: other writers were faster", true, null);
    }

    /** Remembered first: what was once in force must not be forgotten by a crash. */
    private void take(TrustPolicy policy, DocumentStore.Document document) {
        if (policy.version() > highest()) {
            remember(policy.version());
        }
        current = new Current(policy, document);
    }

    /** The highest version seen; 0 if none was. */
    public long highest() {
        try {
            return Long.parseLong(Files.readString(highestSeen).strip());
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException | NumberFormatException e) {
            throw new StoreException(highestSeen + ": expected a policy version, " + e.getMessage(), false, e);
        }
    }

    private void remember(long version) {
        try {
            Files.createDirectories(highestSeen.toAbsolutePath().getParent());
            Path fresh = highestSeen.resolveSibling(highestSeen.getFileName() + ".new");
            Files.write(fresh, Long.toString(version).getBytes(StandardCharsets.US_ASCII));
            Files.move(fresh, highestSeen, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new StoreException("writing " + highestSeen + ": " + e.getMessage(), true, e);
        }
    }

    private record Current(TrustPolicy policy, DocumentStore.Document document) {}
}
