package dev.precast.host.load;

import dev.precast.artifact.Digest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.Check;
import dev.precast.attestation.RefusedException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The artifacts a part of which failed a check after they were loaded in this process. Thread safe. */
final class BrokenArtifacts {
    private static final int MAX_KEPT = 10_000;

    private final Set<Digest> payloads = ConcurrentHashMap.newKeySet();

    /** Adds an artifact; false if it is known, or too many are kept. */
    boolean add(Attestation attestation) {
        return payloads.size() < MAX_KEPT && payloads.add(attestation.payload().digest());
    }

    /** Whether the artifact with this payload is broken. */
    boolean contains(Digest payload) {
        return !payloads.isEmpty() && payloads.contains(payload);
    }

    /** @throws RefusedException if the artifact is broken */
    void requireNot(Attestation attestation) throws RefusedException {
        Digest payload = attestation.payload().digest();
        if (contains(payload)) {
            throw new RefusedException(
                    Check.LOADABLE, "payload " + payload + ": a part of it failed a check in this process");
        }
    }
}
