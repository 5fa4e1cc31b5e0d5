package dev.precast.cache.warmup;

import dev.precast.artifact.Digest;
import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.store.StoreException;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.protocol.LaneJson;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where warm-ups are stored: {@code warmups/jobs/<id>} one each, and {@code warmups/active} the ids of those that run, so
 * that who looks after them reads one document.
 */
public final class WarmupDocuments {
    /** Folder of the warm-ups. */
    public static final String JOBS = "warmups/jobs";

    /** Most warm-ups that run at a time. */
    static final int MAX_ACTIVE = 1000;

    private static final String ACTIVE = "warmups/active";
    private static final int ROUNDS = 50;

    private final DocumentStore documents;

    public WarmupDocuments(DocumentStore documents) {
        this.documents = documents;
    }

    /** @param version for conditions */
    public record Stored(Warmup warmup, String version) {}

    public Optional<Stored> find(String id) {
        return documents.find(name(id)).map(document -> new Stored(read(id, document), document.version()));
    }

    /** The new version, or empty if another stands there. */
    Optional<String> put(Warmup warmup, @Nullable String ifVersion) {
        return documents.put(name(warmup.id()), bytes(toJson(warmup)), ifVersion);
    }

    Set<String> active() {
        return documents.find(ACTIVE).map(WarmupDocuments::ids).orElse(Set.of());
    }

    /** Whether it could be added. */
    boolean activate(String id) {
        return change(ids -> ids.contains(id) || (ids.size() < MAX_ACTIVE && ids.add(id)));
    }

    void deactivate(String id) {
        change(ids -> ids.remove(id));
    }

    /** Writes what the change makes of the ids, unless it says no. */
    private boolean change(Predicate<Set<String>> change) {
        for (int round = 0; round < ROUNDS; round++) {
            Optional<DocumentStore.Document> before = documents.find(ACTIVE);
            Set<String> ids =
                    new LinkedHashSet<>(before.map(WarmupDocuments::ids).orElse(Set.of()));
            if (!change.test(ids)) {
                return false;
            }
            JsonObject json = JsonObject.EMPTY.with("ids", Json.ofStrings(List.copyOf(ids)));
            String version = before.map(DocumentStore.Document::version).orElse(null);
            if (documents.put(ACTIVE, bytes(json), version).isPresent()) {
                return true;
            }
        }
        throw new StoreException(ACTIVE + ": other writers were faster " + ROUNDS + " times", true, null);
    }

    private static Set<String> ids(DocumentStore.Document document) {
        Set<String> ids = new LinkedHashSet<>();
        Json.parse(document.bytes()).asObject("active").array("ids").forEach(id -> ids.add(id.asString("ids")));
        return ids;
    }

    private static String name(String id) {
        return JOBS + "/" + id;
    }

    private static byte[] bytes(JsonObject json) {
        return json.canonical().getBytes(StandardCharsets.UTF_8);
    }

    private static JsonObject toJson(Warmup w) {
        JsonObject json = JsonObject.EMPTY
                .with(
                        "parts",
                        Json.of(w.parts().stream()
                                .map(part -> JsonObject.EMPTY
                                        .with("list", part.list().toString())
                                        .with("modules", part.modules()))
                                .toList()))
                .with("lanes", Json.of(w.lanes().stream().map(LaneJson::write).toList()))
                .with("createdAt", w.createdAt().toString())
                .with("state", w.state().label())
                .with("cursor", w.cursor())
                .with("counts", w.counts().toJson())
                .with("ahead", w.ahead().toJson());
        return w.lease()
                .map(lease -> json.with(
                        "lease",
                        JsonObject.EMPTY
                                .with("driver", lease.driver())
                                .with("until", lease.until().toString())))
                .orElse(json);
    }

    private static Warmup read(String id, DocumentStore.Document document) {
        try {
            JsonObject json = Json.parse(document.bytes()).asObject("warm-up");
            return new Warmup(
                    id,
                    json.array("parts").stream()
                            .map(part -> part.asObject("part"))
                            .map(part -> new Warmup.Part(Digest.parse(part.string("list")), (int)
                                    part.integer("modules", 0, ModuleLists.MAX_MODULES)))
                            .toList(),
                    json.array("lanes").stream()
                            .map(lane -> LaneJson.id(lane.asObject("lane")))
                            .toList(),
                    Instant.parse(json.string("createdAt")),
                    Warmup.State.valueOf(json.string("state").toUpperCase(Locale.ROOT)),
                    json.integer("cursor", 0, Json.MAX_INT),
                    Warmup.Counts.fromJson(json.object("counts")),
                    Warmup.Counts.fromJson(json.object("ahead")),
                    json.find("lease")
                            .map(lease -> lease.asObject("lease"))
                            .map(lease ->
                                    new Warmup.Lease(lease.string("driver"), Instant.parse(lease.string("until")))));
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new StoreException("warm-up " + id + ": the stored document is damaged: " + e.getMessage(), false, e);
        }
    }
}
