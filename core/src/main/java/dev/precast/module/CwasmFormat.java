package dev.precast.module;

import dev.precast.artifact.EngineHash;
import dev.precast.artifact.Lane;
import dev.precast.attestation.Check;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SizedDigest;
import dev.precast.load.PayloadFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The format of files that Wasmtime serialized. {@link #check} compares their architecture and engine hash with those
 * of the lane.
 */
public final class CwasmFormat implements PayloadFormat {
    @Override
    public String name() {
        return CwasmFile.FORMAT;
    }

    @Override
    public Optional<SizedDigest> check(Path payload, Lane lane) throws IOException, RefusedException {
        CwasmFile file = read(payload);
        String architecture = lane.target().name().split("-", 2)[0];
        if (!architecture.equals(file.architecture())) {
            throw new RefusedException(
                    Check.LOADABLE, "cwasm: expected code for " + architecture + ", found " + file.architecture());
        }
        if (!file.engineHash().equals(lane.engineHash())) {
            throw new RefusedException(
                    Check.LOADABLE,
                    "cwasm: expected engine hash " + lane.engineHash() + ", found " + file.engineHash());
        }
        return Optional.empty();
    }

    @Override
    public Optional<EngineHash> engineHash(Path payload) throws IOException, RefusedException {
        return Optional.of(read(payload).engineHash());
    }

    @Override
    public boolean isProbed() {
        return true;
    }

    private static CwasmFile read(Path payload) throws IOException, RefusedException {
        try {
            return CwasmFile.read(payload);
        } catch (MalformedModuleException e) {
            throw new RefusedException(Check.LOADABLE, "cwasm: " + e.getMessage());
        }
    }
}
