package dev.precast.host.load;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.Check;
import dev.precast.attestation.RefusedException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The artifacts that proved not to load in this process. Thread safe. */
final class BrokenArtifacts {
    private static final int MAX_KEPT = 10_000;

    private final Set<Digest> payloads = ConcurrentHashMap.newKeySet();
    private final Set<ArtifactKey> keys = ConcurrentHashMap.newKeySet();

    /** Adds an artifact; false if it is known. */
    boolean add(Attestation attestation) {
        keys.add(attestation.key());
        return payloads.size() < MAX_KEPT && payloads.add(attestation.payload().digest());
    }

    /** Whether an artifact of the key is broken, perhaps another one than the current one. */
    boolean isDoubted(ArtifactKey key) {
        return !keys.isEmpty() && keys.contains(key);
    }

    /** @throws RefusedException if the artifact is broken */
    void requireNot(Attestation attestation) throws RefusedException {
        if (!payloads.isEmpty() && payloads.contains(attestation.payload().digest())) {
            throw new RefusedException(
                    Check.LOADABLE,
                    "payload " + attestation.payload().digest() + ": a part of it failed a check in this process");
        }
    }
}
