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
     * Maximum age of a copy of an announced document: an announcement that is lost delays a change, such as a
     * revocation, by no more.
     */
    Duration CHECK_INTERVAL = Duration.ofSeconds(60);

    /** Like {@link #CHECK_INTERVAL}, for copies that an idle worker does not use before it reads the document again. */
    Duration IDLE_CHECK_INTERVAL = Duration.ofMinutes(10);

    /** Announces a change to all nodes, this one included. Does not fail if nothing receives the announcement. */
    void announce(String name);

    /**
     * Calls {@code listener} with the name of each document that is announced from now on, on any thread. The listener
     * must return quickly and must not throw.
     */
    void listen(Consumer<String> listener);

    /**
     * The period in which announcements have arrived without an interruption. A copy that was read in another period may
     * be older than an announcement that was lost in between.
     *
     * @return the number of the period; empty while announcements may be lost
     */
    OptionalLong period();
}
