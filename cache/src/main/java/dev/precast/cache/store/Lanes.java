package dev.precast.cache.store;

import dev.precast.artifact.LaneId;
import dev.precast.cache.worker.LaneOffer;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The registered lanes, in one document, because they are few. Lanes stay registered when no worker serves them.
 *
 * <p>Thread safe.
 */
public final class Lanes {
    private final DocumentStore documents;

    public Lanes(DocumentStore documents) {
        this.documents = documents;
    }

    /** Adds offers; replaces offers of the same lanes. */
    public void register(Collection<LaneOffer> offers) {
        change(lanes -> offers.forEach(o -> lanes.put(o.lane().id(), o)));
    }

    /** Adds offers of lanes that are not registered. */
    public void registerMissing(Collection<LaneOffer> offers) {
        change(lanes -> offers.forEach(o -> lanes.putIfAbsent(o.lane().id(), o)));
    }

    /** Removes the lane, until a worker that offers it registers it again. */
    public void unregister(LaneId lane) {
        change(lanes -> lanes.remove(lane));
    }

    private void change(Consumer<Map<LaneId, LaneOffer>> change) {
        documents.update(DocumentNames.LANES, before -> {
            Map<LaneId, LaneOffer> lanes = new LinkedHashMap<>();
            before.ifPresent(
                    document -> read(document).forEach(o -> lanes.put(o.lane().id(), o)));
            change.accept(lanes);
            byte[] after = write(lanes.values());
            return Arrays.equals(before.map(DocumentStore.Document::bytes).orElseGet(() -> write(List.of())), after)
                    ? null
                    : after;
        });
    }

    /** All registered lanes, in the order of their first registration. */
    public List<LaneOffer> list() {
        return documents.find(DocumentNames.LANES).map(Lanes::read).orElse(List.of());
    }

    private static byte[] write(Collection<LaneOffer> offers) {
        return JsonObject.EMPTY
                .with("lanes", Json.of(offers.stream().map(LaneOffer::toJson).toList()))
                .canonical()
                .getBytes(StandardCharsets.UTF_8);
    }

    private static List<LaneOffer> read(DocumentStore.Document document) {
        return document.read(
                "lanes",
                json -> json.array("lanes").stream()
                        .map(lane -> LaneOffer.fromJson(lane.asObject("lane")))
                        .toList());
    }
}
