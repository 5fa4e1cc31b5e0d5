package dev.precast.bench;

import dev.precast.artifact.Lane;
import dev.precast.artifact.ModuleDigest;
import dev.precast.host.MissPolicy;
import dev.precast.host.Precast;
import dev.precast.host.service.ServiceClient;
import dev.precast.testkit.fleet.FleetNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Hosts of a rollout: each is a virtual thread with a host client of its own and nothing on disk. It makes all modules
 * ready one after the other, starting with a different one. Hosts share a few HTTP clients, and so connections.
 */
final class RolloutHosts {
    private static final Duration TIMEOUT = Duration.ofMinutes(30);
    private static final long LONGEST_MILLIS = Duration.ofHours(2).toMillis();
    private static final int HTTP_CLIENTS = 16;

    private final FleetModules modules;
    private final List<Lane> lanes;
    private final Path root;
    private final List<ServiceClient> services = new ArrayList<>();
    private final AtomicLong payloadBytes = new AtomicLong();

    /** @param lanes hosts use these lanes in turn */
    RolloutHosts(FleetNode api, Path root, FleetModules modules, List<Lane> lanes) {
        this.root = root;
        this.modules = modules;
        this.lanes = lanes;
        for (int i = 0; i < HTTP_CLIENTS; i++) {
            services.add(ServiceClient.builder(api.address())
                    .localToken(api.data())
                    .answerWithin(Duration.ofMinutes(1))
                    .withoutBackOff()
                    .build());
        }
    }

    /**
     * @param p50Seconds median of the times from a host's start until all its modules are ready
     * @param allSeconds time until the last host was ready
     * @param payloadBytes bytes of the payloads that all hosts got, uncompressed
     */
    record Start(double p50Seconds, double p99Seconds, double allSeconds, long payloadBytes) {}

    /**
     * Starts hosts.
     *
     * @param first number of the first host
     * @param atOnce how many hosts start at a time; each next one starts when one is ready
     */
    Start start(int first, int hosts, int atOnce) throws InterruptedException {
        Histogram ready = new ConcurrentHistogram(LONGEST_MILLIS, 3);
        Semaphore places = new Semaphore(atOnce);
        payloadBytes.set(0);
        long begin = System.nanoTime();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < hosts; i++) {
                int host = first + i;
                places.acquire();
                running.add(threads.submit(() -> {
                    try {
                        long from = System.nanoTime();
                        makeReady(host);
                        ready.recordValue((System.nanoTime() - from) / 1_000_000);
                    } finally {
                        places.release();
                    }
                }));
            }
            for (Future<?> host : running) {
                host.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("host: failed: " + e.getCause(), e);
        }
        return new Start(
                ready.getValueAtPercentile(50) / 1e3,
                ready.getValueAtPercentile(99) / 1e3,
                (System.nanoTime() - begin) / 1e9,
                payloadBytes.get());
    }

    private void makeReady(int host) {
        try (Precast<Long> precast = Precast.builder(new WholeLoader(lanes.get(host % lanes.size())))
                .source(services.get(host % services.size()))
                .trustRoot(root)
                .onMiss(MissPolicy.waitFor(TIMEOUT, MissPolicy.fail()))
                .withoutListeners()
                .maxLoaded(0)
                .build()) {
            for (ModuleDigest module : modules.order(host)) {
                payloadBytes.addAndGet(precast.load(module, () -> Files.readAllBytes(modules.file(module))));
            }
        }
    }
}
