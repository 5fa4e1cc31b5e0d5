package dev.precast.cache.warmup;

import dev.precast.artifact.Digest;
import dev.precast.cache.store.DocumentStore;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.protocol.LaneJson;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The documents of warm-ups: {@code warmups/jobs/<id>} for each warm-up, and {@code warmups/active} with the ids of
 * running warm-ups, so that replicas need to watch only one document.
 */
public final class WarmupDocuments {
    /** Folder of the warm-ups. */
    public static final String JOBS = "warmups/jobs";

    /** Maximum number of running warm-ups. */
    static final int MAX_ACTIVE = 1000;

    /** Name of the document with the ids of running warm-ups. */
    public static final String ACTIVE = "warmups/active";

    private static final String CURSORS = "cursors";

    private final DocumentStore documents;

    public WarmupDocuments(DocumentStore documents) {
        this.documents = documents;
    }

    /** @param version the document's version, for conditional writes */
    public record Stored(Warmup warmup, String version) {}

    /** The warm-up with this id, if it is stored and not damaged. */
    public Optional<Stored> find(String id) {
        return documents
                .find(name(id))
                .flatMap(document -> read(id, document).map(warmup -> new Stored(warmup, document.version())));
    }

    /**
     * The time at which a warm-up was requested, from its document; the epoch if the document is damaged.
     *
     * @param name the document's name
     */
    public static Instant createdAt(String name, DocumentStore.Document document) {
        return read(name.substring(JOBS.length() + 1), document)
                .map(Warmup::createdAt)
                .orElse(Instant.EPOCH);
    }

    /** Stores the warm-up. Returns the new version; empty if the document has another version. */
    Optional<String> put(Warmup warmup, @Nullable String ifVersion) {
        return documents.put(name(warmup.id()), bytes(toJson(warmup)), ifVersion);
    }

    /**
     * Changes a warm-up as {@link DocumentStore#update} does.
     *
     * @param change computes the new warm-up, or returns null to leave the warm-up as it is
     */
    boolean update(String id, Function<Optional<Warmup>, @Nullable Warmup> change) {
        return documents.update(name(id), before -> {
            Warmup after = change.apply(before.flatMap(document -> read(id, document)));
            return after == null ? null : bytes(toJson(after));
        });
    }

    Set<String> active() {
        return active(Duration.ZERO);
    }

    /** @param oldest maximum age of a copy, as for {@link DocumentStore#find(String, Duration)} */
    Set<String> active(Duration oldest) {
        return documents.find(ACTIVE, oldest).map(WarmupDocuments::ids).orElse(Set.of());
    }

    /** Adds the id to the running warm-ups; false if there are too many. */
    boolean activate(String id) {
        return active().contains(id) || change(ids -> ids.contains(id) || (ids.size() < MAX_ACTIVE && ids.add(id)));
    }

    void deactivate(String id) {
        change(ids -> ids.remove(id));
    }

    /** Writes the ids as {@code change} left them, unless {@code change} returns false. */
    private boolean change(Predicate<Set<String>> change) {
        return documents.update(ACTIVE, before -> {
            Set<String> ids =
                    new LinkedHashSet<>(before.map(WarmupDocuments::ids).orElse(Set.of()));
            return change.test(ids) ? bytes(JsonObject.EMPTY.with("ids", Json.ofStrings(List.copyOf(ids)))) : null;
        });
    }

    private static Set<String> ids(DocumentStore.Document document) {
        return document.read(ACTIVE, json -> (Set<String>) json.array("ids").stream()
                        .map(id -> id.asString("ids"))
                        .collect(Collectors.toCollection(LinkedHashSet<String>::new)))
                .orElse(Set.of());
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
                .with(
                        CURSORS,
                        Json.of(w.progress().cursors().stream().map(Json::of).toList()))
                .with("below", w.progress().below().toJson())
                .with("beyond", w.progress().ahead().toJson())
                .with(
                        "setAside",
                        Json.of(w.progress().setAside().stream().map(Json::of).toList()))
                // For replicas that know only one cursor for all lanes: they show the counts, and start again if they
                // drive the warm-up, which costs a read for each artifact.
                .with("cursor", 0)
                .with("counts", Warmup.Counts.NONE.toJson())
                .with("ahead", w.settled().toJson());
        return w.lease()
                .map(lease -> json.with(
                        "lease",
                        JsonObject.EMPTY
                                .with("driver", lease.driver())
                                .with("until", lease.until().toString())))
                .orElse(json);
    }

    private static Optional<Warmup> read(String id, DocumentStore.Document document) {
        return document.read(
                "warm-up " + id,
                json -> new Warmup(
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
                        progress(json),
                        json.find("lease")
                                .map(lease -> lease.asObject("lease"))
                                .map(lease -> new Warmup.Lease(
                                        lease.string("driver"), Instant.parse(lease.string("until"))))));
    }

    private static Warmup.Progress progress(JsonObject json) {
        if (json.find(CURSORS).isEmpty()) {
            return withOneCursor(json);
        }
        return new Warmup.Progress(
                numbers(json, CURSORS),
                Warmup.Counts.fromJson(json.object("below")),
                Warmup.Counts.fromJson(json.object("beyond")),
                numbers(json, "setAside").stream().map(Math::toIntExact).toList());
    }

    private static List<Long> numbers(JsonObject json, String name) {
        List<Long> numbers = new ArrayList<>();
        for (Json each : json.array(name)) {
            if (!(each instanceof Json.Int(long value)) || value < 0) {
                throw new IllegalArgumentException(name + ": expected numbers of 0 or more, found " + each.canonical());
            }
            numbers.add(value);
        }
        return numbers;
    }

    /** The progress that an older replica stored: all artifacts below one number are settled. */
    private static Warmup.Progress withOneCursor(JsonObject json) {
        long cursor = json.integer("cursor", 0, Json.MAX_INT);
        int lanes = json.array("lanes").size();
        List<Long> cursors = IntStream.range(0, lanes)
                .mapToObj(lane -> Math.ceilDiv(Math.max(0, cursor - lane), lanes))
                .toList();
        return new Warmup.Progress(
                cursors,
                Warmup.Counts.fromJson(json.object("counts")),
                Warmup.Counts.fromJson(json.object("ahead")),
                List.of());
    }
}
