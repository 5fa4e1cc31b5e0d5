package dev.precast.host;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.Envelope;
import dev.precast.attestation.SizedDigest;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.load.OfferedLane;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The service, by the wire protocol's page. Thread safe; nothing is connected before the first call. */
public final class HttpSource implements ArtifactSource, CompileService, LaneSource, UsageService {
    /** Most modules that one lookup may name. */
    static final int MAX_LOOKUP = 1000;

    private static final int MAX_SMALL_ANSWER = 1 << 20;
    private static final int MAX_ANSWER_A_MODULE = 64 << 10;
    private static final int UPLOAD_BYTES_A_SECOND = 256 << 10;
    /** Window of a zstd frame, as a power of two: 16 MiB. */
    private static final int MAX_ZSTD_WINDOW = 24;

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(300);

    private final ServiceCalls calls;
    /** Apart, so that a report that fails holds up no load. */
    private final ServiceCalls reports;

    private final InstantSource clock;

    private HttpSource(ServiceCalls calls, ServiceCalls reports, InstantSource clock) {
        this.calls = calls;
        this.reports = reports;
        this.clock = clock;
    }

    /** A source for the service at that address, such as {@code https://precast.example}, with defaults. */
    public static HttpSource of(URI service) {
        return builder(service).build();
    }

    /** @throws IllegalArgumentException if it is not an http or https address */
    public static Builder builder(URI service) {
        return new Builder(service);
    }

    @Override
    public List<Finding> find(List<ModuleDigest> modules, List<LaneId> lanes) throws IOException {
        List<Finding> found = new ArrayList<>(modules.size());
        for (int from = 0; from < modules.size(); from += MAX_LOOKUP) {
            List<ModuleDigest> some = modules.subList(from, Math.min(modules.size(), from + MAX_LOOKUP));
            JsonObject request = JsonObject.EMPTY
                    .with(
                            "modules",
                            Json.of(some.stream()
                                    .map(m -> Json.of(m.toString()))
                                    .toList()))
                    .with("lanes", Json.of(lanes.stream().map(ServiceJson::lane).toList()));
            HttpResponse<InputStream> response = calls.send(
                    calls.request("/v1/lookups")
                            .header("Content-Type", "application/json")
                            .POST(body(request)),
                    Duration.ZERO,
                    MAX_SMALL_ANSWER + (long) some.size() * MAX_ANSWER_A_MODULE);
            byte[] answer = read(response);
            if (response.statusCode() != 200) {
                throw unexpected("lookup", response.statusCode(), answer);
            }
            found.addAll(ServiceJson.findings(answer, some, lanes));
        }
        return found;
    }

    @Override
    public InputStream open(Attestation attestation) throws IOException {
        long raw = attestation.payload().size();
        long most =
                Math.max(raw, attestation.compressed().map(SizedDigest::size).orElse(0L));
        boolean zstd = attestation.compressed().isPresent();
        HttpResponse<InputStream> response =
                calls.get(artifactPath(attestation.key()), zstd ? "zstd" : "identity", most);
        if (response.statusCode() == 404) {
            response.body().close();
            throw new FileNotFoundException(calls + " has no payload for " + attestation.key());
        }
        if (response.statusCode() != 200) {
            throw unexpected("payload", response.statusCode(), head(response));
        }
        String encoding = response.headers().firstValue("Content-Encoding").orElse("identity");
        return switch (encoding) {
            case "identity" -> response.body();
            case "zstd" -> new ZstdInputStreamNoFinalizer(response.body()).setLongMax(MAX_ZSTD_WINDOW);
            default -> {
                response.body().close();
                throw new IOException(calls + ": payload in an encoding that was not asked for: " + encoding);
            }
        };
    }

    @Override
    public Optional<byte[]> trust() throws IOException {
        HttpResponse<InputStream> response =
                calls.send(calls.request("/v1/trust").GET(), Duration.ZERO, Envelope.MAX_BYTES);
        byte[] answer = read(response);
        return switch (response.statusCode()) {
            case 200 -> Optional.of(answer);
            case 404 -> Optional.empty();
            default -> throw unexpected("trust policy", response.statusCode(), answer);
        };
    }

    @Override
    public List<OfferedLane> lanes() throws IOException {
        HttpResponse<InputStream> response =
                calls.send(calls.request("/v1/engines").GET(), Duration.ZERO, MAX_SMALL_ANSWER);
        byte[] answer = read(response);
        if (response.statusCode() != 200) {
            throw unexpected("lanes", response.statusCode(), answer);
        }
        return ServiceJson.offers(answer);
    }

    @Override
    public Finding compile(ArtifactKey key, WasmBytes wasm, Duration wait) throws IOException {
        Reply reply = askToCompile(key, wait);
        if (reply.status == 404 && reply.hasCode("module-unknown")) {
            upload(key.module(), wasm.read());
            reply = askToCompile(key, wait);
        }
        return reply.toFinding(key);
    }

    private Reply askToCompile(ArtifactKey key, Duration wait) throws IOException {
        Duration asked = wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
        var request = calls.request("/v1/compilations").header("Content-Type", "application/json");
        if (asked.toSeconds() > 0) {
            request.header("Prefer", "wait=" + asked.toSeconds());
        }
        JsonObject named =
                ServiceJson.lane(key.lane()).with("module", key.module().toString());
        HttpResponse<InputStream> response = calls.send(request.POST(body(named)), asked, MAX_SMALL_ANSWER);
        return new Reply(response, read(response));
    }

