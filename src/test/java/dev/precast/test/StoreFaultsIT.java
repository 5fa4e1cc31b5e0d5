package dev.precast.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.CompiledModule;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import dev.precast.artifact.ModuleDigest;
import dev.precast.engine.chicory.load.ChicoryLoader;
import dev.precast.host.MissPolicy;
import dev.precast.host.Precast;
import dev.precast.host.service.ServiceClient;
import dev.precast.testkit.corpus.ChicoryTranscript;
import dev.precast.testkit.corpus.CorpusModule;
import dev.precast.testkit.corpus.OddModules;
import dev.precast.testkit.fleet.Fleet;
import dev.precast.testkit.fleet.FleetNode;
import dev.precast.testkit.server.Toxics;
import eu.rekawek.toxiproxy.model.ToxicDirection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hosts start while the store of their fleet is slow and fails. */
@Tag("fleet")
class StoreFaultsIT {
    private static final int HOSTS = 20;
    private static final int STARTED_MINUTES = 5;

    @TempDir
    private Path folder;

    @Test
    void no_host_fails_while_the_store_is_slow_and_fails_and_all_is_well_when_it_recovers() throws Exception {
        try (Fleet fleet = Fleet.start(folder.resolve("fleet"), LocalService.bundledPacks(), Fleet.SMALL);
                Toxics toxics = Toxics.before(fleet.s3().port(), folder.resolve("toxics.log"));
                ExecutorService hosts = Executors.newVirtualThreadPerTaskExecutor()) {
            fleet.reachS3At(toxics.port());
            FleetNode api = fleet.api();
            fleet.worker();
            CorpusModule module = OddModules.module("exceptions");
            List<String> expected = JvmEngines.CHICORY.compiledHere(module);
            toxics.proxy().toxics().latency("slow", ToxicDirection.DOWNSTREAM, 5000);
            toxics.proxy()
                    .toxics()
                    .resetPeer("reset", ToxicDirection.DOWNSTREAM, 0)
                    .setToxicity(0.3f);

            List<CompletableFuture<List<String>>> started = new ArrayList<>();
            for (int i = 0; i < HOSTS; i++) {
                MissPolicy<CompiledModule> locally = MissPolicy.compileLocally(StoreFaultsIT::compile);
                MissPolicy<CompiledModule> policy =
                        i % 2 == 0 ? locally : MissPolicy.waitFor(Duration.ofSeconds(20), locally);
                Path cache = folder.resolve("cache-" + i);
                started.add(CompletableFuture.supplyAsync(() -> run(fleet, api, cache, policy, module), hosts));
            }
            for (CompletableFuture<List<String>> host : started) {
                assertThat(host.get(STARTED_MINUTES, TimeUnit.MINUTES)).isEqualTo(expected);
            }

            toxics.heal();
            // Until nothing is in the air any more that failed before, and breakers let calls through.
            await().atMost(Duration.ofMinutes(4))
                    .ignoreExceptions()
                    .until(() -> run(
                                    fleet,
                                    api,
                                    folder.resolve("cache-later"),
                                    MissPolicy.waitFor(Duration.ofMinutes(3), MissPolicy.fail()),
                                    module)
                            .equals(expected));
        }
    }

    private static List<String> run(
            Fleet fleet, FleetNode api, Path cache, MissPolicy<CompiledModule> policy, CorpusModule module) {
        try (Precast<CompiledModule> precast = Precast.builder(new ChicoryLoader())
                .source(ServiceClient.builder(api.address())
                        .localToken(api.data())
                        .build())
                .trustRoot(fleet.trustRoot())
                .diskCache(cache, 1L << 30)
                .onMiss(policy)
                .build()) {
            CompiledModule loaded = precast.load(ModuleDigest.of(module.wasm()), module::wasm);
            return ChicoryTranscript.of(module.exercise(), loaded.wasmModule(), loaded.machineFactory());
        }
    }

    /** As a host does that has a compiler. */
    private static CompiledModule compile(byte[] wasm) {
        WasmModule module = Parser.parse(wasm);
        Function<Instance, Machine> machines = MachineFactoryCompiler.compile(module);
        return new CompiledModule() {
            @Override
            public WasmModule wasmModule() {
                return module;
            }

            @Override
            public Function<Instance, Machine> machineFactory() {
                return machines;
            }
        };
    }
}
