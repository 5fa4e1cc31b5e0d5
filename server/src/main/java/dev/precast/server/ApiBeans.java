package dev.precast.server;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.precast.api.json.WarmupRequests;
import dev.precast.api.message.Endpoints;
import dev.precast.artifact.ByteRate;
import dev.precast.attestation.AttestationVerifier;
import dev.precast.cache.Compilations;
import dev.precast.cache.DeadRequests;
import dev.precast.cache.Engines;
import dev.precast.cache.KeyStates;
import dev.precast.cache.Lookups;
import dev.precast.cache.Modules;
import dev.precast.cache.Payloads;
import dev.precast.cache.PolicySource;
import dev.precast.cache.RequestedKeys;
import dev.precast.cache.Withdrawals;
import dev.precast.cache.damage.Checks;
import dev.precast.cache.damage.Healer;
import dev.precast.cache.damage.RecheckRequests;
import dev.precast.cache.damage.Reports;
import dev.precast.cache.damage.Scrub;
import dev.precast.cache.damage.ScrubItems;
import dev.precast.cache.queue.CompileQueue;
import dev.precast.cache.queue.CompileRequest;
import dev.precast.cache.queue.Priority;
import dev.precast.cache.retirement.IdleLanes;
import dev.precast.cache.retirement.Retirement;
import dev.precast.cache.retirement.Sweeper;
import dev.precast.cache.store.RetiredArtifacts;
import dev.precast.cache.usage.Usages;
import dev.precast.cache.warmup.ModuleLists;
import dev.precast.cache.warmup.Warmups;
import dev.precast.cache.worker.Workers;
import dev.precast.module.EmptyModule;
import dev.precast.precompiler.Precompiler;
import io.quarkus.runtime.configuration.MemorySize;
import jakarta.inject.Singleton;
import jakarta.validation.Validator;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/**
 * The services behind the API. A node that is only a worker creates none of them, since its NATS user may not subscribe
 * to events.
 */
@Singleton
final class ApiBeans {
    private static final Duration WARMUP_INTERVAL = Duration.ofSeconds(5);
    private static final Duration USAGE_INTERVAL = Duration.ofMinutes(1);

    @Singleton
    static Workers workers(Backend backend) {
        Workers workers = backend.messaging().workers();
        workers.listen(); // So that workers are known before requests come.
        return workers;
    }

    @Singleton
    static Modules modules(PrecastConfig config, Backend backend) {
        return new Modules(
                backend.stores().modules(), config.upload().maxBytes().asLongValue(), Ticker.systemTicker());
    }

    @Singleton
    static Payloads payloads(Backend backend, Checks checks) {
        return new Payloads(backend.stores().payloads(), checks::doubt, Ticker.systemTicker());
    }

    @Singleton
    static Healer healer(
            PrecastConfig config,
            Precompiler.Stores stores,
            RetiredArtifacts retired,
            Withdrawals withdrawals,
            Backend backend,
            InstantSource clock,
            DamageMetrics metrics) {
        CompileQueue queue = backend.messaging().queue();
        return new Healer(
                stores.artifacts(),
                retired,
                stores.payloads(),
                rate(config.damage().bytesPerSecond(), "precast.damage.bytes-per-second"),
                clock,
                key -> {
                    withdrawals.tell(key);
                    // Hosts cannot request the compilation of a lane's probe.
                    if (key.module().equals(EmptyModule.DIGEST)) {
                        queue.enqueue(new CompileRequest(key, Priority.WARM));
                    }
                },
                metrics);
    }

    private static ByteRate rate(MemorySize bytesPerSecond, String property) {
        return Refusal.ifInvalid(property, () -> ByteRate.of(bytesPerSecond.asLongValue()));
    }

    @Singleton
    static Checks checks(Healer healer) {
        return new Checks(healer::heal, Ticker.systemTicker());
    }

    @Singleton
    static Scrub scrub(
            PrecastConfig config,
            Healer healer,
            Modules modules,
            Backend backend,
            InstantSource clock,
            DamageMetrics metrics) {
        Backend.Stores stores = backend.stores();
        ScrubItems items = new ScrubItems(
                healer,
                rate(config.scrub().bytesPerSecond(), "precast.scrub.bytes-per-second"),
                stores.documents(),
                stores.documentListing(),
                modules,
                stores.moduleListing(),
                clock);
        Scrub scrub = new Scrub(Scrub.Mode.valueOf(config.scrub().mode().name()), items, stores.documents(), clock);
        metrics.watch(scrub, clock);
        return scrub;
    }

    @Singleton
    static Reports reports(
            Precompiler.Stores stores,
            RetiredArtifacts retired,
            Checks checks,
            RecheckRequests rechecks,
            DamageMetrics metrics) {
        return new Reports(stores.artifacts(), retired, checks, rechecks, metrics);
    }

