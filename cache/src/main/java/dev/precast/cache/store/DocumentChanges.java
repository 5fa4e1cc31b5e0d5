package dev.precast.cache.store;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * The port for announcements between the nodes of a fleet: a document was written or deleted. Announcements are hints:
 * they may be late, lost, repeated or forged.
 *
 * <p>Implementations are thread safe.
 */
public interface DocumentChanges {
    /**
     * Maximum age of a copy of a watched document. A change whose announcement is lost, such as a revocation, is seen
     * after at most this time.
     */
    Duration CHECK_INTERVAL = Duration.ofSeconds(60);

    /**
     * Maximum age of a worker's copy while nothing depends on it: of the policy while the worker has no request, and of
     * the lanes, in which it only looks for its own.
     */
    Duration IDLE_CHECK_INTERVAL = Duration.ofMinutes(10);

    /** Announces a change to all nodes, this one included. Does not fail if nothing receives the announcement. */
    void announce(String name);

    /**
     * Calls {@code listener} with the name of each document that is announced from now on, on any thread. The listener
     * must return quickly and must not throw.
     */
    void listen(Consumer<String> listener);

    /**
     * The period in which announcements have arrived without an interruption. Announcements may have been lost between
     * two periods, so a copy that was read in another period may be out of date.
     *
     * @return the number of the period; empty while announcements may be lost
     */
    OptionalLong period();
}
