package dev.precast.server;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Configuration keys under {@code precast.}; docs/reference/configuration.md is generated from these comments. */
@ConfigMapping(prefix = "precast")
public interface PrecastConfig {
    /** Data folder; created if it does not exist. */
    @WithDefault("${XDG_DATA_HOME:${user.home}/.local/share}/precast")
    Path data();

    /** Address to listen on. An address other than loopback requires authentication. */
    @WithDefault("127.0.0.1")
    @NotBlank
    String host();

    /** Port to listen on; 0 chooses a free one. */
    @WithDefault("8077")
    @Min(0)
    @Max(65535)
    int port();

    /**
     * What this process does: serve the API, compile, or both; or, as an {@code edge}, pass on what another service
     * answers, and keep it.
     */
    @WithDefault("all")
    Role role();

    /**
     * Number of compilations that run at the same time; if not set, half of the processors, but no more than fit into
     * the memory with {@code precast.limits.memory-mb}, and at least one.
     */
    OptionalInt slots();

    /**
     * How long after SIGTERM requests and compilations in progress may continue; then connections are closed, and
     * unfinished compilations go back to the queue. The process ends a few seconds later.
     */
    @WithDefault("20s")
    Duration drainTimeout();

    /**
     * How long after SIGTERM an API replica still takes requests while it is not ready, so that load balancers notice.
     * Part of {@code precast.drain-timeout}. If not set, 5 s in a fleet, and no time otherwise.
     */
    Optional<Duration> drainDelay();

    /** Builder that attestations name; the trust policy must allow it for the signing key. */
    @WithDefault("urn:precast:builder:embedded")
    @NotBlank
    String builder();

    @Valid
    Packs packs();

    @Valid
    LimitsConfig limits();

    /**
     * Static cap on modules, by the name of the cap, such as {@code functions}; docs/artifact-format.md lists names and
     * defaults.
     */
    Map<String, @Min(0) Long> caps();

    /**
     * Whether to compile even if the system cannot confine compiler processes (no Landlock, no filter of system calls,
     * or Linux older than 6.2).
     */
    @WithDefault("false")
    boolean allowUnconfined();

    /**
     * What a worker does on a system that lacks a part of the confinement of compiler processes. With {@code required},
     * it compiles only if Landlock, the filter of system calls and namespaces are there; with {@code best-effort}, also
     * without namespaces.
     */
    @WithDefault("best-effort")
    Confinement confinement();

    Disk disk();

    @Valid
    Queue queue();

    @Valid
    Http http();

    @Valid
    Upload upload();

    @Valid
    Download download();

    PayloadsConfig payloads();

    @Valid
    Retry retry();

    RetirementConfig retirement();

    @Valid
    Damage damage();

    ScrubConfig scrub();

    @Valid
    S3 s3();

    @Valid
    Nats nats();

    @Valid
    TrustConfig trust();

    EdgeConfig edge();

    @Valid
    Auth auth();

    @Valid
    Log log();

    @Valid
    Tracing tracing();

    /** When a scrub starts by itself. */
    enum ScrubMode {
        OFF,
        DAILY,
        CONTINUOUS
    }

    /** Which parts of the confinement a worker demands. */
    enum Confinement {
        REQUIRED,
        BEST_EFFORT
    }

    /** What a process does. */
    enum Role {
        ALL,
        API,
        WORKER,
        EDGE;

        boolean servesApi() {
            return this == ALL || this == API;
        }

        /** Whether clients send requests to this process. */
        boolean hasClients() {
            return this != WORKER;
        }
    }

    /** Engine packs: the compilers that a worker may run. */
    interface Packs {
        /** Folder with one subfolder for each pack; if not set, this process compiles nothing. */
        Optional<Path> folder();

        /** Digests of the packs that may run; {@code bundled} stands for those listed in {@code packs.sha256} in the folder. */
        @WithDefault("bundled")
        @NotEmpty
        Set<String> allowed();

        /** Time between two checks of the folder for added and removed packs. */
        @WithDefault("10s")
        Duration reloadEvery();
    }

    /** Limits of one compilation. A compilation that exceeds a limit fails and may be retried. */
    interface LimitsConfig {
        /** Heap of a compiler that runs on a JVM, in MiB. */
        @WithDefault("2048")
        @Min(16)
        int heapMb();

