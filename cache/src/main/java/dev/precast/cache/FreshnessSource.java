package dev.precast.cache;

import dev.precast.attestation.Appointment;
import dev.precast.attestation.Check;
import dev.precast.attestation.CurrentPolicy;
import dev.precast.attestation.FreshnessProof;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.attestation.TrustedKey;
import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.store.DocumentStore.Document;
import dev.precast.cache.store.StoreException;
import dev.precast.json.Json;
import dev.precast.json.JsonException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The proof that a policy is the current one: a short-lived statement of an online key, and the root's appointment of
 * that key. The proof is a stored document, verified with the root's key. A node that has the appointed key signs a new
 * statement when the policy changes, and every hour; it signs none about an older policy than a valid statement names.
 *
 * <p>Thread safe.
 */
public final class FreshnessSource {
    /** Name of the document. */
    public static final String DOCUMENT = "trust/current";

    private static final Duration READ_INTERVAL = Duration.ofSeconds(60);
    private static final Duration MISS_INTERVAL = Duration.ofSeconds(1);
    private static final int ROUNDS = 10;

    private final PolicySource policy;
    private final TrustRoot root;
    private final DocumentStore documents;
    private final Appointments appointments;
    private final @Nullable OnlineKey online;
    private final InstantSource clock;
    private volatile @Nullable Held held;
    private Instant readAt = Instant.EPOCH;
    private long readUnder;
    private Optional<String> trouble = Optional.empty();

    /**
     * @param highestSeen file with the highest version of an appointment seen, as decimal digits
     * @param online the key of this node; null if this node signs no statements
     */
    public FreshnessSource(
            PolicySource policy,
            DocumentStore documents,
            Path highestSeen,
            @Nullable OnlineKey online,
            InstantSource clock) {
        this.policy = policy;
        this.root = policy.root();
        this.documents = documents;
        this.appointments = new Appointments(root, documents, highestSeen, clock);
        this.online = online;
        this.clock = clock;
    }

    /** The appointments of online keys. */
    public Appointments appointments() {
        return appointments;
    }

    /**
     * The proof in its JSON form; empty if there is none. The proof may have expired, or be about an older policy than
     * the current one. Do not modify the array.
     *
     * @throws StoreException if the store must be read and fails
     */
    public Optional<byte[]> proof() {
        if (held == null) {
            readUnlessJustRead();
        }
        return Optional.ofNullable(held).map(Held::json);
    }

    private synchronized void readUnlessJustRead() {
        if (held == null && !clock.instant().isBefore(readAt.plus(MISS_INTERVAL))) {
            read();
        }
    }

    /** The content of the proof, verified except for its dates; empty if there is none. Reads no store. */
    public Optional<FreshnessProof.Verified> find() {
        return Optional.ofNullable(held).map(Held::verified);
    }

    /**
     * Once a minute, and after a change of the policy: reads the stored proof again and, if this node has the appointed
     * key and a new statement is due, signs one.
     *
     * @return why the stored proof was refused, or why this node cannot sign; empty if there is no problem
     * @throws StoreException if the store fails
     */
    public synchronized Optional<String> refresh() {
        if (policyVersion() != readUnder || !clock.instant().isBefore(readAt.plus(READ_INTERVAL))) {
            read();
        }
        return trouble;
    }

    /**
     * Publishes an appointment of an online key, or a proof, and signs a statement if this node has the appointed key.
     *
     * @param document the envelope of an appointment, or a proof that the current policy is current
     * @return the version of the appointment
     * @throws RefusedException if the document does not verify, is not valid now, or is older than the published one
     */
    public synchronized long replace(byte[] document) throws RefusedException {
        policy.refresh();
        Appointment appointment;
        if (isProof(document)) {
            FreshnessProof proof = FreshnessProof.parse(document);
            FreshnessProof.Verified verified = proof.verify(root, appointments.highest());
            verified.requireInForce(clock.instant());
            requireAboutCurrent(verified);
            appointment = appoint(proof.appointment().toJson());
            store(document, verified.statement());
        } else {
            appointment = appoint(document);
        }
        read();
        return appointment.version();
    }