    @Singleton
    static RecheckRequests rechecks(PrecastConfig config, Precompiler.Stores stores, Workers workers, Backend backend) {
        return new RecheckRequests(
                stores.rechecks(),
                workers,
                backend.messaging().queue(),
                config.damage().recheckPercent());
    }

    @Singleton
    static Engines engines(Precompiler.Stores stores, Workers workers) {
        return new Engines(stores.lanes(), workers, Ticker.systemTicker());
    }

    @Singleton
    static KeyStates states(
            Precompiler.Stores stores, Engines engines, Backend backend, PolicySource policy, InstantSource clock) {
        return new KeyStates(
                stores.artifacts(),
                stores.outcomes(),
                engines,
                backend.messaging().queue(),
                policy,
                clock,
                Ticker.systemTicker());
    }

    @Singleton
    static Compilations compilations(
            KeyStates states, Engines engines, Modules modules, Backend backend, InstantSource clock) {
        Backend.Messaging messaging = backend.messaging();
        return new Compilations(
                states,
                engines,
                modules,
                messaging.queue(),
                messaging.events(),
                new RequestedKeys(backend.stores().documents(), Ticker.systemTicker()),
                clock);
    }

    @Singleton
    static Withdrawals withdrawals(KeyStates states, Backend backend) {
        return new Withdrawals(states, backend.messaging().events());
    }

    @Singleton
    static ModuleLists lists(Backend backend, InstantSource clock) {
        return new ModuleLists(backend.stores().documents(), clock);
    }

    @Singleton
    static Usages usages(Backend backend, Engines engines, KeyStates states, Modules modules, InstantSource clock) {
        return new Usages(backend.stores().documents(), engines, states, modules, clock, USAGE_INTERVAL);
    }

    @Singleton
    static Lookups lookups(KeyStates states, Modules modules, Usages usages) {
        return new Lookups(states, modules, usages);
    }

    @Singleton
    static Warmups warmups(
            Compilations compilations,
            Lookups lookups,
            Engines engines,
            ModuleLists lists,
            Backend backend,
            InstantSource clock) {
        return new Warmups(
                compilations, lookups, engines, lists, backend.stores().documents(), clock, WARMUP_INTERVAL);
    }

    @Singleton
    static DeadRequests dead(Backend backend, Precompiler.Stores stores) {
        Backend.Messaging messaging = backend.messaging();
        return new DeadRequests(messaging.deadLetters(), messaging.queue(), stores.outcomes());
    }

    @Singleton
    static RetiredArtifacts retired(Backend backend, AttestationVerifier verifier, InstantSource clock) {
        Backend.Stores stores = backend.stores();
        return new RetiredArtifacts(
                stores.documents(),
                stores.documentListing(),
                stores.payloads(),
                stores.payloadListing(),
                verifier,
                clock);
    }

    @Singleton
    static Retirement retirement(
            RetiredArtifacts retired,
            Backend backend,
            Usages usages,
            Withdrawals withdrawals,
            IdleLanes idle,
            InstantSource clock) {
        Backend.Stores stores = backend.stores();
        return new Retirement(retired, stores.documents(), stores.documentListing(), usages, withdrawals, idle, clock);
    }

    @Singleton
    static WarmupRequests warmupRequests(Warmups warmups, ModuleLists lists, Usages usages) {
        return new WarmupRequests(warmups, lists, usages);
    }

    /** Serves the API over NATS as soon as this bean is created; serves nothing in the embedded default. */
    @Singleton
    static Backend.Serving messages(
            Backend backend,
            ObjectMapper mapper,
            Validator validator,
            Compilations compilations,
            Lookups lookups,
            WarmupRequests warmups,
            InstantSource clock) {
        Endpoints endpoints = new Endpoints(mapper, validator);
        return backend.messaging()
                .endpoints()
                .apply(Map.of(
                        "compile", endpoints.compile(compilations, clock),
                        "lookup", endpoints.lookup(lookups),
                        "warmup", endpoints.warmup(warmups)));
    }

    @Singleton
    static Optional<Sweeper> sweeper(
            PrecastConfig config, Retirement retirement, Backend backend, InstantSource clock) {
        Duration every = config.retirement().sweepEvery();
        return every.isZero()
                ? Optional.empty()
                : Optional.of(Refusal.ifInvalid(
                        "precast.retirement.sweep-every",
                        () -> new Sweeper(retirement, backend.stores().documents(), clock, every)));
    }

    @Singleton
    static IdleLanes idle(Precompiler.Stores stores, Workers workers, Backend backend, InstantSource clock) {
        return new IdleLanes(stores.lanes(), workers, backend.messaging().purge(), clock);
    }
}
