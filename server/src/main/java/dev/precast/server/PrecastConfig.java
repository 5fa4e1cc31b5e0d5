package dev.precast.server;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
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

    /** The queue in this process. */
    interface Queue {
        /** How many requests are held at most, waiting and in work. */
        @WithDefault("10000")
        @Min(1)
        int capacity();
    }

    /** What is taken in. */
    interface Upload {
        /** Size of the largest module. */
        @WithDefault("512M")
        MemorySize maxBytes();

        /** Size of all modules together; what goes beyond is refused with 503. */
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