    private void requireAboutCurrent(FreshnessProof.Verified proof) throws RefusedException {
        byte[] envelope = policy.envelope();
        TrustPolicy current = root.open(envelope, 0);
        proof.requireCurrent(envelope, current);
        if (proof.statement().version() < current.version()) {
            throw new RefusedException(
                    Check.POLICY,
                    "proof about policy " + proof.statement().version() + ", but policy " + current.version()
                            + " is in force; sign a proof about that one");
        }
    }

    private static boolean isProof(byte[] document) throws RefusedException {
        try {
            return Json.parse(document)
                    .asObject("proof or appointment")
                    .find("appointment")
                    .isPresent();
        } catch (JsonException e) {
            throw new RefusedException(Check.ENVELOPE, e.getMessage());
        }
    }

    private Appointment appoint(byte[] envelope) throws RefusedException {
        Appointment opened = appointments.open(envelope);
        for (TrustedKey key : policy.find().map(TrustPolicy::keys).orElse(List.of())) {
            if (key.key().equals(opened.key())) {
                throw new RefusedException(
                        Check.POLICY,
                        "appointment of key " + opened.key().id()
                                + ", which signs artifacts; appoint a key that has no other use");
            }
        }
        Appointment published = appointments.publish(envelope);
        dropReplaced();
        return published;
    }

    /** Deletes a proof by a replaced online key, since hosts that know no newer appointment would accept the proof. */
    private void dropReplaced() {
        Optional<Document> stored = documents.find(DOCUMENT);
        if (stored.isPresent() && verified(stored.get()).isEmpty()) {
            documents.delete(DOCUMENT, stored.get().version());
        }
    }

    private void store(byte[] proof, CurrentPolicy statement) throws RefusedException {
        for (int round = 0; round < ROUNDS; round++) {
            Optional<Document> stored = documents.find(DOCUMENT);
            Optional<CurrentPolicy> before = stored.flatMap(this::verified).map(found -> found.verified.statement());
            if (before.isPresent() && before.get().version() > statement.version()) {
                throw new RefusedException(
                        Check.POLICY,
                        "proof about policy " + statement.version() + ": policy "
                                + before.get().version() + " is proven to be current");
            }
            String ifVersion = stored.map(Document::version).orElse(null);
            if (documents.put(DOCUMENT, proof, ifVersion).isPresent()) {
                return;
            }
        }
        throw new StoreException("proof of the current policy: too many concurrent writers; retry", true, null);
    }

    private long policyVersion() {
        return policy.find().map(TrustPolicy::version).orElse(0L);
    }

    private synchronized void read() {
        long version = policyVersion();
        Instant now = clock.instant();
        trouble = Optional.empty();
        Optional<Document> stored = documents.find(DOCUMENT);
        held = stored.flatMap(this::verified).orElse(null);
        boolean settled = online == null || version == 0 || prove(online, stored.map(Document::version), now);
        readAt = settled ? now : Instant.EPOCH;
        readUnder = version;
    }

    /** @return false if another node wrote at the same time, so that the document must be read again */
    private boolean prove(OnlineKey mine, Optional<String> storedVersion, Instant now) {
        Held before = held;
        try {
            FreshnessProof fresh = mine.prove(
                            appointments, root, policy.envelope(), before == null ? null : before.verified, now)
                    .orElse(null);
            if (fresh == null) {
                return true;
            }
            byte[] json = fresh.toJson();
            Optional<String> written = documents.put(DOCUMENT, json, storedVersion.orElse(null));
            held = written.flatMap(version -> verified(new Document(json, version)))
                    .orElse(before);
            return written.isPresent();
        } catch (RefusedException e) {
            trouble = Optional.of(
                    "online key " + mine.id() + ": cannot prove that the policy is current: " + e.getMessage());
            return true;
        }
    }

    /** The proof in a document; empty, with a note in {@link #trouble}, if it does not verify. */
    private Optional<Held> verified(Document stored) {
        try {
            FreshnessProof.Verified verified =
                    FreshnessProof.parse(stored.bytes()).verify(root, appointments.highest());
            appointments.saw(verified.appointment().version());
            return Optional.of(new Held(stored.bytes(), verified));
        } catch (RefusedException e) {
            trouble = Optional.of("stored proof that the policy is current: refused: " + e.getMessage());
            return Optional.empty();
        }
    }

    private record Held(byte[] json, FreshnessProof.Verified verified) {}
}
