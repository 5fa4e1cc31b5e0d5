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

/** Everything that can be configured, under {@code precast.}; the server's page lists it. */
@ConfigMapping(prefix = "precast")
public interface PrecastConfig {
    /** The data folder, made if it is not there. */
    @WithDefault("${XDG_DATA_HOME:${user.home}/.local/share}/precast")
    Path data();

    /** The address to listen on. Any but a loopback one wants authentication. */
    @WithDefault("127.0.0.1")
    @NotBlank
    String host();

    /** The port to listen on; 0 takes a free one. */
    @WithDefault("8077")
    @Min(0)
    @Max(65535)
    int port();

    /** What this process does. */
    @WithDefault("all")
    Role role();

    /** How many compilations run at a time; without it half of the processors, at least one. */
    OptionalInt slots();

    /** Who signs, as the trust policy names it. */
    @WithDefault("urn:precast:builder:embedded")
    @NotBlank
    String builder();

    @Valid
    Packs packs();

    @Valid
    LimitsConfig limits();

    /** Static caps by name, such as {@code functions}; those that are not named keep their defaults. */
    Map<String, @Min(0) Long> caps();

    /** Whether to compile also where the system cannot confine the children that do it. */
    @WithDefault("false")
    boolean allowUnconfined();

    @Valid
    Queue queue();

    @Valid
    Upload upload();

    @Valid
    Retry retry();

    RetirementConfig retirement();

    /** The stores of a fleet. */
    @Valid
    S3 s3();

    /** The queue and the events of a fleet. */
    @Valid
    Nats nats();

    /** Where trust comes from, for a node of a fleet; the embedded default keeps its own. */
    @Valid
    TrustFiles trust();

    @Valid
    Auth auth();

    @Valid
    Log log();

    @Valid
    Tracing tracing();

    /** What a process does. */
    enum Role {
        ALL,
        API,
        WORKER
    }

    /** Engine packs. */
    interface Packs {
        /** The folder with the packs, one folder each; without it nothing is compiled. */
        Optional<Path> folder();

        /** Digests of the packs that may run; {@code bundled} for those that {@code packs.sha256} beside them lists. */
        @WithDefault("bundled")
        @NotEmpty
        Set<String> allowed();
    }

    /** What one compilation may use. */
    interface LimitsConfig {
        /** Heap of a JVM child, in MiB. */
        @WithDefault("2048")
        @Min(16)
        int heapMb();

        /** Resident memory of the child and its descendants, in MiB. */
        @WithDefault("3072")
        @Min(16)
        int memoryMb();

        /** CPU time of the same, in seconds. */
        @WithDefault("300")
        @Min(1)
        int cpuSeconds();

        /** Time on the clock, in seconds. */
        @WithDefault("300")
        @Min(1)
        int wallSeconds();

        /** Size of the payload, in MiB. */
        @WithDefault("512")
        @Min(1)
        int outputMb();
    }

    /** The queue, in this process or on NATS. */
    interface Queue {
        /** How many requests are held at most, waiting and in work. */
        @WithDefault("10000")
        @Min(1)
        int capacity();

        /** How long a worker that has gone silent keeps a request; on NATS only. */
        @WithDefault("30s")
        Duration patience();

        /** How many servers hold each stream; on NATS only. */
        @WithDefault("1")
        @Min(1)
        @Max(5)
        int replicas();
    }

    /** A bucket of S3, or of a store that speaks its protocol. Credentials come from the SDK's default chain. */
    interface S3 {
        /** Its name; it must be there. Without it the stores are in the data folder. */
        Optional<String> bucket();

        /** What the names of all objects begin with, ended by a slash. */
        Optional<String> prefix();

        /** Where a store that is not Amazon's is, such as {@code http://localhost:9000}. */
        Optional<URI> endpoint();

        Optional<String> region();

        /** Whether the bucket is named in the path; without it so where an endpoint is given. */
        Optional<Boolean> pathStyle();

        /** How long one attempt may take. */
        @WithDefault("10s")
        Duration attemptTimeout();

        /** How long a call may take with all its attempts. */
        @WithDefault("30s")
        Duration callTimeout();

        /** How many connections there may be at a time. */
        @WithDefault("128")
        @Min(1)
        @Max(10000)
        int connections();
    }

    /** NATS with JetStream. One way to log in at most. */
    interface Nats {
        /** Such as {@code nats://localhost:4222}. Without them queue and events are in this process. */
        Optional<List<URI>> servers();

        Optional<String> user();

        Optional<String> password();

        Optional<String> token();

        /** File with the seed of a user's key. */
        Optional<Path> nkey();

        /** File with a user's JWT and seed. */
        Optional<Path> credentials();

        /** Where answers come in, as the user's permissions allow; without it {@code _INBOX.<role>}. */
        Optional<String> inboxPrefix();

        /** PEM file with the authorities of the servers' certificates; without it those of the JDK. */
        Optional<Path> authorities();

        /** PEM file with the certificate of this side. */
        Optional<Path> certificate();

        /** PEM file with its private key. */
        Optional<Path> certificateKey();

        /** How long one request may take. */
        @WithDefault("2s")
        Duration timeout();

        /** How long to try to connect at the start; later it is tried for ever. */
        @WithDefault("60s")
        Duration connectWithin();
    }

    /** What is taken in. */
    interface Upload {
        /** Size of the largest module. */
        @WithDefault("512M")
        MemorySize maxBytes();

        /** Size of all modules together, in one process; what goes beyond is refused. A fleet's bucket has its own. */
        @WithDefault("100G")
        MemorySize quota();

        /** Uploads at a time; more wait five seconds, then get 429. */
        @WithDefault("256")
        @Min(1)
        int maxConcurrent();

        /** Slowest rate of a body, in bytes a second; slower is cut off with 408. */
        @WithDefault("16K")
        MemorySize minRate();
    }

    /** When a failed compilation is tried again. */
    interface Retry {
        /** After the first failure; doubles with each further one, to a day. */
        @WithDefault("60s")
        Duration base();
    }

    /** What is used no more. */
    interface RetirementConfig {
        /** How often payloads that no attestation names for a day are deleted, by one node of all; 0 leaves it to people. */
        @WithDefault("24h")
        Duration sweepEvery();
    }

    /** Files of the trust root and of a worker's key. */
    interface TrustFiles {
        /** The root's public key. */
        Optional<Path> root();

        /** A worker's secret key; only its owner may be able to read the file. */
        Optional<Path> signingKey();
    }

    /** Who may come in. */
    interface Auth {
        /** File with lines {@code <sha256 of the token> <name> <role>[,<role>…]}. */
        Optional<Path> tokensFile();

        @Valid
        Jwt jwt();
    }

    /** JSON web tokens; all of it together, or nothing. */
    interface Jwt {
        /** File with a JWK set of public keys. */
        Optional<Path> keys();

        /** What {@code iss} must be. */
        Optional<String> issuer();

        /** What {@code aud} must hold. */
        Optional<String> audience();

        /** Signature algorithms that are accepted. */
        @WithDefault("EdDSA,ES256,RS256")
        @NotEmpty
        List<String> algorithms();
    }

    /** The log. */
    interface Log {
        /** Whether its lines are JSON. */
        @WithDefault("false")
        boolean json();
    }

    /** OpenTelemetry. */
    interface Tracing {
        /** Where traces go, by OTLP over gRPC, such as {@code http://localhost:4317}; without it there are none. */
        Optional<String> endpoint();
    }
}
