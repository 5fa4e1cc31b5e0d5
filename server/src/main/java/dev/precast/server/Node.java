package dev.precast.server;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.precast.api.json.WarmupRequests;
import dev.precast.api.message.Endpoints;
import dev.precast.api.rest.AccessRules;
import dev.precast.api.rest.UploadGate;
import dev.precast.attestation.AttestationVerifier;
import dev.precast.cache.Compilations;
import dev.precast.cache.DeadRequests;
import dev.precast.cache.Engines;
import dev.precast.cache.KeyStates;
import dev.precast.cache.Lookups;
import dev.precast.cache.Modules;
import dev.precast.cache.Payloads;
import dev.precast.cache.PolicySource;
import dev.precast.cache.event.CompileEvents;
import dev.precast.cache.event.InProcessEvents;
import dev.precast.cache.retirement.IdleLanes;
import dev.precast.cache.retirement.Retirement;
import dev.precast.cache.retirement.Sweeper;
import dev.precast.cache.store.Artifacts;
import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.store.Lanes;
import dev.precast.cache.store.Outcomes;
import dev.precast.cache.store.RetiredArtifacts;
import dev.precast.cache.store.StoreException;
import dev.precast.cache.usage.Usages;
import dev.precast.cache.warmup.ModuleLists;
import dev.precast.cache.warmup.Warmups;
import dev.precast.cache.worker.InProcessWorkers;
import dev.precast.cache.worker.LaneOffer;
import dev.precast.cache.worker.Workers;
import dev.precast.precompiler.Precompiler;
import dev.precast.precompiler.PrecompilerConfig;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import jakarta.validation.Validator;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Assembles what this process does: API, precompiler or both, on a folder or on what a fleet shares. */
@Singleton
@Startup
final class Node {
    private static final Logger LOG = Logger.getLogger("precast");
    private static final Duration WARMUPS_LOOKED_AFTER = Duration.ofSeconds(5);
    private static final Duration USAGE_WRITTEN = Duration.ofMinutes(1);
    private static final int REFRESH_SECONDS = 3;
    private static final int RENEW_HOURS = 24;
    private static final int PACKS_SECONDS = 10;
    private static final int DEPTH_SECONDS = 5;
    /** A thread for each that is repeated, so that a pack which is slow to name its lanes holds up no other. */
    private static final int REPEATED = 5;

    private final InstantSource clock = InstantSource.system();
    private final AccessRules access;
    private final DataFolder data;
    private final Backend backend;
    private final Trust trust;
    private final Modules modules;
    private final Engines engines;
    private final KeyStates states;
    private final Compilations compilations;
    private final Lookups lookups;
    private final DeadRequests dead;
    private final Backend.Closing door;
    private final ModuleLists lists;
    private final Usages usages;
    private final Warmups warmups;
    private final RetiredArtifacts retired;
    private final Retirement retirement;
    private final Optional<Sweeper> sweeper;
    private final UploadGate gate;
    private final Optional<Precompiler> precompiler;
    private final Optional<Heartbeat> heartbeat;
    private final ScheduledExecutorService repeating = Executors.newScheduledThreadPool(
            REPEATED, Thread.ofPlatform().name("repeating-", 0).daemon().factory());