        /** Resident memory of the compiler process and its descendants, in MiB. */
        @WithDefault("3072")
        @Min(16)
        int memoryMb();

        /** CPU time of the compiler process and its descendants, in seconds. */
        @WithDefault("300")
        @Min(1)
        int cpuSeconds();

        /** Elapsed time, in seconds. */
        @WithDefault("300")
        @Min(1)
        int wallSeconds();

        /** Size of the output, in MiB. */
        @WithDefault("512")
        @Min(1)
        int outputMb();
    }

    /** The disk of the data folder. */
    interface Disk {
        /** Free space below which a node is not ready and a worker takes no requests. With 0, this is not checked. */
        @WithDefault("64M")
        MemorySize minFree();
    }

    /** The work queue, in this process or on NATS. */
    interface Queue {
        /** Largest number of requests in the queue, waiting and in progress. */
        @WithDefault("10000")
        @Min(1)
        int capacity();

        /**
         * Time after which a request is delivered to another worker if its worker has not reported progress; at least 1
         * s; NATS only.
         */
        @WithDefault("30s")
        Duration ackWait();

        /**
         * Number of NATS servers that store each stream, 1 to 5. Without it, three in a cluster of three or more servers,
         * and otherwise one. Existing streams with fewer get more; NATS only.
         */
        OptionalInt replicas();
    }

    /** The stores of a fleet: a bucket of S3, or of a server with the same protocol. Credentials come from the AWS SDK's default chain. */
    interface S3 {
        /** Name of the bucket, which must exist; if not set, the stores are in the data folder. Needs {@code precast.nats.servers} too. */
        Optional<String> bucket();

        /** Prefix of the names of all objects; must end with a slash. */
        Optional<String> prefix();

        /** Address of a server that is not Amazon's, such as {@code http://localhost:9000}. */
        Optional<URI> endpoint();

        /** Region of the bucket; if not set, the AWS SDK looks it up. */
        Optional<String> region();

        /** Whether the bucket's name is in the path instead of the host name; if not set, true when an endpoint is set. */
        Optional<Boolean> pathStyle();

        /** Time limit of one attempt of a call; one second more for each MiB of a body. */
        @WithDefault("10s")
        Duration attemptTimeout();

        /** Time limit of a call with all its attempts; one second more for each MiB of a body. */
        @WithDefault("30s")
        Duration callTimeout();

        /**
         * Largest number of open connections, in addition to one for each of {@code precast.download.max-concurrent}
         * downloads.
         */
        @WithDefault("128")
        @Min(1)
        @Max(10000)
        int connections();
    }

    /** The queue and events of a fleet: NATS with JetStream. At most one kind of credentials may be set. */
    interface Nats {
        /** Addresses, such as {@code nats://localhost:4222}; if not set, queue and events are in this process. Needs {@code precast.s3.bucket} too. */
        Optional<List<URI>> servers();

        /** User name, with {@code precast.nats.password}. */
        Optional<String> user();

        /** Password of the user. */
        Optional<String> password();

        /** Access token. */
        Optional<String> token();

        /** File with the seed of a user's NKey. */
        Optional<Path> nkey();

        /** Credentials file with a user's JWT and seed. */
        Optional<Path> credentials();

        /** Prefix of the subjects for answers, which the user's permissions must allow; if not set, {@code _INBOX.<role>}. */
        Optional<String> inboxPrefix();

        /** Prefixes of the inboxes of clients; requests to the NATS service with another reply subject are dropped. */
        @WithDefault("_INBOX.host,_INBOX.admin")
        List<String> replyPrefixes();

        /**
         * JetStream domain of the queue, for processes whose server is a leaf node with a domain of its own; if not set,
         * the domain of the server.
         */
        Optional<String> domain();

        /** CA file (PEM) that the servers' certificates are checked with; if not set, the JDK's CAs are used. */
        Optional<Path> caFile();

        /** Client certificate file (PEM). */
        Optional<Path> certificate();

        /** Private key file (PEM) of the client certificate. */
        Optional<Path> certificateKey();

        /** Time limit of one request. */
        @WithDefault("2s")
        Duration timeout();

        /** Time limit for the first connection at start; later reconnects have no limit. */
        @WithDefault("60s")
        Duration connectWithin();
    }

