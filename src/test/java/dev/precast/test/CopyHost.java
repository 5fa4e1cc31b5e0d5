package dev.precast.test;

import dev.precast.artifact.Lane;
import dev.precast.host.ArtifactSource;
import dev.precast.host.MissPolicy;
import dev.precast.host.Precast;
import dev.precast.load.EngineLoader;
import dev.precast.load.VerifiedArtifact;
import dev.precast.testkit.pack.CopyPack;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The load side of {@link CopyPack}'s engine: a loaded module is its payload. */
record CopyHost(Lane lane) implements EngineLoader<byte[]> {
    private static final Duration COMPILED_WITHIN = Duration.ofMinutes(1);

    @Override
    public List<Lane> lanes() {
        return List.of(lane);
    }

    @Override
    public byte[] load(VerifiedArtifact artifact) throws IOException {
        return artifact.payload().read(0, (int) artifact.payload().size());
    }

    @Override
    public byte[] interpret(byte[] wasm) {
        throw new IllegalArgumentException("this engine has no interpreter");
    }

    /** Loads a module as a new host without a disk cache does. Waits for a compilation if there is no artifact. */
    byte[] load(byte[] module, ArtifactSource source, Path trustRoot) {
        try (Precast<byte[]> host = Precast.builder(this)
                .source(source)
                .trustRoot(trustRoot)
                .withoutListeners()
                .onMiss(MissPolicy.waitFor(COMPILED_WITHIN, MissPolicy.fail()))
                .build()) {
            return host.load(module);
        }
    }
}
