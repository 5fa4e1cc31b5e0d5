package dev.precast.cache;

import dev.precast.attestation.Appointment;
import dev.precast.attestation.Check;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.TrustRoot;
import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.store.DocumentStore.Document;
import dev.precast.cache.store.StoreException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;

/**
 * The published appointment of an online key: a stored document, verified with the root's key. A file keeps the highest
 * version seen, so that neither a restart nor a writer of the store can bring back a key that the root has replaced.
 *
 * <p>Thread safe, as far as the file is not shared with another process.
 */
public final class Appointments {
    /** Name of the document. */
    public static final String DOCUMENT = "trust/appointment";

    private static final int ROUNDS = 10;

    private final TrustRoot root;
    private final DocumentStore documents;
    private final VersionFile versions;
    private final InstantSource clock;

    Appointments(TrustRoot root, DocumentStore documents, Path highestSeen, InstantSource clock) {
        this.root = root;
        this.documents = documents;
        this.versions = new VersionFile(highestSeen, "appointment of the online key");
        this.clock = clock;
    }

    /** The highest version seen; 0 if there is none. */
    public long highest() {
        return versions.highest();
    }

    /** The published appointment, which may have expired; empty if there is none that the root signed. */
    public Optional<Appointment> find() {
        return opened(documents.find(DOCUMENT));
    }

    private Optional<Appointment> opened(Optional<Document> stored) {
        try {
            return stored.isPresent() ? Optional.of(open(stored.get().bytes())) : Optional.empty();
        } catch (RefusedException e) {
            return Optional.empty();
        }
    }

    /** The envelope of the published appointment, not verified. */
    Optional<byte[]> envelope() {
        return documents.find(DOCUMENT).map(Document::bytes);
    }

    /** @throws RefusedException if the root did not sign the appointment, or has signed a newer one */
    Appointment open(byte[] envelope) throws RefusedException {
        return Appointment.open(envelope, root, versions.highest());
    }

    /** Records that a verified proof contains an appointment of this version. */
    synchronized void saw(long version) {
        versions.saw(version);
    }

    /**
     * Publishes an appointment. Publishing the same one again has no effect.
     *
     * @throws RefusedException if the root did not sign the appointment, it is not valid now, or another one of the
     *     same or a higher version was published
     */
    synchronized Appointment publish(byte[] envelope) throws RefusedException {
        for (int round = 0; round < ROUNDS; round++) {
            Appointment fresh = open(envelope);
            fresh.requireInForce(clock.instant());
            Optional<Document> stored = documents.find(DOCUMENT);
            if (stored.isPresent() && Arrays.equals(stored.get().bytes(), envelope)) {
                return fresh;
            }
            long published = opened(stored).map(Appointment::version).orElse(0L);
            if (published >= fresh.version()) {
                throw new RefusedException(
                        Check.POLICY,
                        "appointment of an online key: expected a version above " + published
                                + ", which is published, found " + fresh.version());
            }
            if (documents
                    .put(DOCUMENT, envelope, stored.map(Document::version).orElse(null))
                    .isPresent()) {
                versions.saw(fresh.version());
                return fresh;
            }
        }
        throw new StoreException("appointment of an online key: too many concurrent writers; retry", true, null);
    }
}