    /** Connections of clients. */
    interface Http {
        /** Maximum number of open connections; a further one is closed at once. */
        @WithDefault("4096")
        @Min(1)
        int maxConnections();

        /**
         * Maximum number of open connections of one client address (of IPv6, one /64), other than loopback. If a proxy
         * forwards the client's requests: of its requests at the same time; a further one gets 429.
         */
        @WithDefault("512")
        @Min(1)
        int maxConnectionsPerAddress();

        /** Maximum number of open connections of each of {@code precast.http.proxies}. */
        @WithDefault("4096")
        @Min(1)
        int maxConnectionsPerProxy();

        /**
         * Maximum number of requests at the same time with tokens of one name (of a JWT, the claim {@code sub}); a
         * further one gets 429.
         */
        @WithDefault("2048")
        @Min(1)
        int maxRequestsPerToken();

        /**
         * Time limit for the head of a request, from its first byte or from the start of the connection. Then the
         * connection is closed.
         */
        @WithDefault("10s")
        Duration headTimeout();

        /** Time after which a connection without a request is closed. */
        @WithDefault("60s")
        Duration idleTimeout();

        /**
         * Lowest rate at which a client must read an answer, in bytes per second. After 10 s, the connection of a slower
         * client is closed.
         */
        @WithDefault("16K")
        MemorySize minReadRate();

        /**
         * Maximum total size of what clients have not read of their answers; if not set, a quarter of the heap. Beyond
         * it, the connection whose client has read nothing for the longest time is closed.
         */
        Optional<MemorySize> maxUnread();

        /**
         * Addresses of proxies, such as {@code 10.1.2.3} or {@code 10.0.0.0/8}. Only their header {@code Forwarded} is
         * believed, and of that only the last element that names none of them.
         */
        Optional<List<String>> proxies();

        /** Whether connections of the proxies begin with a header of the PROXY protocol, version 1 or 2. */
        @WithDefault("false")
        boolean proxyProtocol();
    }

    /** Uploads of modules. */
    interface Upload {
        /** Size of the largest module; a larger one is refused with 413. */
        @WithDefault("512M")
        MemorySize maxBytes();

        /**
         * Maximum total size of the modules in the data folder; further uploads are refused with 507. Does not apply to
         * a bucket, so limit the bucket of a fleet itself.
         */
        @WithDefault("100G")
        MemorySize quota();

        /**
         * Maximum number of uploads at the same time; a further upload waits for at most
         * {@code precast.upload.wait-timeout}.
         */
        @WithDefault("256")
        @Min(1)
        int maxConcurrent();

        /**
         * How long an upload waits while {@code precast.upload.max-concurrent} others run; then the upload is refused
         * with 429.
         */
        @WithDefault("5s")
        Duration waitTimeout();

        /** Lowest average rate of an upload, in bytes per second. After 10 s, a slower upload ends with 408. */
        @WithDefault("16K")
        MemorySize minRate();
    }

    /** Downloads of payloads and modules. */
    interface Download {
        /**
         * Maximum number of downloads of more than 256 KiB at the same time; a further one waits for at most
         * {@code precast.download.wait-timeout}.
         */
        @WithDefault("256")
        @Min(1)
        @Max(10000)
        int maxConcurrent();

        /**
         * How long a download waits while {@code precast.download.max-concurrent} others run; then the download is
         * refused with 429.
         */
        @WithDefault("5s")
        Duration waitTimeout();
    }

    /** How clients get payloads. */
    interface PayloadsConfig {
        /**
         * Whether a client that asks for it ({@code Prefer: redirect}) gets a redirect to the bucket instead of a
         * payload. Needs {@code precast.s3.bucket}.
         */
        @WithDefault("false")
        boolean redirect();

        /**
         * Origin of the redirects in place of the store's own, such as {@code https://cdn.example}. It must forward
         * requests with their query and with the store's host name.
         */
        Optional<URI> redirectOrigin();
    }

    /** Retries of failed compilations. */
    interface Retry {
        /** Back-off after the first failure of a key; it doubles with each further failure, up to one day. */
        @WithDefault("60s")
        Duration base();
    }

    /** Deletion of payloads that no attestation refers to. */
    interface RetirementConfig {
        /**
         * Time between two sweeps. A sweep deletes payloads that no attestation has referred to for a day. Only one
         * node of a fleet sweeps. With 0, only {@code precast retire --apply} sweeps.
         */
        @WithDefault("24h")
        Duration sweepEvery();
    }

