package dev.precast.bench;

import com.dylibso.chicory.runtime.CompiledModule;
import dev.precast.artifact.ModuleDigest;
import dev.precast.engine.chicory.load.ChicoryLoader;
import dev.precast.host.MissPolicy;
import dev.precast.host.Precast;
import dev.precast.host.PrecastBuilder;
import dev.precast.host.service.ServiceClient;
import dev.precast.module.EmptyModule;
import dev.precast.testkit.fleet.FleetNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Hosts that start at the same time. Each host is a thread that makes all modules ready one after the other, starting
 * with a different module. A host with Precast has its own disk cache. Loaded modules are dropped, so that all hosts
 * fit into one JVM.
 */
final class FleetHosts {
    private static final Duration TIMEOUT = Duration.ofMinutes(10);
    private static final long DISK_BYTES = 2L << 30;

    private final int hosts;
    private final FleetModules modules;

    FleetHosts(int hosts, FleetModules modules) {
        this.hosts = hosts;
        this.modules = modules;
    }

    /**
     * One start of all hosts.
     *
     * @param lastReadySeconds time until the last host had all modules ready
     * @param cpuSeconds CPU time of this process in that time
     */
    record Start(double lastReadySeconds, double cpuSeconds) {}

    /**
     * @param prefetch the prefetch of all hosts
     * @param start the loads of the same hosts after the prefetch
     */
    record Prefetched(Start prefetch, Start start) {}

    int modules() {
        return modules.files().size();
    }

    /** Loads the empty module in one host, because each host tries a lane with it. */
    void probe(FleetNode service, Path root, Path disk) {
        try (Precast<CompiledModule> precast = host(service, root, disk)) {
            precast.load(EmptyModule.wasm());
        }
    }

    /** Starts hosts with empty disk caches, which wait for the compilations of the fleet. */
    Start compiledByFleet(FleetNode service, Path root, Path disks) throws InterruptedException {
        List<Precast<CompiledModule>> all = hosts(service, root, disks);
        try {
            return together(hosts, host -> () -> load(all.get(host), host));
        } finally {
            all.forEach(Precast::close);
        }
    }

    /** Starts hosts with empty disk caches, which prefetch all artifacts and then load them. */
    Prefetched prefetched(FleetNode service, Path root, Path disks) throws InterruptedException {
        List<Precast<CompiledModule>> all = hosts(service, root, disks);
        try {
            Start prefetch = together(hosts, host -> () -> prefetch(all.get(host)));
            return new Prefetched(prefetch, together(hosts, host -> () -> load(all.get(host), host)));
        } finally {
            all.forEach(Precast::close);
        }
    }

    /**
     * Starts hosts without Precast, which share the engine's own cache in one folder. The folder is empty, or an
     * earlier start filled it.
     */
    Start sharedFolder(Path folder) throws InterruptedException {
        return together(hosts, host -> () -> {
            for (ModuleDigest module : modules.order(host)) {
                ChicoryWays.cached(modules.file(module), folder);
            }
            return null;
        });
    }

    /** Starts one host, which compiles all modules in-process. The JIT is warm if hosts with a cache ran before. */
    Start oneInProcess() throws InterruptedException {
        return together(1, host -> () -> {
            for (ModuleDigest module : modules.order(host)) {
                ChicoryWays.compiled(modules.file(module));
            }
            return null;
        });
    }

    private List<Precast<CompiledModule>> hosts(FleetNode service, Path root, Path disks) {
        List<Precast<CompiledModule>> all = new ArrayList<>();
        for (int host = 0; host < hosts; host++) {
            all.add(host(service, root, disks.resolve("host-" + host)));
        }
        return all;
    }

    private static Precast<CompiledModule> host(FleetNode service, Path root, Path disk) {
        PrecastBuilder<CompiledModule> builder = Precast.builder(new ChicoryLoader());
        return builder.source(ServiceClient.builder(service.address())
                        .localToken(service.data())
                        .build())
                .trustRoot(root)
                .diskCache(disk, DISK_BYTES)
                .onMiss(MissPolicy.waitFor(TIMEOUT, MissPolicy.fail()))
                .maxLoaded(0)
                .build();
    }

    private @Nullable Void load(Precast<CompiledModule> precast, int host) {
        for (ModuleDigest module : modules.order(host)) {
            precast.load(module, () -> Files.readAllBytes(modules.file(module)));
        }
        return null;
    }

    private @Nullable Void prefetch(Precast<CompiledModule> precast) {
        for (var each : precast.prefetch(modules.files().keySet(), TIMEOUT, done -> {})) {
            if (!(each instanceof dev.precast.host.Prefetched.Ready)) {
                throw new IllegalStateException("prefetch: expected all modules ready, found " + each);
            }
        }
        return null;
    }

    private static Start together(int count, IntFunction<Callable<?>> task) throws InterruptedException {
        long cpu = Resources.cpuMillis();
        long begin = System.nanoTime();
        try (ExecutorService threads = Executors.newFixedThreadPool(count)) {
            List<Future<?>> running = new ArrayList<>();
            for (int host = 0; host < count; host++) {
                running.add(threads.submit(task.apply(host)));
            }
            for (Future<?> host : running) {
                host.get();
            }
            return new Start((System.nanoTime() - begin) / 1e9, (Resources.cpuMillis() - cpu) / 1e3);
        } catch (ExecutionException e) {
            throw new IllegalStateException("host: failed: " + e.getCause(), e);
        }
    }
}
