package dev.precast.cache.damage;

import dev.precast.artifact.ByteRate;
import dev.precast.artifact.Digest;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SizedDigest;
import dev.precast.cache.Modules;
import dev.precast.cache.damage.ScrubState.Count;
import dev.precast.cache.damage.ScrubState.Phase;
import dev.precast.cache.store.ContentCheck;
import dev.precast.cache.store.ContentListing;
import dev.precast.cache.store.DamageLog;
import dev.precast.cache.store.DocumentListing;
import dev.precast.cache.store.DocumentNames;
import dev.precast.cache.store.DocumentStore;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/**
 * Lists what a scrub checks, in pages, and checks it: the payloads of all attestations, then all modules.
 *
 * <p>Thread safe. Methods throw {@link dev.precast.cache.store.StoreException} if the store fails.
 */
public final class ScrubItems {
    /** Number of items of a page; only the last page of a phase may have fewer. */
    static final int PAGE = 1000;

    private static final String ATTESTATIONS = "attestations/";

    private final Healer healer;
    private final ByteRate rate;
    private final DocumentStore documents;
    private final DocumentListing names;
    private final Modules modules;
    private final ContentListing moduleDigests;
    private final Brake brake;

    /**
     * @param rate limits how fast payloads and modules are read
     * @param names lists {@code documents}
     * @param moduleDigests lists {@code modules}
     * @param clock for the limit of deleted modules in an hour
     */
    public ScrubItems(
            Healer healer,
            ByteRate rate,
            DocumentStore documents,
            DocumentListing names,
            Modules modules,
            ContentListing moduleDigests,
            InstantSource clock) {
        this.healer = healer;
        this.rate = rate;
        this.documents = documents;
        this.names = names;
        this.modules = modules;
        this.moduleDigests = moduleDigests;
        this.brake = new Brake(clock);
    }

    /**
     * A page of a phase's items: names of attestations, or digests of modules.
     *
     * @param after only items after this one; empty for all
     */
    List<String> page(Phase phase, String after) {
        return switch (phase) {
            case ARTIFACTS -> names.names(ATTESTATIONS, after.isEmpty() ? null : after, PAGE);
            case MODULES ->
                moduleDigests.contents(after.isEmpty() ? null : new Digest(after), PAGE).stream()
                        .map(entry -> entry.digest().hex())
                        .toList();
            case ENDED -> List.of();
        };
    }

    /** Checks an item and repairs or deletes what is damaged. Returns what was found. */
    Map<Count, Long> check(Phase phase, String item) {
        return switch (phase) {
            case ARTIFACTS ->
                documents.find(item).map(document -> artifact(item, document)).orElse(Map.of());
            case MODULES -> module(new ModuleDigest(new Digest(item)));
            case ENDED -> Map.of();
        };
    }

    private Map<Count, Long> artifact(String name, DocumentStore.Document document) {
        Attestation attestation;
        try {
            attestation = Attestation.unverified(document.bytes());
            if (!DocumentNames.attestation(attestation.key()).equals(name)) {
                throw new IllegalArgumentException("found the attestation of " + attestation.key());
            }
        } catch (RefusedException | IllegalArgumentException e) {
            DamageLog.SHARED.found(name, e.getMessage() + "; the artifact counts as absent");
            return Map.of(Count.ABSENT, 1L);
        }
        Count found = switch (healer.heal(attestation.key(), rate)) {
            case WHOLE -> Count.ARTIFACTS;
            case REBUILT -> Count.REBUILT;
            case DROPPED -> Count.DELETED;
            case ABSENT -> Count.ABSENT;
            case UNKNOWN -> Count.UNKNOWN;
        };
        return switch (found) {
            case ABSENT, UNKNOWN -> Map.of(found, 1L);
            case ARTIFACTS -> Map.of(Count.ARTIFACTS, 1L, Count.BYTES, bytes(attestation));
            default -> Map.of(Count.ARTIFACTS, 1L, Count.BYTES, bytes(attestation), found, 1L);
        };
    }

    private static long bytes(Attestation attestation) {
        return attestation.payload().size()
                + attestation.compressed().map(SizedDigest::size).orElse(0L);
    }

    private Map<Count, Long> module(ModuleDigest module) {
        brake.checked();
        return switch (modules.check(module, rate)) {
            case ContentCheck.Result.Missing _ -> Map.of();
            case ContentCheck.Result.Unreadable _ -> Map.of(Count.UNKNOWN, 1L);
            case ContentCheck.Result.Whole whole -> Map.of(Count.MODULES, 1L, Count.BYTES, whole.size());
            case ContentCheck.Result.Damaged damaged -> {
                boolean delete = brake.allows();
                DamageLog.SHARED.found(
                        "module " + module,
                        "found " + damaged.found() + " of " + damaged.size() + " bytes; "
                                + (delete
                                        ? "deleted; clients must upload it again"
                                        : "not deleted, because this process has deleted at least " + Brake.ALWAYS
                                                + " damaged modules in the last hour; check its memory and the store"));
                if (delete) {
                    modules.delete(module);
                }
                yield Map.of(
                        Count.MODULES,
                        1L,
                        Count.BYTES,
                        damaged.size(),
                        delete ? Count.DELETED_MODULES : Count.UNKNOWN,
                        1L);
            }
        };
    }
}
