package dev.precast.bench;

import com.dylibso.chicory.runtime.CompiledModule;
import dev.precast.artifact.ModuleDigest;
import dev.precast.engine.chicory.load.ChicoryLoader;
import dev.precast.host.MissPolicy;
import dev.precast.host.Precast;
import dev.precast.host.PrecastBuilder;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Loads a module as a host does: by its digest. Reads the module's bytes only on a miss. */
final class PrecastWay {
    private static final long DISK_BYTES = 2L << 30;

    private PrecastWay() {}

    static Ready load(Job job) {
        return ready(builder(job).onMiss(MissPolicy.fail()).build(), job);
    }

    /** Loads a module and requests its compilation on a miss, to fill the service and the disk cache before a run. */
    static void compile(Job job) {
        ready(
                builder(job)
                        .onMiss(MissPolicy.waitFor(Duration.ofMinutes(10), MissPolicy.fail()))
                        .build(),
                job);
    }

    private static Ready ready(Precast<CompiledModule> precast, Job job) {
        CompiledModule module = precast.load(ModuleDigest.parse(job.digest()), () -> Files.readAllBytes(job.file()));
        return new ChicoryReady(module.wasmModule(), module.machineFactory());
    }

    private static PrecastBuilder<CompiledModule> builder(Job job) {
        return Precast.builder(new ChicoryLoader())
                .service(URI.create(job.service()))
                .trustRoot(Path.of(job.root()))
                .diskCache(job.folder(), DISK_BYTES);
    }
}
