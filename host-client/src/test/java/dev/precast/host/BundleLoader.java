package dev.precast.host;

import dev.precast.artifact.Lane;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Check;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SizedDigest;
import dev.precast.bundle.BundleEntry;
import dev.precast.bundle.BundleException;
import dev.precast.bundle.BundleIndex;
import dev.precast.bundle.BundleReader;
import dev.precast.load.EngineLoader;
import dev.precast.load.VerifiedArtifact;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A load side whose modules are their bundles. Reading an entry verifies it. */
final class BundleLoader implements EngineLoader<BundleLoader.Loaded> {
    final AtomicInteger loads = new AtomicInteger();
    /** If not null, loads throw it. */
    volatile @Nullable RefusedException refusal;
    /** The last artifact that was loaded. */
    volatile @Nullable VerifiedArtifact last;

    final List<Lane> lanes;

    BundleLoader() {
        this(List.of(Deployment.LANE));
    }

    BundleLoader(List<Lane> lanes) {
        this.lanes = lanes;
    }

    /** A module, compiled or interpreted. */
    record Loaded(Optional<ModuleDigest> interpreted, Optional<BundleReader> bundle) {
        boolean isCompiled() {
            return interpreted.isEmpty();
        }

        /** Verifies all of it. */
        int readAll() throws IOException, BundleException {
            int bytes = 0;
            BundleReader reader = bundle.orElseThrow();
            for (BundleEntry entry : reader.index().entries().values()) {
                bytes += reader.read(entry).length;
            }
            return bytes;
        }
    }

    @Override
    public List<Lane> lanes() {
        return lanes;
    }

    @Override
    public Loaded load(VerifiedArtifact artifact) throws IOException, RefusedException {
        loads.incrementAndGet();
        last = artifact;
        if (refusal != null) {
            throw refusal;
        }
        Optional<SizedDigest> signed = artifact.attestation().index();
        if (signed.isEmpty()) {
            return new Loaded(Optional.empty(), Optional.empty());
        }
        try {
            SizedDigest index = signed.get();
            return new Loaded(
                    Optional.empty(),
                    Optional.of(new BundleReader(
                            artifact.payload(), BundleIndex.read(artifact.payload(), index.size(), index.digest()))));
        } catch (BundleException | EOFException e) {
            throw new RefusedException(Check.INDEX, e.getMessage());
        }
    }

    @Override
    public Loaded interpret(byte[] wasm) {
        return new Loaded(Optional.of(ModuleDigest.of(wasm)), Optional.empty());
    }
}
