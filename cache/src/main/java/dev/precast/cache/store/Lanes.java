package dev.precast.cache.store;

import dev.precast.artifact.Digest;
import dev.precast.artifact.LaneId;
import dev.precast.cache.worker.LaneOffer;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The registered lanes, in one document, because they are few. Lanes stay registered when no worker serves them. The
 * document has a checksum, because a changed digit in a digest or a limit is still well-formed JSON.
 *
 * <p>Thread safe.
 */
public final class Lanes {
    private static final String CHECKSUM = "sha256";

    private final DocumentStore documents;

    public Lanes(DocumentStore documents) {
        this.documents = documents;
    }

    /** Adds offers; replaces offers of the same lanes. */
    public void register(Collection<LaneOffer> offers) {
        change(lanes -> offers.forEach(o -> lanes.put(o.lane().id(), o)));
    }

    /** Adds offers of lanes that are not registered. May use a copy of the lanes of ten minutes ago. */
    public void registerMissing(Collection<LaneOffer> offers) {
        Set<LaneId> registered = undamaged(DocumentChanges.IDLE_CHECK_INTERVAL).orElse(List.of()).stream()
                .map(offer -> offer.lane().id())
                .collect(Collectors.toSet());
        if (!offers.stream().allMatch(offer -> registered.contains(offer.lane().id()))) {
            change(lanes -> offers.forEach(o -> lanes.putIfAbsent(o.lane().id(), o)));
        }
    }

    /** Removes the lane, until a worker that offers it registers it again. */
    public void unregister(LaneId lane) {
        change(lanes -> lanes.remove(lane));
    }

    private void change(Consumer<Map<LaneId, LaneOffer>> change) {
        documents.update(DocumentNames.LANES, before -> {
            Map<LaneId, LaneOffer> lanes = new LinkedHashMap<>();
            before.flatMap(Lanes::read)
                    .orElse(List.of())
                    .forEach(offer -> lanes.put(offer.lane().id(), offer));
            change.accept(lanes);
            byte[] after = write(lanes.values());
            return Arrays.equals(before.map(DocumentStore.Document::bytes).orElseGet(() -> write(List.of())), after)
                    ? null
                    : after;
        });
    }

    /** All registered lanes, in the order of their first registration; none if the stored document is damaged. */
    public List<LaneOffer> list() {
        return undamaged().orElse(List.of());
    }

    /** Like {@link #list}, but empty if the stored document is damaged. */
    public Optional<List<LaneOffer>> undamaged() {
        return undamaged(Duration.ZERO);
    }

    /**
     * Like {@link #undamaged()}, but may use a copy, as {@link DocumentStore#find(String, Duration)} does.
     *
     * @param oldest maximum age of the copy
     */
    public Optional<List<LaneOffer>> undamaged(Duration oldest) {
        Optional<DocumentStore.Document> document = documents.find(DocumentNames.LANES, oldest);
        return document.isPresent() ? read(document.get()) : Optional.of(List.of());
    }

    private static byte[] write(Collection<LaneOffer> offers) {
        Json lanes = Json.of(offers.stream().map(LaneOffer::toJson).toList());
        return JsonObject.EMPTY
                .with("lanes", lanes)
                .with(CHECKSUM, checksum(lanes))
                .canonical()
                .getBytes(StandardCharsets.UTF_8);
    }

    private static Optional<List<LaneOffer>> read(DocumentStore.Document document) {
        return document.read("lanes", json -> {
            // Older workers write no checksum.
            Optional<Json> written = json.find(CHECKSUM);
            String found = checksum(json.get("lanes"));
            if (written.isPresent() && !written.get().asString(CHECKSUM).equals(found)) {
                throw new IllegalArgumentException(
                        "checksum: expected " + written.get().canonical() + ", found " + found);
            }
            return json.array("lanes").stream()
                    .map(lane -> LaneOffer.fromJson(lane.asObject("lane")))
                    .toList();
        });
    }

    private static String checksum(Json lanes) {
        return Digest.of(lanes.canonical().getBytes(StandardCharsets.UTF_8)).hex();
    }
}
