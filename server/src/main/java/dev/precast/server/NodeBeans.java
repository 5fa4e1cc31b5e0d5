package dev.precast.server;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.precast.api.connection.ConnectionGate;
import dev.precast.api.connection.ConnectionLimits;
import dev.precast.api.connection.ConnectionMetrics;
import dev.precast.api.connection.Drain;
import dev.precast.api.connection.Proxies;
import dev.precast.api.connection.UnreadBytes;
import dev.precast.api.rest.AccessRules;
import dev.precast.api.rest.DownloadGate;
import dev.precast.api.rest.Redirects;
import dev.precast.api.rest.UploadGate;
import dev.precast.attestation.AttestationVerifier;
import dev.precast.cache.FreshnessSource;
import dev.precast.cache.PolicySource;
import dev.precast.cache.damage.Rechecks;
import dev.precast.cache.store.Artifacts;
import dev.precast.cache.store.DocumentChanges;
import dev.precast.cache.store.Lanes;
import dev.precast.cache.store.Outcomes;
import dev.precast.cache.store.UnfinishedStarts;
import dev.precast.precompiler.Precompiler;
import dev.precast.precompiler.PrecompilerConfig;
import dev.precast.protocol.LocalToken;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.configuration.MemorySize;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Beans of every node: its settings, folder, backend, trust and stores. Each is created when something injects it. */
@Singleton
final class NodeBeans {
    /** By default, clients may leave answers unread up to the heap size divided by this. */
    private static final int UNREAD_SHARE = 4;

    @Singleton
    static InstantSource clock() {
        return InstantSource.system();
    }

    @Singleton
    static Optional<LocalToken> localToken(PrecastConfig config) {
        return Access.localToken(config.role(), config.auth());
    }

    @Singleton
    static AccessRules access(PrecastConfig config, Optional<LocalToken> local) {
        return Access.rules(config.host(), config.role(), config.auth(), local);
    }

    @Singleton
    static ConnectionGate connections(PrecastConfig config, MeterRegistry registry) {
        PrecastConfig.Http http = config.http();
        ConnectionLimits limits = Refusal.ifInvalid(
                "precast.http",
                () -> new ConnectionLimits(
                        http.maxConnections(),
                        http.maxConnectionsPerAddress(),
                        http.maxConnectionsPerProxy(),
                        http.maxRequestsPerToken(),
                        http.headTimeout(),
                        http.idleTimeout()));
        Proxies proxies = Refusal.ifInvalid(
                "precast.http.proxies", () -> new Proxies(http.proxies().orElse(List.of()), http.proxyProtocol()));
        ConnectionMetrics metrics = new ConnectionMetrics(registry);
        long unread = http.maxUnread()
                .map(MemorySize::asLongValue)
                .orElse(Runtime.getRuntime().maxMemory() / UNREAD_SHARE);
        return new ConnectionGate(
                limits,
                proxies,
                metrics,
                Refusal.ifInvalid(
                        "precast.http",
                        () -> new UnreadBytes(
                                unread, http.minReadRate().asLongValue(), metrics, Ticker.systemTicker())));
    }

    @Singleton
    static Drain drain(ConnectionGate connections) {
        return new Drain(connections);
    }

    @Singleton
    static UploadGate uploads(PrecastConfig config) {
        return new UploadGate(
                config.upload().maxConcurrent(),
                config.upload().minRate().asLongValue(),
                config.upload().waitTimeout(),
                Ticker.systemTicker());
    }

    @Singleton
    static DownloadGate downloads(PrecastConfig config) {
        return new DownloadGate(
                config.download().maxConcurrent(), config.download().waitTimeout());
    }

    @Singleton
    static Redirects redirects(Backend backend) {
        return new Redirects(backend.stores().payloadLinks());
    }

    @Singleton
    static DataFolder data(PrecastConfig config) {
        return DataFolder.open(config.data());
    }

    @Singleton
    static Optional<PrecompilerConfig> worker(PrecastConfig config, DataFolder data) {
        return WorkerSettings.of(config, data.work());
    }

    @Singleton
    static StoreHealth storeHealth() {
        return new StoreHealth();
    }

    @Singleton
    static Backend backend(
            PrecastConfig config, DataFolder data, InstantSource clock, MeterRegistry registry, StoreHealth health)
            throws IOException, InterruptedException {
        Backend backend = Fleet.isConfigured(config)
                ? Fleet.open(config, data.spool(), clock)
                : Backend.embedded(data, config, clock);
        return backend.metered(registry, health);
    }

    @Singleton
    static Trust trust(PrecastConfig config, DataFolder data, Backend backend, InstantSource clock) {
        return Fleet.isConfigured(config)
                ? new FleetTrust(config, data.trust(), backend.stores().documents(), clock)
                : new EmbeddedTrust(
                        data,
                        backend.stores().documents(),
                        config.builder(),
                        config.trust().statementLife(),
                        clock);
    }

    @Singleton
    static PolicySource policy(Trust trust) {
        return trust.policy();
    }

    @Singleton
    static FreshnessSource freshness(Trust trust) {
        return trust.freshness();
    }

    /** A worker verifies only when it has a request, and has the policy checked then; see {@link PolicyWatch}. */
    @Singleton
    static AttestationVerifier verifier(PrecastConfig config, Trust trust, InstantSource clock) {
        return new AttestationVerifier(
                config.role().servesApi() ? trust.policy() : () -> trust.policy(DocumentChanges.CHECK_INTERVAL), clock);
    }

    @Singleton
    static Precompiler.Stores stores(Backend backend, AttestationVerifier verifier, InstantSource clock) {
        Backend.Stores stores = backend.stores();
        return new Precompiler.Stores(
                stores.modules(),
                stores.payloads(),
                new Artifacts(stores.documents(), stores.payloads(), verifier),
                new Outcomes(stores.documents(), verifier, clock),
                new Lanes(stores.documents()),
                new Rechecks(stores.documents(), clock),
                new UnfinishedStarts(stores.documents(), clock));
    }
}
