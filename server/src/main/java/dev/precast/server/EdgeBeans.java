package dev.precast.server;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.precast.api.edge.EdgeArtifacts;
import dev.precast.api.edge.EdgeDocuments;
import dev.precast.api.edge.EdgeLookups;
import dev.precast.api.edge.EdgeMetrics;
import dev.precast.api.edge.EdgePayloads;
import dev.precast.api.edge.EdgeReports;
import dev.precast.api.edge.EdgeTimes;
import dev.precast.api.edge.Forwarder;
import dev.precast.api.edge.KeptArtifacts;
import dev.precast.api.edge.Upstream;
import dev.precast.cache.damage.Checks;
import dev.precast.cache.store.FileDocumentStore;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** The parts of an edge. Nodes with another role create none of them. */
@Singleton
final class EdgeBeans {
    private static final Pattern TOKEN = Pattern.compile("[!-~]+");

    @Singleton
    static EdgeMetrics metrics(MeterRegistry registry) {
        return new EdgeMetrics(registry);
    }

    @Singleton
    static Upstream upstream(PrecastConfig config, EdgeMetrics metrics) {
        URI service = config.edge()
                .upstream()
                .orElseThrow(() ->
                        Refusal.because("precast.role is EDGE, which needs a service; set precast.edge.upstream"));
        Optional<Supplier<String>> own = config.edge().tokenFile().map(file -> () -> token(file));
        try {
            config.edge().tokenFile().ifPresent(EdgeBeans::token);
            return new Upstream(service, own, metrics);
        } catch (IllegalArgumentException e) {
            throw Refusal.because("precast.edge.upstream: " + e.getMessage());
        } catch (UncheckedIOException e) {
            throw Refusal.because("precast.edge.token-file: " + e.getMessage());
        }
    }

    /** Reads the token each time, so that it can be replaced without a restart. */
    private static String token(Path file) {
        try {
            String token = Files.readString(file).strip();
            if (!TOKEN.matcher(token).matches()) {
                throw new IOException("expected one token of visible characters");
            }
            return token;
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": " + e.getMessage(), e);
        }
    }

    static void close(@Disposes Upstream upstream) {
        upstream.close();
    }

    @Singleton
    static Optional<Forwarder> forwarder(
            PrecastConfig config, Instance<Upstream> upstream, Instance<EdgeServices> services, Vertx vertx) {
        if (config.role() != PrecastConfig.Role.EDGE) {
            return Optional.empty();
        }
        // Reads the disk at the start, and not when the first host asks.
        EdgeServices unused = services.get();
        return Optional.of(new Forwarder(upstream.get(), vertx));
    }

    @Singleton
    static KeptArtifacts kept(PrecastConfig config, DataFolder data, EdgeMetrics metrics) {
        return Refusal.ifInvalid(
                "precast.edge.disk-budget",
                () -> new KeptArtifacts(data.edge(), config.edge().diskBudget().asLongValue(), metrics));
    }

    @Singleton
    static EdgeTimes times(PrecastConfig config) {
        return Refusal.ifInvalid(
                "precast.edge.fresh-for", () -> EdgeTimes.of(config.edge().freshFor()));
    }

    @Singleton
    static EdgeArtifacts artifacts(Upstream upstream, KeptArtifacts kept, EdgeTimes times, EdgeMetrics metrics) {
        return new EdgeArtifacts(upstream, kept, times, metrics, Ticker.systemTicker());
    }

    @Singleton
    static EdgeLookups lookups(
            Upstream upstream, EdgeArtifacts artifacts, KeptArtifacts kept, EdgeTimes times, EdgeMetrics metrics) {
        return new EdgeLookups(upstream, artifacts, kept, times, metrics, Ticker.systemTicker());
    }

    @Singleton
    static EdgeDocuments documents(Upstream upstream, DataFolder data, EdgeTimes times, EdgeMetrics metrics) {
        return new EdgeDocuments(
                upstream, new FileDocumentStore(data.edge().resolve("copies")), times, metrics, Ticker.systemTicker());
    }

    @Singleton
    static EdgeServices services(
            Upstream upstream, KeptArtifacts kept, EdgeArtifacts artifacts, EdgeLookups lookups, EdgeMetrics metrics) {
        Checks checks = new Checks(kept::check, Ticker.systemTicker());
        EdgeReports reports = new EdgeReports(upstream, kept, artifacts, lookups, checks);
        return new EdgeServices(
                checks, reports, new EdgePayloads(upstream, kept, reports, checks, metrics, Ticker.systemTicker()));
    }

    /** What needs the checks of kept payloads. */
    record EdgeServices(Checks checks, EdgeReports reports, EdgePayloads payloads) {}

    static void close(@Disposes EdgeServices services) throws InterruptedException {
        services.checks().close();
    }

    @Singleton
    static EdgeReports reports(EdgeServices services) {
        return services.reports();
    }

    @Singleton
    static EdgePayloads payloads(EdgeServices services) {
        return services.payloads();
    }
}
