package dev.precast.engine.chicory.run;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.log.Logger;
import com.dylibso.chicory.runtime.CompiledModule;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasi.WasiPreview1;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import dev.precast.artifact.LaneId;
import dev.precast.engine.chicory.load.ChicoryLoader;
import dev.precast.host.MissPolicy;
import dev.precast.host.Precast;
import dev.precast.host.service.ServiceClient;
import dev.precast.testkit.corpus.ChicoryTranscript;
import dev.precast.testkit.corpus.CorpusModule;
import dev.precast.testkit.corpus.JvmEngine;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Chicory, for the end-to-end tests. */
public final class ChicoryEngine implements JvmEngine {
    /** The number of functions per class changes only the speed; with this number modules compile faster. */
    private static final int FUNCTIONS_A_CLASS = 100;

    @Override
    public LaneId lane() {
        return new ChicoryLoader().lanes().getFirst().id();
    }

    @Override
    public List<String> compiledHere(CorpusModule module) {
        WasmModule parsed = Parser.parse(module.wasm());
        return ChicoryTranscript.of(
                module.exercise(),
                parsed,
                MachineFactoryCompiler.builder(parsed)
                        .withMaxFunctionsPerClass(FUNCTIONS_A_CLASS)
                        .withInterpreterFallback(InterpreterFallback.SILENT)
                        .compile());
    }

    @Override
    public List<String> interpreted(CorpusModule module) {
        return ChicoryTranscript.of(module.exercise(), Parser.parse(module.wasm()), null);
    }

    @Override
    public List<String> throughPrecast(CorpusModule module, URI service, Path data, Duration wait) {
        MissPolicy<CompiledModule> fail = MissPolicy.fail();
        try (Precast<CompiledModule> precast = Precast.builder(new ChicoryLoader())
                .source(ServiceClient.builder(service).localToken(data).build())
                .trustRoot(data.resolve("trust/root.pub"))
                .onMiss(wait.isZero() ? fail : MissPolicy.waitFor(wait, fail))
                .build()) {
            CompiledModule loaded = precast.load(module.wasm());
            return ChicoryTranscript.of(module.exercise(), loaded.wasmModule(), loaded.machineFactory());
        }
    }

    @Override
    public Class<?> host() {
        return ChicoryHost.class;
    }

    @Override
    public List<Class<?>> libraries() {
        return List.of(
                ChicoryLoader.class, Parser.class, Instance.class, WasiPreview1.class, Logger.class, ChicoryHost.class);
    }
}
