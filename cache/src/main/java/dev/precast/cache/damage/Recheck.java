package dev.precast.cache.damage;

import dev.precast.artifact.Digest;
import dev.precast.cache.store.DocumentStore;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The test of an artifact that a host could not load.
 *
 * @param payload digest of the uncompressed payload
 * @param at when it was requested
 * @param workers number of workers that must refuse the artifact before it is withdrawn, at least 1
 * @param refusedBy names of the workers that refused it
 * @param tries number of tests without a result
 * @param verdict the result; empty while workers test
 */
public record Recheck(
        Digest payload, Instant at, int workers, List<String> refusedBy, int tries, Optional<Verdict> verdict) {
    private static final String VERDICT = "verdict";
    private static final int MAX_WORKERS = 1000;

    public Recheck {
        refusedBy = List.copyOf(refusedBy);
        if (workers < 1) {
            throw new IllegalArgumentException("recheck: expected at least 1 worker, found " + workers);
        }
    }

    /** The result of a recheck. */
    public enum Verdict {
        /** The artifact loads in a worker. The trouble is the host's own. */
        LOADS,
        /** The module compiles to the same bytes, and they do not load. The module was rejected. */
        REJECTED,
        /** The module compiles to other bytes, which load. The artifact was withdrawn, so that it is compiled again. */
        REPLACED,
        /** Workers could not test the artifact. */
        UNDECIDED;

        /** Lower case, as in documents and metrics. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Recheck of(Digest payload, Instant at, int workers) {
        return new Recheck(payload, at, workers, List.of(), 0, Optional.empty());
    }

    Recheck refusedBy(String worker) {
        List<String> all = new ArrayList<>(refusedBy);
        if (!all.contains(worker)) {
            all.add(worker);
        }
        return new Recheck(payload, at, workers, all, tries, verdict);
    }

    Recheck triedAgain() {
        return new Recheck(payload, at, workers, refusedBy, tries + 1, verdict);
    }

    Recheck closed(Verdict as) {
        return new Recheck(payload, at, workers, refusedBy, tries, Optional.of(as));
    }

    /** Whether enough workers have refused the artifact. */
    public boolean isRefused() {
        return refusedBy.size() >= workers;
    }

    byte[] toJson() {
        JsonObject json = JsonObject.EMPTY
                .with("payload", payload.toString())
                .with("at", at.toString())
                .with("workers", workers)
                .with("refusedBy", Json.ofStrings(refusedBy))
                .with("tries", tries);
        if (verdict.isPresent()) {
            json = json.with(VERDICT, verdict.get().label());
        }
        return json.canonical().getBytes(StandardCharsets.UTF_8);
    }

    /** Reads the document; empty if it is damaged. */
    static Optional<Recheck> read(String name, DocumentStore.Document document) {
        return document.read(
                name,
                json -> new Recheck(
                        Digest.parse(json.string("payload")),
                        Instant.parse(json.string("at")),
                        (int) json.integer("workers", 1, MAX_WORKERS),
                        json.array("refusedBy").stream()
                                .map(worker -> worker.asString("worker"))
                                .toList(),
                        (int) json.integer("tries", 0, Integer.MAX_VALUE),
                        json.find(VERDICT)
                                .map(it -> Verdict.valueOf(it.asString(VERDICT).toUpperCase(Locale.ROOT)))));
    }
}
