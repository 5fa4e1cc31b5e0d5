package dev.precast.cache;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.precast.artifact.Digest;
import dev.precast.artifact.LaneId;
import dev.precast.cache.outcome.CompileTerms;
import dev.precast.cache.store.DocumentChanges;
import dev.precast.cache.store.Lanes;
import dev.precast.cache.store.StoreException;
import dev.precast.cache.worker.LaneOffer;
import dev.precast.cache.worker.Trouble;
import dev.precast.cache.worker.WorkerNotice;
import dev.precast.cache.worker.Workers;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The registered lanes and the workers that serve them. Looks for changes at most once a second. If the stored lanes are
 * damaged, uses those that it read before and stores them again.
 *
 * <p>Thread safe.
 */
public final class Engines {
    /** How long registered lanes are cached. */
    public static final Duration KEPT = Duration.ofSeconds(1);

    private static final System.Logger LOG = System.getLogger(Engines.class.getName());
    private static final String ALL = "all";

    private final LoadingCache<String, Map<LaneId, LaneOffer>> offers;
    private final Lanes lanes;
    private final Workers workers;
    private volatile Map<LaneId, LaneOffer> last = Map.of();

    public Engines(Lanes lanes, Workers workers, Ticker ticker) {
        this.lanes = lanes;
        this.workers = workers;
        this.offers =
                Caffeine.newBuilder().ticker(ticker).expireAfterWrite(KEPT).build(all -> read());
    }

    private Map<LaneId, LaneOffer> read() {
        lanes.undamaged(DocumentChanges.CHECK_INTERVAL).ifPresentOrElse(offers -> last = byLane(offers), this::restore);
        return last;
    }

    /** Stores the last known lanes, so that lanes without a worker are not lost. Workers add theirs again. */
    private void restore() {
        try {
            lanes.registerMissing(last.values());
        } catch (StoreException e) {
            LOG.log(Level.WARNING, "lanes: cannot be stored again, to be retried: " + e.getMessage());
        }
    }

    /** All registered lanes, in the order of their first registration. */
    public Collection<LaneOffer> list() {
        return offers.get(ALL).values();
    }

    /** The offer of a lane, if it is registered. */
    public Optional<LaneOffer> find(LaneId lane) {
        return Optional.ofNullable(offers.get(ALL).get(lane));
    }

    /** The live workers, sorted by name. */
    public List<WorkerNotice> workers() {
        return workers.alive();
    }

    /**
     * The terms of the live workers of a lane; the registered terms if no worker is alive. Empty if the lane is not
     * registered.
     */
    List<CompileTerms> terms(LaneId lane) {
        LaneOffer registered = offers.get(ALL).get(lane);
        if (registered == null) {
            return List.of();
        }
        List<CompileTerms> announced = WorkerNotice.terms(workers.alive(), lane.digest(), registered.pack());
        return announced.isEmpty() ? List.of(registered.terms()) : announced;
    }

    /**
     * Why no worker takes requests of the lane now: all its live workers are in trouble. Empty if one takes requests, or
     * no worker of the lane is alive.
     */
    Optional<Trouble> trouble(LaneId lane) {
        Digest digest = lane.digest();
        List<WorkerNotice> serving = workers.alive().stream()
                .filter(worker -> worker.lanes().contains(digest))
                .toList();
        return serving.stream().allMatch(worker -> worker.trouble().isPresent())
                ? serving.stream().flatMap(worker -> worker.trouble().stream()).findFirst()
                : Optional.empty();
    }

    private static Map<LaneId, LaneOffer> byLane(Collection<LaneOffer> offers) {
        Map<LaneId, LaneOffer> byLane = new LinkedHashMap<>();
        offers.forEach(offer -> byLane.put(offer.lane().id(), offer));
        return byLane;
    }
}
