package dev.precast.host;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.Envelope;
import dev.precast.attestation.FreshnessProof;
import dev.precast.protocol.KeyState;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Artifacts in memory, for hosts that contain their artifacts and for tests. */
public final class MemorySource implements ArtifactSource {
    private final Map<ArtifactKey, byte[]> envelopes = new ConcurrentHashMap<>();
    private final Map<Digest, byte[]> payloads = new ConcurrentHashMap<>();
    private volatile byte @Nullable [] policy;
    private volatile byte @Nullable [] proof;

    /**
     * Adds or replaces the artifact of a key.
     *
     * @param payload not copied; must not be modified afterwards
     */
    public void put(ArtifactKey key, Envelope attestation, byte[] payload) {
        payloads.put(Digest.of(payload), payload);
        envelopes.put(key, attestation.toJson());
    }

    /** Sets the trust policy. */
    public void trust(Envelope signed) {
        policy = signed.toJson();
    }

    /** Sets the proof that the trust policy is current. */
    public void current(FreshnessProof current) {
        proof = current.toJson();
    }

    @Override
    public List<Finding> find(List<ModuleDigest> modules, List<LaneId> lanes) {
        List<Finding> found = new ArrayList<>(modules.size());
        for (ModuleDigest module : modules) {
            found.add(find(module, lanes));
        }
        return found;
    }

    private Finding find(ModuleDigest module, List<LaneId> lanes) {
        for (LaneId lane : lanes) {
            ArtifactKey key = lane.key(module);
            byte[] envelope = envelopes.get(key);
            if (envelope != null) {
                return new Finding(key, new KeyState.Present(envelope));
            }
        }
        return new Finding(lanes.get(0).key(module), new KeyState.Absent(false));
    }

    @Override
    public InputStream open(Attestation attestation) throws IOException {
        byte[] payload = payloads.get(attestation.payload().digest());
        if (payload == null) {
            throw new FileNotFoundException("payload " + attestation.payload().digest() + ": not found in memory");
        }
        return new ByteArrayInputStream(payload);
    }

    @Override
    public Optional<byte[]> trust() {
        return Optional.ofNullable(policy);
    }

    @Override
    public Optional<byte[]> current() {
        return Optional.ofNullable(proof);
    }

    @Override
    public String toString() {
        return "memory";
    }
}
