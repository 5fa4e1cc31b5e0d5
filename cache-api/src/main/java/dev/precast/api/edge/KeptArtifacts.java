package dev.precast.api.edge;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.artifact.FileErrors;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SizedDigest;
import dev.precast.cache.damage.Healed;
import dev.precast.cache.store.Blob;
import dev.precast.cache.store.ContentListing;
import dev.precast.cache.store.ContentStore;
import dev.precast.cache.store.ContentStore.Put;
import dev.precast.cache.store.DamageLog;
import dev.precast.cache.store.DocumentNames;
import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.store.FileContentStore;
import dev.precast.cache.store.FileDocumentStore;
import dev.precast.cache.store.StoreException;
import dev.precast.cache.store.StoredArtifact;
import dev.precast.protocol.KeyState;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The artifacts on an edge's disk: attestations, not verified, and forms of payloads, whose digests were checked when they
 * were written. Deletes the least recently used artifacts, so that all files together, including those that are being
 * written, stay within a budget.
 *
 * <p>Thread safe. Methods throw {@link dev.precast.cache.store.StoreException} if the disk fails.
 */
public final class KeptArtifacts {
    private final FileDocumentStore documents;
    private final FileContentStore payloads;
    private final Path incoming;
    private final long budgetBytes;
    private final EdgeMetrics metrics;
    private final KeptIndex index;

    /**
     * @param folder created if missing; what it contains is kept, except for what is over the budget
     * @param budgetBytes maximum total size of the files, at least 1
     * @throws IllegalArgumentException if the budget is below 1
     */
    public KeptArtifacts(Path folder, long budgetBytes, EdgeMetrics metrics) {
        if (budgetBytes < 1) {
            throw new IllegalArgumentException("expected at least 1 byte, found " + budgetBytes);
        }
        this.documents = new FileDocumentStore(folder.resolve("documents"));
        this.payloads = new FileContentStore(folder.resolve("payloads"));
        this.incoming = folder.resolve("incoming");
        this.budgetBytes = budgetBytes;
        this.index = new KeptIndex(budgetBytes);
        this.metrics = metrics;
        metrics.disk(this::usedBytes);
        load();
    }

    /** An artifact of an earlier run. */
    private record Found(String name, Set<SizedDigest> forms, Instant putAt) {}

    private synchronized void load() {
        deleteUnfinished();
        Map<Digest, ContentListing.Entry> stored = new HashMap<>();
        payloads.forEach(entry -> stored.put(entry.digest(), entry));
        List<Found> found = new ArrayList<>();
        documents.forEach("attestations/", name -> {
            Set<SizedDigest> forms = new LinkedHashSet<>();
            documents
                    .find(name)
                    .flatMap(document -> attestation(name, document))
                    .ifPresent(attestation -> forms(attestation)
                            .filter(form -> isStored(form, stored))
                            .forEach(forms::add));
            if (forms.isEmpty()) {
                documents.delete(name, DocumentStore.ANY);
            } else {
                Instant putAt = forms.stream()
                        .flatMap(form -> Optional.ofNullable(stored.get(form.digest())).stream())
                        .map(ContentListing.Entry::putAt)
                        .max(Comparator.naturalOrder())
                        .orElse(Instant.EPOCH);
                found.add(new Found(name, forms, putAt));
            }
        });
        found.stream().sorted(Comparator.comparing(Found::putAt)).forEach(each -> index.add(each.name, each.forms));
        stored.keySet().stream().filter(digest -> !index.isUsed(digest)).forEach(payloads::delete);
        makeRoom(0);
    }

    /** Deletes downloads of an earlier run. */
    private void deleteUnfinished() {
        if (!Files.isDirectory(incoming)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(incoming)) {
            for (Path file : files) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new StoreException(
                    "deleting unfinished downloads in " + incoming + ": " + FileErrors.text(e), true, e);
        }
    }

    private static boolean isStored(SizedDigest form, Map<Digest, ContentListing.Entry> stored) {
        ContentListing.Entry entry = stored.get(form.digest());
        return entry != null && entry.size() == form.size();
    }

    private static Optional<Attestation> attestation(String name, DocumentStore.Document document) {
        try {
            return Optional.of(Attestation.unverified(document.bytes()));
        } catch (RefusedException e) {
            DamageLog.SHARED.found(name, e.getMessage() + "; the artifact is fetched again");
            return Optional.empty();
        }
    }

    private static Stream<SizedDigest> forms(Attestation attestation) {
        return Stream.concat(Stream.of(attestation.payload()), attestation.compressed().stream());
    }

    /** Total size in bytes of what is kept and of what is being written. */
    public synchronized long usedBytes() {
        return index.usedBytes();
    }

    /** The kept artifact of a key. */
    public Optional<StoredArtifact> find(ArtifactKey key) {
        String name = DocumentNames.attestation(key);
        synchronized (this) {
            if (!index.use(name)) {
                return Optional.empty();
            }
        }
        return documents.find(name).flatMap(document -> artifact(key, document.bytes()));
    }

