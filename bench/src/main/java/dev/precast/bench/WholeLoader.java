package dev.precast.bench;

import dev.precast.artifact.Digest;
import dev.precast.artifact.Lane;
import dev.precast.artifact.Payload;
import dev.precast.attestation.Check;
import dev.precast.attestation.RefusedException;
import dev.precast.load.EngineLoader;
import dev.precast.load.VerifiedArtifact;
import java.io.IOException;
import java.util.List;

/**
 * A loader without an engine: it verifies the whole payload and returns its size in bytes. So thousands of hosts of any
 * engine fit into one JVM.
 */
record WholeLoader(Lane lane) implements EngineLoader<Long> {
    @Override
    public List<Lane> lanes() {
        return List.of(lane);
    }

    @Override
    public Long load(VerifiedArtifact artifact) throws IOException, RefusedException {
        Payload payload = artifact.payload();
        byte[] bytes = payload.read(0, Math.toIntExact(payload.size()));
        Digest found = Digest.of(bytes);
        if (!found.equals(artifact.attestation().payload().digest())) {
            throw new RefusedException(
                    Check.PAYLOAD,
                    "payload: damaged (expected "
                            + artifact.attestation().payload().digest() + ", found " + found + ")");
        }
        return (long) bytes.length;
    }

    @Override
    public Long interpret(byte[] wasm) {
        throw new IllegalArgumentException("no interpreter in this benchmark");
    }
}
