package dev.precast.server;

import dev.precast.api.connection.Drain;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * What a node does between SIGTERM and the end of its parts. It is not ready at once, and its worker takes no more
 * requests. An API replica or an edge serves on for a while, so that load balancers notice. Then it refuses new requests, answers
 * those that wait for a compilation, and finishes the others, such as downloads.
 */
@Singleton
@Startup
final class Departure {
    private static final Logger LOG = Logger.getLogger("precast");
    private static final Duration DELAY_IN_FLEET = Duration.ofSeconds(5);

    private final Duration delay;
    private final Duration timeout;
    private final Drain drain;
    private final Lifecycle parts;
    private final boolean hasClients;

    /** @throws io.quarkus.runtime.configuration.ConfigurationException if the delay is out of range */
    Departure(PrecastConfig config, Drain drain, Lifecycle parts) {
        this.delay = delay(config);
        this.timeout = config.drainTimeout();
        this.drain = drain;
        this.parts = parts;
        this.hasClients = config.role().hasClients();
        if (delay.isNegative() || delay.compareTo(timeout) > 0) {
            throw Refusal.because(
                    "precast.drain-delay: expected at most precast.drain-timeout (" + timeout + "), found " + delay);
        }
    }

    private static Duration delay(PrecastConfig config) {
        Duration timeout = config.drainTimeout();
        boolean isReplica =
                config.role() == PrecastConfig.Role.EDGE || (config.role().servesApi() && Fleet.isConfigured(config));
        Duration usual = DELAY_IN_FLEET.compareTo(timeout) < 0 ? DELAY_IN_FLEET : timeout;
        return config.drainDelay().orElse(isReplica ? usual : Duration.ZERO);
    }

    /**
     * Returns when the API has nothing in progress, or after the timeout; Quarkus serves HTTP until then. The worker's
     * compilations continue.
     */
    void leave(@Observes ShutdownDelayInitiatedEvent event) throws Exception {
        long end = System.nanoTime() + timeout.toNanos();
        LOG.infof("stopping within %d s: not ready, takes no more compilations", timeout.toSeconds());
        drain.leave();
        parts.worker().ifPresent(Worker::leave);
        if (!hasClients) {
            return;
        }
        Thread.sleep(delay);
        drain.refuse();
        Api api = parts.api().orElse(null);
        if (api != null) {
            api.work().compilations().endWaits();
            api.messages().close();
        }
        int cut = drain.awaitIdle(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
        if (cut > 0) {
            LOG.warnf(
                    "stopping: %d requests did not end within precast.drain-timeout (%d s); their connections are closed",
                    cut, timeout.toSeconds());
        }
    }
}