    private void upload(ModuleDigest module, byte[] wasm) throws IOException {
        HttpResponse<InputStream> response = calls.send(
                calls.request("/v1/modules/" + module.digest().hex())
                        .header("Content-Type", "application/wasm")
                        .PUT(BodyPublishers.ofByteArray(wasm)),
                Duration.ofSeconds(wasm.length / UPLOAD_BYTES_A_SECOND),
                MAX_SMALL_ANSWER);
        byte[] answer = read(response);
        if (response.statusCode() / 100 != 2) {
            throw unexpected("upload of module " + module, response.statusCode(), answer);
        }
    }

    @Override
    public void report(Optional<String> group, Map<LaneId, Map<ModuleDigest, Integer>> loads) throws IOException {
        HttpResponse<InputStream> response = reports.send(
                reports.request("/v1/usage")
                        .header("Content-Type", "application/json")
                        .POST(body(ServiceJson.usage(group, loads))),
                Duration.ZERO,
                MAX_SMALL_ANSWER);
        byte[] answer = read(response);
        if (response.statusCode() / 100 != 2) {
            throw unexpected("usage report", response.statusCode(), answer);
        }
    }

    @Override
    public List<ModuleDigest> used(Optional<String> group, Duration within) throws IOException {
        HttpResponse<InputStream> response = calls.send(
                calls.request("/v1/usage" + group.map(name -> "/" + name).orElse("") + "?within="
                                + Math.max(1, within.toSeconds() / 60) + "m")
                        .GET(),
                Duration.ZERO,
                MAX_SMALL_ANSWER);
        byte[] answer = read(response);
        if (response.statusCode() != 200) {
            throw unexpected("usage", response.statusCode(), answer);
        }
        return ServiceJson.used(answer);
    }

    /** The path of an artifact, digests as 64 digits. */
    private static String artifactPath(ArtifactKey key) {
        LaneId lane = key.lane();
        return "/v1/artifacts/" + key.module().digest().hex() + "/" + lane.engine() + "/"
                + lane.engineHash().digest().hex() + "/"
                + lane.config().digest().hex() + "/" + lane.target();
    }

    private static BodyPublisher body(JsonObject json) {
        return BodyPublishers.ofString(json.canonical());
    }

    private static byte[] read(HttpResponse<InputStream> response) throws IOException {
        try (InputStream in = response.body()) {
            return in.readAllBytes();
        }
    }

    private static byte[] head(HttpResponse<InputStream> response) throws IOException {
        try (InputStream in = response.body()) {
            return in.readNBytes(4096);
        }
    }

    private IOException unexpected(String what, int status, byte[] answer) {
        return new IOException(calls + ": " + what + ": status " + status + ", " + ServiceJson.detail(answer));
    }

    @Override
    public String toString() {
        return "service " + calls;
    }

    /** An answer about a compilation. */
    private final class Reply {
        private final int status;
        private final long retryAfter;
        private final byte[] answer;

        Reply(HttpResponse<InputStream> response, byte[] answer) {
            this.status = response.statusCode();
            this.retryAfter =
                    seconds(response.headers().firstValue("Retry-After").orElse(""));
            this.answer = answer;
        }

        private static long seconds(String retryAfter) {
            try {
                return Math.max(1, Math.min(86_400, Long.parseLong(retryAfter)));
            } catch (NumberFormatException e) {
                return 30;
            }
        }

        boolean hasCode(String code) {
            return ServiceJson.code(answer).equals(code);
        }

        Finding toFinding(ArtifactKey key) throws IOException {
            return switch (status) {
                case 200 -> new Finding.Present(key, ServiceJson.attestation(answer));
                case 202 -> new Finding.Compiling(key);
                case 409 -> new Finding.Absent(key, ServiceJson.detail(answer));
                case 422 -> new Finding.Rejected(key, ServiceJson.rejection(answer), ServiceJson.detail(answer));
                case 429, 503 ->
                    new Finding.Failed(
                            key, ServiceJson.detail(answer), clock.instant().plusSeconds(retryAfter));
                default -> throw unexpected("compilation", status, answer);
            };
        }
    }

    /** Settings of an {@link HttpSource}. Not thread safe. */
    public static final class Builder {
        private final URI service;
        private final List<URI> redirectOrigins = new ArrayList<>();
        private @Nullable Supplier<@Nullable String> token;
        private Duration connectTime = Duration.ofSeconds(3);
        private Duration answerTime = Duration.ofSeconds(10);
        private Duration bodyTime = Duration.ofSeconds(30);

        private Builder(URI service) {
            String origin = ServiceCalls.origin(service);
            String path = String.valueOf(service.getPath());
            this.service = URI.create(origin + (path.endsWith("/") ? path.substring(0, path.length() - 1) : path));
            redirectOrigins.add(service);
        }

        /** Gives the bearer token of each call, null for none. Sent to the service alone. */
        public Builder token(Supplier<@Nullable String> supplier) {
            this.token = supplier;
            return this;
        }

        /** Allows payloads to be redirected to that origin, such as a store's; the service's own is always allowed. */
        public Builder redirectsTo(URI origin) {
            ServiceCalls.origin(origin);
            redirectOrigins.add(origin);
            return this;
        }

        /** Time for a connection; 3 s unless set. */
        public Builder connectWithin(Duration time) {
            this.connectTime = time;
            return this;
        }

        /** Time until an answer begins, beyond waiting that was asked for; 10 s unless set. */
        public Builder answerWithin(Duration time) {
            this.answerTime = time;
            return this;
        }

        /** Time for the body of an answer, beyond a second for each 256 KiB that it may have; 30 s unless set. */
        public Builder bodyWithin(Duration time) {
            this.bodyTime = time;
            return this;
        }

        public HttpSource build() {
            return new HttpSource(calls(), calls(), InstantSource.system());
        }

        private ServiceCalls calls() {
            return new ServiceCalls(service, redirectOrigins, token, connectTime, answerTime, bodyTime);
        }
    }
}
