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

/** What a host does: the module by its digest, its bytes only on a miss. */
final class PrecastWay {
    private static final long DISK_BYTES = 2L << 30;

    private PrecastWay() {}

    static Ready load(Path file, String digest, Path disk, String service, String root) {
        return ready(builder(disk, service, root).onMiss(MissPolicy.fail()).build(), file, digest);
    }

    /** The same, and a miss is compiled by the service; fills the service and the disk cache before a run. */
    static Ready compile(Path file, String digest, Path disk, String service, String root) {
        return ready(
                builder(disk, service, root)
                        .onMiss(MissPolicy.waitFor(Duration.ofMinutes(10), MissPolicy.fail()))
                        .build(),
                file,
                digest);
    }

    private static Ready ready(Precast<CompiledModule> precast, Path file, String digest) {
        CompiledModule module = precast.load(ModuleDigest.parse(digest), () -> Files.readAllBytes(file));
        return new Ready(module.wasmModule(), module.machineFactory());
    }

    private static PrecastBuilder<CompiledModule> builder(Path disk, String service, String root) {
        return Precast.builder(new ChicoryLoader())
                .service(URI.create(service))
                .trustRoot(Path.of(root))
                .diskCache(disk, DISK_BYTES);
    }
}
