package dev.precast.api;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.precast.artifact.LaneId;
import dev.precast.compile.LaneOffer;
import dev.precast.store.Lanes;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The lanes that are registered, read again every second at most.
 *
 * <p>Thread safe.
 */
public final class Engines {
    private static final Duration KEPT = Duration.ofSeconds(1);
    private static final String ALL = "all";

    private final LoadingCache<String, Map<LaneId, LaneOffer>> offers;

    public Engines(Lanes lanes, Ticker ticker) {
        this.offers =
                Caffeine.newBuilder().ticker(ticker).expireAfterWrite(KEPT).build(all -> byLane(lanes.list()));
    }

    /** All lanes, in the order of their first registration. */
    public Collection<LaneOffer> list() {
        return offers.get(ALL).values();
    }

    /** Who serves that lane, if it is registered. */
    public Optional<LaneOffer> find(LaneId lane) {
        return Optional.ofNullable(offers.get(ALL).get(lane));
    }

    private static Map<LaneId, LaneOffer> byLane(Collection<LaneOffer> offers) {
        Map<LaneId, LaneOffer> byLane = new LinkedHashMap<>();
        offers.forEach(offer -> byLane.put(offer.lane().id(), offer));
        return byLane;
    }
}
