package dev.precast.cache.store;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.AttestationVerifier;
import dev.precast.attestation.RefusedException;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Retires artifacts: moves the attestation to {@code retired/}, and deletes the payload when nothing has referred to it
 * for a day. In between, hosts that know the artifact can still download its payload. A worker that produces the same
 * payload again puts it into the store again, which renews its put time; after publishing, the worker checks that the
 * payload is still stored.
 *
 * <p>Thread safe.
 */
public final class RetiredArtifacts {
    /** How long a payload without a reference is kept. */
    public static final Duration GRACE = Duration.ofHours(24);

    /** Minimum age of a deleted payload: an hour is added, because put times may be up to an hour too early. */
    private static final Duration OLD = GRACE.plusHours(1);

    private static final String ATTESTATIONS = "attestations/";
    private static final String RETIRED = "retired/";

    private final DocumentStore documents;
    private final DocumentListing names;
    private final ContentStore payloads;
    private final ContentListing contents;
    private final AttestationVerifier verifier;
    private final InstantSource clock;

    /**
     * @param names lists {@code documents}
     * @param contents lists {@code payloads}
     */
    public RetiredArtifacts(
            DocumentStore documents,
            DocumentListing names,
            ContentStore payloads,
            ContentListing contents,
            AttestationVerifier verifier,
            InstantSource clock) {
        this.documents = documents;
        this.names = names;
        this.payloads = payloads;
        this.contents = contents;
        this.verifier = verifier;
        this.clock = clock;
    }

    /**
     * A stored attestation, not verified, because retirement needs no verification.
     *
     * @param version the attestation's version, for conditional writes
     */
    public record Entry(Attestation attestation, String name, String version) {}

    /** Calls {@code each} with every attestation, in the order of their names. Skips malformed attestations. */
    public void forEach(Consumer<Entry> each) {
        names.forEach(
                ATTESTATIONS,
                name -> documents
                        .find(name)
                        .ifPresent(document -> attestation(document.bytes())
                                .ifPresent(a -> each.accept(new Entry(a, name, document.version())))));
    }

    private static Optional<Attestation> attestation(byte[] envelope) {
        try {
            return Optional.of(Attestation.unverified(envelope));
        } catch (RefusedException e) {
            return Optional.empty();
        }
    }

    /** Retires an attestation; false if it was replaced or removed since it was listed. */
    public boolean retire(Entry entry) {
        Optional<DocumentStore.Document> now =
                documents.find(entry.name()).filter(d -> d.version().equals(entry.version()));
        if (now.isEmpty()) {
            return false;
        }
        String name = RETIRED + entry.name().substring(ATTESTATIONS.length());
        byte[] json = JsonObject.EMPTY
                .with("at", clock.instant().toString())
                .with("envelope", Json.parse(now.get().bytes()))
                .canonical()
                .getBytes(StandardCharsets.UTF_8);
        // Writes the copy first, so that the payload always has a reference. Concurrent writers copy the same envelope.
        documents.put(name, json, DocumentStore.ANY);
        return documents.delete(entry.name(), entry.version());
    }

    /** An artifact that was retired within the grace period and that the policy accepts, for hosts that know it. */
    public Optional<StoredArtifact> find(ArtifactKey key) {
        String name = RETIRED + DocumentNames.attestation(key).substring(ATTESTATIONS.length());
        Optional<Stone> stone = documents.find(name).flatMap(RetiredArtifacts::stone);
        if (stone.isEmpty() || isOver(stone.get().at())) {
            return Optional.empty();
        }
        try {
            byte[] envelope = stone.get().envelope();
            return Optional.of(StoredArtifact.of(verifier.verify(envelope, key, true), envelope));
        } catch (RefusedException e) {
            return Optional.empty();
        }
    }

    /** Deletes payloads that had no reference for a day. */
    public Swept sweep() {
        // Lists old payloads before it reads references: a payload that becomes old later is left to the next sweep.
        Set<Digest> old = new HashSet<>();
        contents.forEach(entry -> {
            if (isOld(entry)) {
                old.add(entry.digest());
            }
        });
        Set<Digest> referred = references();
        long[] swept = new long[2];
        contents.forEach(entry -> {
            // Checks the age again, because a worker may have put the payload again in the meantime.
            if (old.contains(entry.digest()) && !referred.contains(entry.digest()) && isOld(entry)) {
                if (payloads.delete(entry.digest())) {
                    swept[0]++;
                    swept[1] += entry.size();
                }
            }
        });
        return new Swept(swept[0], swept[1]);
    }

    /**
     * @param payloads number of deleted payloads
     * @param bytes total size of the deleted payloads
     */
    public record Swept(long payloads, long bytes) {}

    private boolean isOld(ContentListing.Entry entry) {
        return entry.putAt().plus(OLD).isBefore(clock.instant());
    }

    private boolean isOver(Instant retiredAt) {
        return retiredAt.plus(GRACE).isBefore(clock.instant());
    }

    private Set<Digest> references() {
        Set<Digest> referred = new HashSet<>();
        forEach(entry -> refer(entry.attestation(), referred));
        names.forEach(
                RETIRED, name -> documents.find(name).ifPresent(document -> keepOrForget(name, document, referred)));
        return referred;
    }

    private void keepOrForget(String name, DocumentStore.Document document, Set<Digest> referred) {
        Optional<Stone> stone = stone(document);
        if (stone.isEmpty() || isOver(stone.get().at())) {
            documents.delete(name, document.version());
        } else {
            attestation(stone.get().envelope()).ifPresent(a -> refer(a, referred));
        }
    }

    private static void refer(Attestation attestation, Set<Digest> referred) {
        referred.add(attestation.payload().digest());
        attestation.compressed().ifPresent(compressed -> referred.add(compressed.digest()));
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Stone(Instant at, byte[] envelope) {}

    /** Reads a retired attestation; empty if it is damaged. */
    private static Optional<Stone> stone(DocumentStore.Document document) {
        try {
            JsonObject json = Json.parse(document.bytes()).asObject("retired");
            return Optional.of(new Stone(
                    Instant.parse(json.string("at")),
                    json.object("envelope").canonical().getBytes(StandardCharsets.UTF_8)));
        } catch (IllegalArgumentException | DateTimeException e) {
            return Optional.empty();
        }
    }
}
