package dev.precast.cache.damage;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.cache.damage.Rechecks.Opened;
import dev.precast.cache.queue.CompileQueue;
import dev.precast.cache.queue.CompileRequest;
import dev.precast.cache.queue.Priority;
import dev.precast.cache.worker.WorkerNotice;
import dev.precast.cache.worker.Workers;
import java.util.List;

/**
 * Requests for rechecks. The queue delivers the key as any other request; a worker that finds the artifact present and a
 * recheck open tests the artifact.
 *
 * <p>Thread safe.
 */
public final class RecheckRequests {
    /** Number of workers that must refuse an artifact, if the lane has so many. */
    private static final int WORKERS = 2;

    private final Rechecks rechecks;
    private final Workers workers;
    private final CompileQueue queue;
    private final int percent;

    /** @param percent the share of the fleet's slots that rechecks may use, 0 to 100; at least one slot, unless 0 */
    public RecheckRequests(Rechecks rechecks, Workers workers, CompileQueue queue, int percent) {
        if (percent < 0 || percent > 100) {
            throw new IllegalArgumentException("share of slots for rechecks: expected 0 to 100, found " + percent);
        }
        this.rechecks = rechecks;
        this.workers = workers;
        this.queue = queue;
        this.percent = percent;
    }

    /**
     * Requests a recheck of an artifact that a host could not load.
     *
     * @param payload digest of the artifact's uncompressed payload
     * @throws dev.precast.cache.store.StoreException if the store fails
     * @throws dev.precast.cache.queue.QueueUnavailableException if the queue does not answer
     */
    public Opened request(ArtifactKey key, Digest payload, String caller) {
        List<WorkerNotice> alive = workers.alive();
        Digest lane = key.lane().digest();
        int serving = (int)
                alive.stream().filter(worker -> worker.lanes().contains(lane)).count();
        if (percent == 0 || serving == 0) {
            return Opened.BUSY;
        }
        long slots = alive.stream().mapToLong(WorkerNotice::slots).sum();
        int most = (int) Math.max(1, slots * percent / 100);
        Opened opened = rechecks.open(key, payload, caller, most, Math.min(WORKERS, serving));
        if (opened == Opened.OPEN) {
            queue.enqueue(new CompileRequest(key, Priority.WARM));
        }
        return opened;
    }
}
