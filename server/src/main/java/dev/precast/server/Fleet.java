package dev.precast.server;

import dev.precast.cache.queue.GatedQueue;
import dev.precast.cache.queue.QueueUnavailableException;
import dev.precast.cache.store.ContentLinks;
import dev.precast.cache.store.StoreException;
import dev.precast.nats.JetStreamDeadLetters;
import dev.precast.nats.JetStreamQueue;
import dev.precast.nats.NatsChanges;
import dev.precast.nats.NatsConfig;
import dev.precast.nats.NatsEvents;
import dev.precast.nats.NatsLink;
import dev.precast.nats.NatsLogin;
import dev.precast.nats.NatsService;
import dev.precast.nats.NatsTls;
import dev.precast.nats.NatsWorkers;
import dev.precast.nats.QueueConfig;
import dev.precast.nats.StreamReplicas;
import dev.precast.s3.S3Config;
import dev.precast.s3.S3Stores;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Opens what the nodes of a fleet share, according to the configuration: a bucket and NATS. */
final class Fleet {
    /** The version that the discovery of NATS services shows. */
    private static final String VERSION = "0.1.0";

    private static final int MAX_CONNECTIONS = 10_000;

    private Fleet() {}

    /** @throws io.quarkus.runtime.configuration.ConfigurationException if only a part of a fleet is configured */
    static boolean isConfigured(PrecastConfig config) {
        boolean s3 = config.s3().bucket().isPresent();
        boolean nats = config.nats().servers().isPresent();
        if (s3 != nats) {
            throw Refusal.because((s3
                            ? "precast.s3.bucket is set and precast.nats.servers is not"
                            : "precast.nats.servers is set and precast.s3.bucket is not")
                    + "; set both for a fleet, or neither for a single process");
        }
        if (!s3 && config.payloads().redirect()) {
            throw Refusal.because("precast.payloads.redirect is true, which needs a bucket; set precast.s3.bucket");
        }
        if (!s3 && config.role() != PrecastConfig.Role.ALL) {
            throw Refusal.because("precast.role is " + config.role()
                    + ", which needs a fleet; set precast.s3.bucket and precast.nats.servers");
        }
        return s3;
    }

    /** @throws io.quarkus.runtime.configuration.ConfigurationException if the bucket or NATS cannot be used */
    static Backend open(PrecastConfig config, Path spool, InstantSource clock) throws InterruptedException {
        QueueConfig queueConfig = Refusal.ifInvalid("precast.queue", () -> queue(config.queue()));
        NatsLink link = nats(config);
        try {
            NatsWorkers workers = new NatsWorkers(link, clock);
            NatsChanges changes = new NatsChanges(link);
            JetStreamQueue queue = new JetStreamQueue(link, queueConfig, workers::hasOlder);
            StreamReplicas replicas = new StreamReplicas(link, queueConfig);
            S3Stores stores = s3(config, spool, clock);
            return new Backend(
                    new Backend.Stores(
                            stores.modules(),
                            stores.payloads(),
                            stores.documents(),
                            stores.documents(),
                            stores.payloads(),
                            stores.modules(),
                            links(config.payloads(), stores)),
                    new Backend.Messaging(
                            new GatedQueue(queue, stores::available),
                            () -> {
                                replicas.check();
                                return queue.depth();
                            },
                            queue::retire,
                            new NatsEvents(link),
                            new JetStreamDeadLetters(link, queueConfig),
                            workers,
                            endpoints -> new NatsService(link, VERSION, endpoints)::close),
                    Optional.of(changes),
                    new Backend.Signs(link::problem, stores::clockAhead, () -> queue.backlog(clock)),
                    () -> {
                        workers.close();
                        changes.close();
                        link.close();
                        stores.close();
                    });
        } catch (RuntimeException e) {
            link.close();
            throw e;
        }
    }

    private static Optional<ContentLinks> links(PrecastConfig.PayloadsConfig payloads, S3Stores stores) {
        if (!payloads.redirect()) {
            return Optional.empty();
        }
        try {
            return Optional.of(stores.payloadLinks(payloads.redirectOrigin().orElse(null)));
        } catch (IllegalArgumentException | StoreException e) {
            throw Refusal.because("precast.payloads: " + e.getMessage());
        }
    }

    private static S3Stores s3(PrecastConfig config, Path spool, InstantSource clock) {
        try {
            // Slow downloads keep their connections, so they have connections of their own.
            int connections = Math.min(
                    MAX_CONNECTIONS,
                    config.s3().connections() + config.download().maxConcurrent());
            return S3Stores.open(s3Config(config.s3(), connections, spool), clock);
        } catch (IllegalArgumentException | StoreException e) {
            throw Refusal.because("precast.s3: " + e.getMessage());
        }
    }

    private static S3Config s3Config(PrecastConfig.S3 s3, int connections, Path spool) {
        URI endpoint = s3.endpoint().orElse(null);
        return new S3Config(
                s3.bucket().orElseThrow(),
                s3.prefix().orElse(""),
                new S3Config.Server(
                        endpoint, s3.region().orElse(null), s3.pathStyle().orElse(endpoint != null)),
                new S3Config.Calls(s3.attemptTimeout(), s3.callTimeout(), connections),
                spool);
    }

    private static NatsLink nats(PrecastConfig config) throws InterruptedException {
        try {
            return NatsLink.open(natsConfig(config.nats(), config.role()));
        } catch (IllegalArgumentException | QueueUnavailableException e) {
            throw Refusal.because("precast.nats: " + e.getMessage());
        }
    }

    private static NatsConfig natsConfig(PrecastConfig.Nats nats, PrecastConfig.Role role) {
        List<URI> servers = nats.servers().orElseThrow();
        String name = role.name().toLowerCase(Locale.ROOT);
        return new NatsConfig(
                servers,
                login(nats),
                new NatsTls(nats.caFile(), certificate(nats)),
                new NatsConfig.Inboxes(nats.inboxPrefix().orElse("_INBOX." + name), nats.replyPrefixes()),
                "precast-" + name,
                new NatsConfig.Times(nats.timeout(), nats.connectWithin()),
                nats.domain());
    }

    private static NatsLogin login(PrecastConfig.Nats nats) {
        List<NatsLogin> logins = new ArrayList<>();
        if (nats.user().isPresent() || nats.password().isPresent()) {
            logins.add(new NatsLogin.UserPassword(
                    nats.user().orElse(""), nats.password().orElse("")));
        }
        nats.token().ifPresent(token -> logins.add(new NatsLogin.Token(token)));
        nats.nkey().ifPresent(file -> logins.add(new NatsLogin.Nkey(file)));
        nats.credentials().ifPresent(file -> logins.add(new NatsLogin.Credentials(file)));
        if (logins.size() > 1) {
            throw new IllegalArgumentException("credentials: expected at most one kind, found " + logins);
        }
        return logins.isEmpty() ? new NatsLogin.Anonymous() : logins.get(0);
    }

    private static Optional<NatsTls.ClientCertificate> certificate(PrecastConfig.Nats nats) {
        @Nullable Path chain = nats.certificate().orElse(null);
        @Nullable Path key = nats.certificateKey().orElse(null);
        if (chain == null && key == null) {
            return Optional.empty();
        }
        if (chain == null || key == null) {
            throw new IllegalArgumentException("certificate and certificate-key must be set together");
        }
        return Optional.of(new NatsTls.ClientCertificate(chain, key));
    }

    private static QueueConfig queue(PrecastConfig.Queue queue) {
        return new QueueConfig(
                queue.capacity(), queue.ackWait(), queue.replicas().orElse(0));
    }
}
