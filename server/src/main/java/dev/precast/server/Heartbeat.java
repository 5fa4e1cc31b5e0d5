package dev.precast.server;

import dev.precast.cache.queue.QueueUnavailableException;
import dev.precast.cache.worker.LaneOffer;
import dev.precast.cache.worker.WorkerNotice;
import dev.precast.cache.worker.Workers;
import dev.precast.precompiler.Precompiler;
import dev.precast.precompiler.PrecompilerConfig;
import java.util.Collection;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** The heartbeat of this worker: each run announces the lanes that it serves. */
final class Heartbeat implements Runnable {
    private static final Logger LOG = Logger.getLogger("precast");

    private final String name = UUID.randomUUID().toString();
    private final Precompiler precompiler;
    private final PrecompilerConfig config;
    private final Workers workers;

    Heartbeat(Precompiler precompiler, PrecompilerConfig config, Workers workers) {
        this.precompiler = precompiler;
        this.config = config;
        this.workers = workers;
    }

    @Override
    public void run() {
        announce(precompiler.offers());
    }

    /** Announces that this worker leaves. */
    void leave() {
        announce(Set.of());
    }

    private void announce(Collection<LaneOffer> offers) {
        try {
            workers.announce(new WorkerNotice(
                    name,
                    offers.stream().map(offer -> offer.lane().id().digest()).collect(Collectors.toSet()),
                    config.slots(),
                    config.limits(),
                    config.caps().toJson()));
        } catch (QueueUnavailableException e) {
            LOG.debugf("heartbeat: %s", e.getMessage());
        }
    }
}
