package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.runtime.CompiledModule;
import dev.precast.artifact.Digest;
import dev.precast.attestation.RefusedException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * The artifacts of the test suite in one way. Most modules are in several files of the suite and are compiled only once.
 * Not thread safe.
 */
final class SuiteArtifacts {
    private final Way way;
    private final Map<Digest, Artifact> artifacts = new HashMap<>();
    private final Map<Digest, RejectedException> rejections = new HashMap<>();

    SuiteArtifacts(Way way) {
        this.way = way;
    }

    /** @throws RejectedException if the compile side rejects the module */
    CompiledModule load(byte[] wasm) throws RejectedException, IOException, RefusedException {
        Digest module = Digest.of(wasm);
        RejectedException rejection = rejections.get(module);
        if (rejection != null) {
            throw rejection;
        }
        Artifact artifact = artifacts.get(module);
        if (artifact == null) {
            try {
                artifact = way.compile(wasm);
            } catch (RejectedException e) {
                rejections.put(module, e);
                throw e;
            }
            artifacts.put(module, artifact);
        }
        return Way.load(artifact);
    }
}
