package dev.precast.test;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Attestation;
import dev.precast.host.ArtifactSource;
import dev.precast.host.Finding;
import dev.precast.host.LaneSource;
import dev.precast.host.service.ServiceClient;
import dev.precast.load.OfferedLane;
import dev.precast.protocol.KeyState;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A source that asks a service once and repeats its answers. On request it flips a bit in one module's attestation or
 * payload.
 */
final class TamperedSource implements ArtifactSource, LaneSource {
    private final ServiceClient service;
    private final ModuleDigest module;
    private final Map<List<ModuleDigest>, List<Finding>> found = new HashMap<>();
    private final Map<ModuleDigest, byte[]> payloads = new HashMap<>();
    private @Nullable Random inEnvelope;
    private @Nullable Random inPayload;
    private int opened;

    TamperedSource(ServiceClient service, ModuleDigest module) {
        this.service = service;
        this.module = module;
    }

    /** From now on a bit of the module's attestation, another one each time. */
    synchronized void flipEnvelope(Random random) {
        inEnvelope = random;
        inPayload = null;
    }

    /** From now on a bit of its payload. */
    synchronized void flipPayload(Random random) {
        inPayload = random;
        inEnvelope = null;
    }

    synchronized void flipNothing() {
        inEnvelope = null;
        inPayload = null;
    }

    /** Digest of the module's payload, which was asked for. */
    synchronized Digest payload() {
        return Digest.of(Objects.requireNonNull(payloads.get(module)));
    }

    /** The module's artifact, which was asked for. */
    synchronized ArtifactKey key() {
        return Objects.requireNonNull(found.get(List.of(module))).getFirst().key();
    }

    /** How often a payload was asked for. */
    synchronized int opened() {
        return opened;
    }

    static byte[] flipped(byte[] bytes, Random random) {
        int bit = random.nextInt(bytes.length * 8);
        byte[] flipped = bytes.clone();
        flipped[bit / 8] ^= (byte) (1 << bit % 8);
        return flipped;
    }

    @Override
    public synchronized List<Finding> find(List<ModuleDigest> modules, List<LaneId> lanes) throws IOException {
        List<Finding> real = found.get(modules);
        if (real == null) {
            real = service.find(modules, lanes);
            found.put(modules, real);
        }
        return inEnvelope == null || !modules.equals(List.of(module))
                ? real
                : real.stream().map(this::withFlippedEnvelope).toList();
    }

    private synchronized Finding withFlippedEnvelope(Finding finding) {
        return finding.state() instanceof KeyState.Present present && inEnvelope != null
                ? new Finding(finding.key(), new KeyState.Present(flipped(present.envelope(), inEnvelope)))
                : finding;
    }

    @Override
    public synchronized InputStream open(Attestation attestation) throws IOException {
        opened++;
        byte[] real = payloads.get(attestation.module());
        if (real == null) {
            try (InputStream in = service.open(attestation)) {
                real = in.readAllBytes();
            }
            payloads.put(attestation.module(), real);
        }
        return new ByteArrayInputStream(
                inPayload != null && attestation.module().equals(module) ? flipped(real, inPayload) : real);
    }

    @Override
    public Optional<byte[]> trust() throws IOException {
        return service.trust();
    }

    @Override
    public Optional<byte[]> current() throws IOException {
        return service.current();
    }

    @Override
    public List<OfferedLane> lanes() throws IOException {
        return service.lanes();
    }
}
