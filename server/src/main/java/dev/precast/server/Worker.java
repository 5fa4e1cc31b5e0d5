package dev.precast.server;

import dev.precast.artifact.Digest;
import dev.precast.cache.queue.QueueUnavailableException;
import dev.precast.cache.store.StoreException;
import dev.precast.cache.worker.LaneOffer;
import dev.precast.cache.worker.Trouble;
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
    /** The kind of trouble that was logged last; used by one thread. */
    private Optional<Trouble.Kind> told = Optional.empty();

    /** @throws io.quarkus.runtime.configuration.ConfigurationException if the precompiler cannot start */
    Worker(
            Optional<PrecompilerConfig> settings,
            Trust trust,
            Precompiler.Stores stores,
            Backend backend,
            WorkerMetrics metrics,
            NodeHealth node,
            InstantSource clock)
            throws InterruptedException {
        this.config = settings.orElseThrow();
        this.messaging = backend.messaging();
        node.memory(config.slots()).ifPresent(problem -> LOG.warnf("worker: %s", problem));
        try {
            this.precompiler = Precompiler.start(
                    config,
                    trust::signingKey,
                    stores,
                    new Precompiler.Messages(
                            messaging.queue(), messaging.events(), messaging.deadLetters(), messaging.workers()),
                    metrics,
                    () -> node.worker(trust.unlisted(config.builder())),
                    clock);
        } catch (IOException e) {
            throw Refusal.because("worker: " + e.getMessage());
        }
        metrics.watch(precompiler::trouble);
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

    /** Sends a heartbeat with the lanes and the trouble of this worker: no lanes from {@link #leave} on. */
    void beat() {
        if (leaving) {
            announce(Set.of(), Optional.empty());
        } else {
            announce(precompiler.offers(), precompiler.trouble());
        }
    }

    /** Takes no more requests, and announces it. */
    void leave() {
        leaving = true;
        precompiler.stopTaking();
        beat();
    }

    /** Why this worker takes no requests now; empty if it takes requests. */
    Optional<Trouble> trouble() {
        return precompiler.trouble();
    }

    /** Logs and announces that this worker stops or starts again to take requests. */
    void watchTrouble() {
        Optional<Trouble> now = precompiler.trouble();
        if (now.map(Trouble::kind).equals(told)) {
            return;
        }
        told = now.map(Trouble::kind);
        now.ifPresentOrElse(
                trouble -> LOG.warnf("worker: takes no requests: %s", trouble),
                () -> LOG.info("worker: takes requests again"));
        beat();
    }

    private void announce(Collection<LaneOffer> offers, Optional<Trouble> trouble) {
        Map<Digest, Digest> packs = offers.stream()
                .collect(Collectors.toMap(offer -> offer.lane().id().digest(), LaneOffer::pack));
        try {
            messaging
                    .workers()
                    .announce(new WorkerNotice(
                            name,
                            packs.keySet(),
                            trouble.isPresent() ? 0 : config.slots(),
                            config.limits(),
                            config.caps().toJson(),
                            packs,
                            trouble));
        } catch (QueueUnavailableException e) {
            LOG.debugf("heartbeat: %s", e.getMessage());
        }
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
