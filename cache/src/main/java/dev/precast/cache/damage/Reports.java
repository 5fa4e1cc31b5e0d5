package dev.precast.cache.damage;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.cache.damage.Checks.Submitted;
import dev.precast.cache.store.Artifacts;
import dev.precast.cache.store.RetiredArtifacts;
import dev.precast.cache.store.StoredArtifact;
import dev.precast.protocol.ReportReason;
import java.time.Duration;
import java.util.Optional;

/**
 * Reports of hosts that received damaged payloads, or could not load an artifact. A report only names a key: what happens
 * is decided by reading the payload, and by workers that load it.
 *
 * <p>Thread safe.
 */
public final class Reports {
    private final Artifacts artifacts;
    private final RetiredArtifacts retired;
    private final Checks checks;
    private final RecheckRequests rechecks;
    private final Listener listener;

    /** @param listener gets the answer to each report about a current payload */
    public Reports(
            Artifacts artifacts, RetiredArtifacts retired, Checks checks, RecheckRequests rechecks, Listener listener) {
        this.artifacts = artifacts;
        this.retired = retired;
        this.checks = checks;
        this.rechecks = rechecks;
        this.listener = listener;
    }

    /** Is told of reports. Must return quickly and must not throw. */
    @FunctionalInterface
    public interface Listener {
        void answered(ReportReason reason, Received answer);
    }

    /** The answer to a report. */
    public sealed interface Received {
        /** The key has no artifact, or one with another payload: then the report is out of date. */
        record Unknown() implements Received {}

        /** The payload was checked, or will be. */
        record Checked(Submitted check) implements Received {}

        /** The payload is whole, and workers test it, or have tested it. */
        record Tested(Rechecks.Opened recheck) implements Received {}
    }

    /**
     * Takes a report.
     *
     * @param payload digest of the uncompressed payload that the attestation of the reporting host names
     * @param caller the host's token, for its share of the queue
     * @param wait maximum time to wait for the check of the payload
     * @throws dev.precast.cache.store.StoreException if the store fails
     * @throws dev.precast.cache.queue.QueueUnavailableException if a recheck is necessary and the queue does not answer
     */
    public Received receive(ArtifactKey key, Digest payload, ReportReason reason, String caller, Duration wait)
            throws InterruptedException {
        Optional<Digest> current = artifacts
                .attested(key)
                .or(() -> retired.find(key))
                .map(StoredArtifact::payload)
                .map(stored -> stored.digest());
        if (current.filter(payload::equals).isEmpty()) {
            return new Received.Unknown();
        }
        Submitted check = checks.request(key, caller, wait);
        // Damage would explain why the artifact does not load.
        boolean test = reason == ReportReason.UNLOADABLE && check.equals(new Submitted.Done(Healed.WHOLE));
        Received answer =
                test ? new Received.Tested(rechecks.request(key, payload, caller)) : new Received.Checked(check);
        listener.answered(reason, answer);
        return check.equals(new Submitted.Done(Healed.ABSENT)) ? new Received.Unknown() : answer;
    }
}