    Node(PrecastConfig config, MeterRegistry registry, ObjectMapper mapper, Validator validator)
            throws IOException, InterruptedException {
        boolean fleet = Fleet.isConfigured(config);
        requireSense(config, fleet);
        this.access = Access.rules(config.host(), config.role(), config.auth());
        this.gate = new UploadGate(
                config.upload().maxConcurrent(),
                config.upload().minRate().asLongValue(),
                config.upload().waitTimeout(),
                Ticker.systemTicker());
        this.data = DataFolder.open(config.data());
        Optional<PrecompilerConfig> worker = WorkerSettings.of(config, data.work());
        Backend plain = fleet ? Fleet.open(config, data.spool(), clock) : Backend.embedded(data, config, clock);
        this.backend = plain.metered(registry);
        DocumentStore documents = backend.documents();
        this.trust = fleet
                ? new FleetTrust(
                        config.trust(),
                        config.builder(),
                        documents,
                        data.trust().resolve("policy.version"))
                : new EmbeddedTrust(data, documents, config.builder(), clock);

        AttestationVerifier verifier = new AttestationVerifier(trust.policy(), clock);
        Artifacts artifacts = new Artifacts(documents, backend.payloads(), verifier);
        Outcomes outcomes = new Outcomes(documents, verifier);
        Lanes lanes = new Lanes(documents);
        Ticker ticker = Ticker.systemTicker();

        this.modules = new Modules(backend.modules(), config.upload().maxBytes().asLongValue());
        boolean listens = config.role() != PrecastConfig.Role.WORKER;
        Workers workers = listens ? backend.workers() : new InProcessWorkers(clock);
        this.engines = new Engines(lanes, workers, ticker);
        this.states = new KeyStates(artifacts, outcomes, engines, backend.queue(), trust.policy(), clock, ticker);
        // Nobody waits at a worker, and it may not listen.
        CompileEvents heard = listens ? backend.events() : new InProcessEvents();
        this.compilations = new Compilations(states, engines, modules, backend.queue(), heard, documents, clock);
        this.lists = new ModuleLists(documents, clock);
        this.usages = new Usages(documents, engines, states, modules, clock, USAGE_WRITTEN);
        this.lookups = new Lookups(states, modules, usages);
        this.warmups = new Warmups(compilations, lookups, engines, lists, documents, clock, WARMUPS_LOOKED_AFTER);
        if (listens) {
            warmups.start();
        }
        this.retired = new RetiredArtifacts(
                documents, backend.listing(), backend.payloads(), backend.contents(), verifier, clock);
        this.retirement = new Retirement(
                retired,
                documents,
                backend.listing(),
                usages,
                states,
                new IdleLanes(lanes, workers, backend.purge(), clock),
                clock);
        Duration every = config.retirement().sweepEvery();
        this.sweeper = listens && !every.isZero()
                ? Optional.of(new Sweeper(retirement, documents, clock, every))
                : Optional.empty();
        Endpoints endpoints = new Endpoints(mapper, validator);
        this.door = !listens
                ? () -> {}
                : backend.doors()
                        .open(Map.of(
                                "compile",
                                endpoints.compile(compilations, clock),
                                "lookup",
                                endpoints.lookup(lookups),
                                "warmup",
                                endpoints.warmup(new WarmupRequests(warmups, lists, usages))));
        this.dead = new DeadRequests(backend.deadLetters(), backend.queue(), outcomes);
        this.precompiler = worker.isEmpty()
                ? Optional.empty()
                : Optional.of(start(
                        worker.get(),
                        new Precompiler.Stores(backend.modules(), backend.payloads(), artifacts, outcomes, lanes),
                        new WorkerMetrics(registry, worker.get().slots())));
        precompiler.ifPresent(compiling ->
                repeat("engine packs", () -> reload(compiling), PACKS_SECONDS, PACKS_SECONDS, TimeUnit.SECONDS));
        this.heartbeat =
                precompiler.map(compiling -> new Heartbeat(compiling, worker.orElseThrow(), backend.workers()));
        heartbeat.ifPresent(
                beat -> repeat("heartbeat", beat, 0, Workers.HEARTBEAT_INTERVAL.toSeconds(), TimeUnit.SECONDS));
        if (listens) {
            repeat("queue", new QueueDepth(registry, backend.depth()), 0, DEPTH_SECONDS, TimeUnit.SECONDS);
        }
        repeat("trust policy", trust::refresh, REFRESH_SECONDS, REFRESH_SECONDS, TimeUnit.SECONDS);
        repeat("trust policy", trust::renew, RENEW_HOURS, RENEW_HOURS, TimeUnit.HOURS);
    }

    private Precompiler start(PrecompilerConfig config, Precompiler.Stores stores, WorkerMetrics metrics)
            throws InterruptedException {
        try {
            return Precompiler.start(
                    config,
                    trust::signingKey,
                    stores,
                    backend.queue(),
                    backend.events(),
                    backend.deadLetters(),
                    metrics,
                    clock);
        } catch (IOException e) {
            throw Refusal.because("the worker cannot start: " + e.getMessage());
        }
    }