    /** Reads an attestation; empty if it is malformed or another key's. */
    static Optional<StoredArtifact> artifact(ArtifactKey key, byte[] envelope) {
        try {
            Attestation attestation = Attestation.unverified(envelope);
            return attestation.key().equals(key)
                    ? Optional.of(new StoredArtifact(
                            new KeyState.Present(envelope), attestation.payload(), attestation.compressed()))
                    : Optional.empty();
        } catch (RefusedException e) {
            return Optional.empty();
        }
    }

    /** The store of the payloads' forms, for reading only. */
    public ContentStore payloads() {
        return payloads;
    }

    /**
     * Hashes the stored forms of a key's payload, and deletes what is damaged: the next host that wants it gets the
     * upstream's bytes.
     *
     * @return {@link Healed#WHOLE}, {@link Healed#REBUILT} if a form was damaged, or {@link Healed#ABSENT} if no form is
     *     stored
     */
    public Healed check(ArtifactKey key) {
        StoredArtifact artifact = find(key).orElse(null);
        List<SizedDigest> stored = artifact == null
                ? List.of()
                : Stream.concat(Stream.of(artifact.payload()), artifact.compressed().stream())
                        .filter(form -> payloads.find(form.digest()).isPresent())
                        .toList();
        List<SizedDigest> damaged =
                stored.stream().filter(form -> !isWhole(form)).toList();
        damaged.forEach(form -> {
            DamageLog.SHARED.found("payload " + form.digest(), "it is fetched again");
            payloads.delete(form.digest());
        });
        return stored.isEmpty() ? Healed.ABSENT : damaged.isEmpty() ? Healed.WHOLE : Healed.REBUILT;
    }

    private boolean isWhole(SizedDigest form) {
        Blob blob = payloads.find(form.digest()).orElse(null);
        if (blob == null) {
            return true; // Evicted in the meantime.
        }
        try (InputStream in = blob.open()) {
            return blob.size() == form.size() && Digest.of(in).equals(form.digest());
        } catch (IOException e) {
            return false; // Disks report rot as an input/output error.
        }
    }

    /** Whether the whole budget has room for a form and its download. */
    boolean fits(SizedDigest form) {
        return needed(form) <= budgetBytes;
    }

    /**
     * Keeps a form of a payload with its artifact. Keeps nothing unless the result is {@link Put.Stored}.
     *
     * @param started gets the payload as it grows; it can be read until this method returns
     * @return {@link Put.Full} if the budget has no room; {@link Put.WrongDigest} or {@link Put.TooLarge} if the bytes are
     *     not those of the form
     * @throws IOException if reading {@code in} fails
     */
    Put keep(ArtifactKey key, StoredArtifact artifact, SizedDigest form, InputStream in, Consumer<Blob> started)
            throws IOException {
        long bytes = needed(form);
        synchronized (this) {
            if (!makeRoom(bytes)) {
                return new Put.Full(budgetBytes, index.usedBytes());
            }
            index.reserve(bytes);
        }
        try (GrowingFile growing = new GrowingFile(incoming, form, payloads)) {
            started.accept(growing);
            if (!growing.fill(in)) {
                return new Put.TooLarge(form.size());
            }
            Put put = put(growing, form);
            if (put instanceof Put.Stored) {
                String name = DocumentNames.attestation(key);
                documents.put(name, artifact.state().envelope(), DocumentStore.ANY);
                synchronized (this) {
                    index.add(name, Set.of(form));
                }
                growing.verified();
            }
            return put;
        } finally {
            synchronized (this) {
                index.reserve(-bytes);
            }
        }
    }

    private Put put(GrowingFile growing, SizedDigest form) {
        try (InputStream written = growing.written()) {
            return payloads.put(written, form.digest(), form.size());
        } catch (IOException e) {
            throw new StoreException("reading a download: " + FileErrors.text(e), true, e);
        }
    }

    /** The space for a download and its copy in the store. */
    private static long needed(SizedDigest form) {
        return 2 * form.size() + KeptIndex.COST_BYTES;
    }

    /** Deletes the least recently used artifacts until so many bytes fit; deletes none and returns false if they cannot. */
    private boolean makeRoom(long bytes) {
        if (!index.canFit(bytes)) {
            return false;
        }
        while (!index.fits(bytes)) {
            delete(index.oldest());
            metrics.evicted();
        }
        return true;
    }

    private void delete(String name) {
        Set<SizedDigest> forms = index.remove(name);
        documents.find(name).ifPresent(document -> documents.delete(name, document.version()));
        forms.stream()
                .map(SizedDigest::digest)
                .filter(digest -> !index.isUsed(digest))
                .forEach(payloads::delete);
    }

    /** Deletes an artifact. */
    synchronized void drop(ArtifactKey key) {
        String name = DocumentNames.attestation(key);
        if (index.use(name)) {
            delete(name);
        }
    }
}
