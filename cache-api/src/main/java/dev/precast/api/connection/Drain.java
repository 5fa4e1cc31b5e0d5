package dev.precast.api.connection;

import java.time.Duration;

/**
 * Ends the service of a process in two steps. First the process serves as before, except that each answer closes its
 * connection, so that clients move to other replicas; then it refuses new requests and waits for those in progress.
 *
 * <p>Thread safe.
 */
public final class Drain {
    private static final Duration LOOK = Duration.ofMillis(20);

    private final ConnectionGate connections;
    private volatile Phase phase = Phase.SERVING;

    private enum Phase {
        SERVING,
        LEAVING,
        REFUSING
    }

    public Drain(ConnectionGate connections) {
        this.connections = connections;
    }

    /** The first step: from now on this process is not ready, and answers close their connections. */
    public void leave() {
        phase = Phase.LEAVING;
    }

    /** The second step: from now on new requests are refused. */
    public void refuse() {
        phase = Phase.REFUSING;
    }

    /** Whether {@link #leave} was called. */
    public boolean isLeaving() {
        return phase != Phase.SERVING;
    }

    /** Whether new requests are refused. */
    public boolean isRefusing() {
        return phase == Phase.REFUSING;
    }

    /** Waits until no request is in progress. Returns the number of requests that still are. */
    public int awaitIdle(Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        while (connections.requests() > 0 && System.nanoTime() - end < 0) {
            Thread.sleep(LOOK);
        }
        return connections.requests();
    }
}
