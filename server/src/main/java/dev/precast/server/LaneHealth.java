package dev.precast.server;

import dev.precast.cache.Engines;
import dev.precast.cache.store.StoreException;
import dev.precast.cache.worker.LaneOffer;
import dev.precast.cache.worker.Trouble;
import dev.precast.cache.worker.WorkerNotice;
import dev.precast.cache.worker.Workers;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;

/** Tells which registered lanes have no worker that takes requests. */
@Singleton
final class LaneHealth {
    private static final int MOST_NAMED = 5;

    private final Engines engines;
    private final Workers workers;

    LaneHealth(Engines engines, Workers workers) {
        this.engines = engines;
        this.workers = workers;
    }

    /** The lanes without a worker that takes requests, for people; empty if there are none. */
    Optional<String> problem() {
        List<WorkerNotice> alive = workers.alive();
        List<String> idle;
        try {
            idle = engines.list().stream()
                    .filter(offer -> serving(offer, alive).stream()
                            .allMatch(worker -> worker.trouble().isPresent()))
                    .map(offer -> named(offer, alive))
                    .toList();
        } catch (StoreException e) {
            return Optional.of("cannot be read: " + e.getMessage());
        }
        if (idle.isEmpty()) {
            return Optional.empty();
        }
        String named = String.join("; ", idle.subList(0, Math.min(MOST_NAMED, idle.size())));
        int more = idle.size() - MOST_NAMED;
        return Optional.of(named + (more > 0 ? "; and " + more + " more" : ""));
    }

    private static List<WorkerNotice> serving(LaneOffer offer, List<WorkerNotice> alive) {
        var lane = offer.lane().id().digest();
        return alive.stream().filter(worker -> worker.lanes().contains(lane)).toList();
    }

    private static String named(LaneOffer offer, List<WorkerNotice> alive) {
        Optional<Trouble> trouble = serving(offer, alive).stream()
                .flatMap(worker -> worker.trouble().stream())
                .findFirst();
        return offer.lane().engine() + " " + offer.profile() + " on "
                + offer.lane().target() + ": "
                + trouble.map(why -> "no worker takes requests (" + why + ")").orElse("no worker is alive");
    }
}
