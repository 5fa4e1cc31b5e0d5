package dev.precast.test;

import dev.precast.artifact.Lane;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.RefusedException;
import dev.precast.engine.wasmtime.load.WasmtimeCode;
import dev.precast.load.OfferedLane;
import dev.precast.load.ProbingLoader;
import dev.precast.load.VerifiedArtifact;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts the artifacts that reach the load side, which alone calls Wasmtime's {@code deserialize_file}. Thread safe.
 */
final class WatchedLoader implements ProbingLoader<WasmtimeCode> {
    private final ProbingLoader<WasmtimeCode> to;
    private final Map<ModuleDigest, Integer> loads = new ConcurrentHashMap<>();

    WatchedLoader(ProbingLoader<WasmtimeCode> to) {
        this.to = to;
    }

    int loads(ModuleDigest module) {
        return loads.getOrDefault(module, 0);
    }

    @Override
    public List<Lane> lanes() {
        return to.lanes();
    }

    @Override
    public List<Lane> worthTrying(List<OfferedLane> offered) {
        return to.worthTrying(offered);
    }

    @Override
    public WasmtimeCode load(VerifiedArtifact artifact) throws IOException, RefusedException {
        loads.merge(artifact.attestation().module(), 1, Integer::sum);
        return to.load(artifact);
    }

    @Override
    public WasmtimeCode interpret(byte[] wasm) {
        return to.interpret(wasm);
    }
}
