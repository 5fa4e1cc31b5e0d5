package dev.precast.cache.damage;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.cache.damage.Checks.Submitted;
import dev.precast.cache.store.Artifacts;
import dev.precast.cache.store.RetiredArtifacts;
import dev.precast.cache.store.StoredArtifact;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reports of hosts that received damaged payloads. A report only names a key: what happens is decided by reading the
 * payload.
 *
 * <p>Thread safe.
 */
public final class Reports {
    private final Artifacts artifacts;
    private final RetiredArtifacts retired;
    private final Checks checks;
    private final Consumer<Submitted> listener;

    /** @param listener gets the answer to each report about a current payload */
    public Reports(Artifacts artifacts, RetiredArtifacts retired, Checks checks, Consumer<Submitted> listener) {
        this.artifacts = artifacts;
        this.retired = retired;
        this.checks = checks;
        this.listener = listener;
    }

    /**
     * Takes a report.
     *
     * @param payload digest of the uncompressed payload that the attestation of the reporting host names
     * @param caller the host's token, for its share of the queue
     * @param wait maximum time to wait for the check
     * @return empty if the key has no artifact, or one with another payload: then the report is out of date
     * @throws dev.precast.cache.store.StoreException if the store fails
     */
    public Optional<Submitted> receive(ArtifactKey key, Digest payload, String caller, Duration wait)
            throws InterruptedException {
        Optional<Digest> current = artifacts
                .attested(key)
                .or(() -> retired.find(key))
                .map(StoredArtifact::payload)
                .map(stored -> stored.digest());
        if (current.filter(payload::equals).isEmpty()) {
            return Optional.empty();
        }
        Submitted answer = checks.request(key, caller, wait);
        listener.accept(answer);
        return answer.equals(new Submitted.Done(Healed.ABSENT)) ? Optional.empty() : Optional.of(answer);
    }
}