    /** Checks of payloads that may be damaged, and of artifacts that hosts could not load. */
    interface Damage {
        /**
         * Highest rate at which an API node reads payloads that were reported or noticed to be damaged, in bytes per
         * second.
         */
        @WithDefault("64M")
        MemorySize bytesPerSecond();

        /**
         * Largest share of the fleet's slots, in percent, for tests of artifacts that hosts could not load; at least one
         * slot. With 0, such reports are refused.
         */
        @WithDefault("1")
        @Min(0)
        @Max(100)
        int recheckPercent();
    }

    /** Scrubs: an API node reads all payloads and modules, so that damage is found before hosts find it. */
    interface ScrubConfig {
        /**
         * When a scrub starts by itself: {@code off} (only {@code precast scrub} starts one), {@code daily}, or
         * {@code continuous} (a minute after the end of the last one). Only one node of a fleet scrubs.
         */
        @WithDefault("daily")
        ScrubMode mode();

        /** Highest rate at which a scrub reads, in bytes per second. */
        @WithDefault("16M")
        MemorySize bytesPerSecond();
    }

    /** Trust. Only nodes of a fleet need the files; the embedded service creates its own. */
    interface TrustConfig {
        /** Public key file of the trust root. */
        Optional<Path> root();

        /** Secret key file with which a worker signs; only its owner may have access. */
        Optional<Path> signingKey();

        /**
         * Secret key file with which an API node signs that the trust policy is current; only its owner may have
         * access. The root must have appointed the key.
         */
        Optional<Path> onlineKey();

        /**
         * How long a statement that the policy is current is valid, from 1 h to 7 d. A host that knows no policy yet
         * may accept an old one for that long.
         */
        @WithDefault("24h")
        Duration statementLife();

        /**
         * Time between two looks for a new trust policy. A revoked key may be accepted for that long; in a fleet for 60 s,
         * if the announcement of the new policy on NATS is lost.
         */
        @WithDefault("3s")
        Duration refreshEvery();
    }

    /** An edge: a cache of another service. Only the role {@code edge} uses these keys. */
    interface EdgeConfig {
        /** Address of the service, such as {@code https://precast.example}. */
        Optional<URI> upstream();

        /**
         * File of the token, of the role {@code read}, that the edge sends to the service; hosts then get no more than
         * {@code read}. If not set, the edge sends the token of the host whose request it forwards.
         */
        Optional<Path> tokenFile();

        /**
         * How long the edge answers that an artifact exists without asking the service again. The trust policy may be
         * that old too, but at most 10 s; any other state of a key at most 3 s.
         */
        @WithDefault("30s")
        Duration freshFor();

        /** Maximum total size of the artifacts on the disk; the least recently used ones are deleted. */
        @WithDefault("10G")
        MemorySize diskBudget();
    }

    /**
     * Authentication. Without it the service listens on loopback only; requests without a token have the role
     * {@code read}, and the token in the file {@code local.token} in the data folder has all roles.
     */
    interface Auth {
        /**
         * File of bearer tokens, one on each line:
         * {@code <SHA-256 of the token, 64 hex digits> <name> <role>[,<role>…]}.
         */
        Optional<Path> tokensFile();

        @Valid
        Jwt jwt();
    }

    /** JSON web tokens. {@code keys}, {@code issuer} and {@code audience} must be set together. The claim {@code roles} holds the roles, and {@code exp} is required. */
    interface Jwt {
        /** File with the public keys, a JWK set. */
        Optional<Path> keys();

        /** Required value of the claim {@code iss}. */
        Optional<String> issuer();

        /** Value that the claim {@code aud} must contain. */
        Optional<String> audience();

        /** Accepted signature algorithms. */
        @WithDefault("EdDSA,ES256,RS256")
        @NotEmpty
        List<String> algorithms();
    }

    /** The log, on standard output. */
    interface Log {
        /** Whether log lines are JSON. */
        @WithDefault("false")
        boolean json();
    }

    /** Traces by OpenTelemetry. */
    interface Tracing {
        /** Address of an OTLP receiver (gRPC), such as {@code http://localhost:4317}; if not set, there are no traces. */
        Optional<String> endpoint();
    }
}