    private static void requireSense(PrecastConfig config, boolean fleet) {
        if (config.role() != PrecastConfig.Role.ALL && !fleet) {
            throw Refusal.because("precast.role is " + config.role()
                    + ", one part of a fleet: set precast.s3.bucket and precast.nats.servers, which its parts share");
        }
        if (config.role() == PrecastConfig.Role.WORKER
                && config.packs().folder().isEmpty()) {
            throw Refusal.because("a worker has nothing to compile with: set precast.packs.folder");
        }
        Duration every = config.retirement().sweepEvery();
        if (!every.isZero() && every.compareTo(Sweeper.SHORTEST) < 0) {
            throw Refusal.because(
                    "precast.retirement.sweep-every: expected 0 or at least " + Sweeper.SHORTEST + ", found " + every);
        }
    }

    private static void reload(Precompiler worker) {
        try {
            if (worker.reload()) {
                LOG.infof("engine packs changed, lanes %s", lanes(worker));
            }
        } catch (IOException | StoreException e) {
            LOG.warnf("engine packs: %s", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What the task throws is logged, since a task that throws would never run again. */
    private void repeat(String name, Runnable task, long first, long every, TimeUnit unit) {
        Future<?> repeated = repeating.scheduleWithFixedDelay(
                () -> {
                    try {
                        task.run();
                    } catch (RuntimeException e) {
                        LOG.warnf("%s: %s", name, e.getMessage());
                    }
                },
                first,
                every,
                unit);
        if (repeated.isDone()) {
            throw new IllegalStateException(name + ": the task ended at once");
        }
    }

    void stop(@Observes ShutdownEvent event) throws IOException, InterruptedException {
        repeating.shutdownNow();
        door.close();
        heartbeat.ifPresent(Heartbeat::leave);
        warmups.close();
        usages.close();
        if (sweeper.isPresent()) {
            sweeper.get().close();
        }
        if (precompiler.isPresent()) {
            precompiler.get().close();
        }
        compilations.close();
        gate.close();
        backend.close();
        data.close();
    }

    /** For who announces and watches this node. */
    String describe() {
        return "data " + data.root() + ", lanes " + precompiler.map(Node::lanes).orElse("none") + ", root "
                + trust.root().key().id();
    }

    private static String lanes(Precompiler worker) {
        List<String> offered = new ArrayList<>();
        for (LaneOffer offer : worker.offers()) {
            offered.add(offer.lane().engine() + "/" + offer.lane().target() + " (" + offer.profile() + ")");
        }
        return offered.isEmpty() ? "none" : String.join(" ", offered);
    }

    @Produces
    @Singleton
    AccessRules access() {
        return access;
    }

    @Produces
    @Singleton
    UploadGate gate() {
        return gate;
    }

    @Produces
    @Singleton
    InstantSource clock() {
        return clock;
    }

    @Produces
    @Singleton
    PolicySource policy() {
        return trust.policy();
    }

    @Produces
    @Singleton
    Modules modules() {
        return modules;
    }

    @Produces
    @Singleton
    Engines engines() {
        return engines;
    }

    @Produces
    @Singleton
    KeyStates states() {
        return states;
    }

    @Produces
    @Singleton
    DeadRequests dead() {
        return dead;
    }

    @Produces
    @Singleton
    Workers workers() {
        return backend.workers();
    }

    @Produces
    @Singleton
    Lookups lookups() {
        return lookups;
    }

    @Produces
    @Singleton
    Compilations compilations() {
        return compilations;
    }

    @Produces
    @Singleton
    Payloads payloads() {
        return new Payloads(backend.payloads());
    }

    @Produces
    @Singleton
    ModuleLists lists() {
        return lists;
    }

    @Produces
    @Singleton
    Warmups warmups() {
        return warmups;
    }

    @Produces
    @Singleton
    Usages usages() {
        return usages;
    }

    @Produces
    @Singleton
    RetiredArtifacts retired() {
        return retired;
    }

    @Produces
    @Singleton
    Retirement retirement() {
        return retirement;
    }
}
