package dev.precast.server;

import dev.precast.artifact.Digest;
import dev.precast.cache.queue.QueueUnavailableException;
import dev.precast.cache.store.StoreException;
import dev.precast.cache.worker.LaneOffer;
import dev.precast.cache.worker.WorkerNotice;
import dev.precast.precompiler.Precompiler;
import dev.precast.precompiler.PrecompilerConfig;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** The precompiler of this node, and its heartbeat. */
@Singleton
final class Worker implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger("precast");

    private final String name = UUID.randomUUID().toString();
    private final PrecompilerConfig config;
    private final Backend.Messaging messaging;
    private final Precompiler precompiler;
    private volatile boolean leaving;

    /** @throws io.quarkus.runtime.configuration.ConfigurationException if the precompiler cannot start */
    Worker(
            Optional<PrecompilerConfig> settings,
            Trust trust,
            Precompiler.Stores stores,
            Backend backend,
            WorkerMetrics metrics,
            InstantSource clock)
            throws InterruptedException {
        this.config = settings.orElseThrow();
        this.messaging = backend.messaging();
        try {
            this.precompiler = Precompiler.start(
                    config,
                    trust::signingKey,
                    stores,
                    new Precompiler.Messages(
                            messaging.queue(), messaging.events(), messaging.deadLetters(), messaging.workers()),
                    metrics,
                    clock);
        } catch (IOException e) {
            throw Refusal.because("worker: " + e.getMessage());
        }
    }

    /** Reads the folder of engine packs again and serves the packs that are now in it. */
    void reloadPacks() {
        try {
            if (precompiler.reload()) {
                beat(); // Until a heartbeat names a new lane, the lane counts as idle and may be retired.
                LOG.infof("engine packs changed; served lanes: %s", lanes());
            }
        } catch (IOException | StoreException e) {
            LOG.warnf("engine packs: %s", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Sends a heartbeat with the lanes that are served: none from {@link #leave} on. */
    void beat() {
        Collection<LaneOffer> offers = leaving ? Set.of() : precompiler.offers();
        Map<Digest, Digest> packs = offers.stream()
                .collect(Collectors.toMap(offer -> offer.lane().id().digest(), LaneOffer::pack));
        try {
            messaging
                    .workers()
                    .announce(new WorkerNotice(
                            name,
                            packs.keySet(),
                            config.slots(),
                            config.limits(),
                            config.caps().toJson(),
                            packs));
        } catch (QueueUnavailableException e) {
            LOG.debugf("heartbeat: %s", e.getMessage());
        }
    }

    /** Takes no more requests, and announces it. */
    void leave() {
        leaving = true;
        precompiler.stopTaking();
        beat();
    }

    /** The lanes that are served, for people. */
    String lanes() {
        String lanes = precompiler.offers().stream()
                .map(offer -> offer.lane().engine() + "/" + offer.lane().target() + " (" + offer.profile() + ")")
                .collect(Collectors.joining(" "));
        return lanes.isEmpty() ? "none" : lanes;
    }

    @Override
    public void close() throws InterruptedException {
        precompiler.close();
    }
}
