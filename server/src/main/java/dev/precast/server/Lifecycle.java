package dev.precast.server;

import dev.precast.cache.worker.Workers;
import dev.precast.precompiler.PrecompilerConfig;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Starts the parts of this node that its role needs, runs periodic tasks, and closes all parts in order. */
@Singleton
@Startup
final class Lifecycle {
    private static final Duration DEPTH_INTERVAL = Duration.ofSeconds(5);
    private static final Duration TROUBLE_INTERVAL = Duration.ofSeconds(1);
    private static final Duration STORES_INTERVAL = Duration.ofSeconds(5);
    private static final Duration LANES_INTERVAL = Duration.ofSeconds(15);
    private static final Duration RENEWAL_INTERVAL = Duration.ofHours(24);

    private final DataFolder data;
    private final Optional<Backend> backend;
    private final Optional<PolicyWatch> watch;
    private final Optional<Api> api;
    private final Optional<Worker> worker;
    private final List<Thread> repeating = new ArrayList<>();

    /** Creates the beans in the order of these parameters, and those of a role only if the node has that role. */
    Lifecycle(
            PrecastConfig config,
            Optional<PrecompilerConfig> settings,
            DataFolder data,
            Instance<Backend> backend,
            Instance<PolicyWatch> watch,
            Instance<Api> api,
            Instance<Worker> worker) {
        this.data = data;
        // An edge has neither stores nor keys.
        boolean edge = config.role() == PrecastConfig.Role.EDGE;
        this.backend = edge ? Optional.empty() : Optional.of(backend.get());
        this.watch = edge ? Optional.empty() : Optional.of(watch.get());
        this.api = config.role().servesApi() ? Optional.of(api.get()) : Optional.empty();
        this.api.ifPresent(part -> part.warmups().start());
        this.worker = settings.map(compiles -> worker.get());

        this.worker.ifPresent(part -> {
            Duration packs = config.packs().reloadEvery();
            repeat("engine packs", packs, packs, part::reloadPacks);
            repeat("heartbeat", Duration.ZERO, Workers.HEARTBEAT_INTERVAL, part::beat);
            repeat("worker", Duration.ZERO, TROUBLE_INTERVAL, part::watchTrouble);
        });
        this.api.ifPresent(part -> {
            repeat("queue", Duration.ZERO, DEPTH_INTERVAL, part.depth());
            repeat("lanes", Duration.ZERO, LANES_INTERVAL, part.lanes());
        });
        this.watch.ifPresent(part -> {
            repeat("stores", STORES_INTERVAL, STORES_INTERVAL, part.node()::checkStores);
            Duration policy = config.trust().refreshEvery();
            repeat("trust policy", policy, policy, part::refresh);
            repeat("trust policy", RENEWAL_INTERVAL, RENEWAL_INTERVAL, part.trust()::renew);
        });
    }

    /** Repeats a task in a thread of its own, so that a slow task delays no other. A task that fails runs again. */
    private void repeat(String name, Duration first, Duration pause, Runnable task) {
        repeating.add(Thread.ofPlatform().name(name).daemon().start(() -> {
            try {
                ProblemLog problems = new ProblemLog();
                Thread.sleep(first);
                while (true) {
                    try {
                        task.run();
                        problems.found(Optional.empty());
                    } catch (RuntimeException e) {
                        problems.found(Optional.of(name + ": " + e.getMessage()));
                    }
                    Thread.sleep(pause);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
    }

    /** The API of this node, if its role has one. */
    Optional<Api> api() {
        return api;
    }

    /** The worker of this node, if its role has one. */
    Optional<Worker> worker() {
        return worker;
    }

    /** The names of threads that have ended although this node needs them. */
    List<String> endedThreads() {
        return repeating.stream()
                .filter(thread -> !thread.isAlive())
                .map(Thread::getName)
                .toList();
    }

    /** Closes first the parts that accept requests, then those that process them, then those that both groups use. */
    void stop(@Observes ShutdownEvent event) throws Exception {
        repeating.forEach(Thread::interrupt);
        List<AutoCloseable> parts = new ArrayList<>();
        api.ifPresent(part -> parts.add(part.messages()));
        worker.ifPresent(part -> parts.add(part::leave));
        api.ifPresent(part -> {
            parts.add(part.warmups());
            parts.add(part.usages());
            part.sweeper().ifPresent(parts::add);
        });
        worker.ifPresent(parts::add);
        api.ifPresent(part -> parts.add(part.work()));
        backend.ifPresent(part -> parts.add(part.connections()));
        parts.add(data);
        closeAll(parts);
    }

    /** Closes all parts in order, then throws what failed. */
    static void closeAll(List<AutoCloseable> parts) throws Exception {
        Exception failed = null;
        for (AutoCloseable part : parts) {
            try {
                part.close();
            } catch (Exception e) {
                if (failed == null) {
                    failed = e;
                } else {
                    failed.addSuppressed(e);
                }
            }
        }
        if (failed != null) {
            throw failed;
        }
    }

    /** Data folder, lanes and trust root, for the announcement. */
    String describe() {
        String root =
                watch.map(part -> ", root " + part.trust().root().key().id()).orElse("");
        return "data " + data.root() + ", lanes " + worker.map(Worker::lanes).orElse("none") + root;
    }
}
