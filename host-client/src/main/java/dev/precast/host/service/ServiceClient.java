package dev.precast.host.service;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.Envelope;
import dev.precast.attestation.FreshnessProof;
import dev.precast.host.ArtifactSource;
import dev.precast.host.CompileService;
import dev.precast.host.Finding;
import dev.precast.host.LaneSource;
import dev.precast.host.UsageService;
import dev.precast.host.WasmBytes;
import dev.precast.json.JsonObject;
import dev.precast.load.OfferedLane;
import dev.precast.protocol.KeyJson;
import dev.precast.protocol.KeyState;
import dev.precast.protocol.LaneJson;
import dev.precast.protocol.LookupRequest;
import dev.precast.protocol.Paths;
import dev.precast.protocol.ProblemCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The client of the wire protocol: a source of artifacts for hosts, and the calls of operators. Each call has a
 * deadline and each answer a size limit. A failed call throws a {@link ServiceException}. Thread safe; connects at the
 * first call.
 */
public final class ServiceClient implements ArtifactSource, CompileService, LaneSource, UsageService {
    private static final int MAX_ANSWER_A_MODULE = 64 << 10;
    private static final int LOOKUPS_A_SECOND = 64;
    private static final int UPLOAD_BYTES_A_SECOND = 64 << 10;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(300);

    private final URI service;
    private final ServiceCalls calls;
    private final ServiceCalls reporting;
    private final StoreCalls stores;
    private final Retries retries;
    private final DocumentCalls documents;
    private final Downloads downloads;
    private final ReportCalls reports;
    private final UsageCalls usage;

    /** @param reporting separate calls for reports, so that a failed report does not make loads fail at once */
    ServiceClient(URI service, ServiceCalls calls, ServiceCalls reporting, StoreCalls stores, Retries retries) {
        this.service = service;
        this.calls = calls;
        this.reporting = reporting;
        this.stores = stores;
        this.retries = retries;
        this.documents = new DocumentCalls(calls, retries);
        this.downloads = new Downloads(calls, stores);
        DocumentCalls separate = new DocumentCalls(reporting, Retries.NONE);
        this.reports = new ReportCalls(separate);
        this.usage = new UsageCalls(documents, separate);
    }

    /** A client with default settings for the service at this address, such as {@code https://precast.example}. */
    public static ServiceClient of(URI service) {
        return builder(service).build();
    }

    /** @throws IllegalArgumentException if {@code service} is not an http or https address */
    public static ServiceClientBuilder builder(URI service) {
        return new ServiceClientBuilder(service);
    }

    /** This client without repetitions, for a group that repeats calls itself. */
    ServiceClient once() {
        return new ServiceClient(service, calls, reporting, stores, Retries.NONE);
    }

    Retries retries() {
        return retries;
    }

    /** An answer with any status. */
    @SuppressWarnings("ArrayRecordComponent")
    public record Answer(int status, HttpHeaders headers, byte[] body) {
        /** Reads the body and closes it. */
        static Answer of(HttpResponse<InputStream> response) throws IOException {
            try (InputStream in = response.body()) {
                return new Answer(response.statusCode(), response.headers(), in.readAllBytes());
            }
        }
    }

    /** Gets a resource of the service and accepts any status. */
    public Answer probe(String path) throws IOException {
        return Answer.of(calls.send(calls.request(path).GET(), Duration.ZERO, DocumentCalls.MAX_PROBLEM));
    }

    /** Gets a document. */
    public JsonObject get(String path) throws IOException {
        return documents.get(path);
    }

    /** Deletes a resource and returns the document in the answer. */
    public JsonObject delete(String path) throws IOException {
        return documents.json(calls.request(path).DELETE(), Duration.ZERO, DocumentCalls.MAX_DOCUMENT);
    }

    /**
     * Posts a document.
     *
     * @param wait how long the service may wait before it answers, in whole seconds
     * @return the document in the answer
     */
    public JsonObject post(String path, JsonObject body, Duration wait) throws IOException {
        return documents.json(documents.posting(path, body), wait, DocumentCalls.MAX_DOCUMENT);
    }

    @Override
    public List<Finding> find(List<ModuleDigest> modules, List<LaneId> lanes) throws IOException {
        List<Finding> found = new ArrayList<>(modules.size());
        for (int from = 0; from < modules.size(); from += LookupRequest.MAX_MODULES) {
            LookupRequest request = new LookupRequest(
                    modules.subList(from, Math.min(modules.size(), from + LookupRequest.MAX_MODULES)), lanes);
            long most =
                    DocumentCalls.MAX_SMALL_ANSWER + (long) request.modules().size() * MAX_ANSWER_A_MODULE;
            Duration extra = Duration.ofSeconds(request.modules().size() / LOOKUPS_A_SECOND);
            Answer answer = documents.answer(documents.posting(Paths.LOOKUPS, request.toJson()), extra, most);
            try {
                for (LookupRequest.Result result : request.results(documents.parse(answer))) {
                    found.add(new Finding(lanes.get(result.lane()).key(result.module()), result.state()));
                }
            } catch (IllegalArgumentException e) {
                throw documents.malformed(Paths.LOOKUPS, e);
            }
        }
        return found;
    }

    @Override
    public InputStream open(Attestation attestation) throws IOException {
        return retries.run(() -> downloads.open(attestation));
    }

    @Override
    public InputStream openPlain(Attestation attestation) throws IOException {
        return retries.run(() -> downloads.openPlain(attestation));
    }

    @Override
    public boolean reportDamage(Attestation attestation, Duration wait) {
        return reports.damage(attestation, wait);
    }

    @Override
    public void reportUnloadable(Attestation attestation) {
        reports.unloadable(attestation);
    }

    @Override
    public Optional<byte[]> trust() throws IOException {
        return document(Paths.TRUST, Envelope.MAX_BYTES);
    }

    @Override
    public Optional<byte[]> current() throws IOException {
        return document(Paths.TRUST_CURRENT, FreshnessProof.MAX_BYTES);
    }

    private Optional<byte[]> document(String path, int maxBytes) throws IOException {
        return retries.run(() -> {
            HttpResponse<InputStream> response = calls.send(calls.request(path).GET(), Duration.ZERO, maxBytes);
            if (response.statusCode() == 404) {
                response.body().close();
                return Optional.empty();
            }
            return Optional.of(DocumentCalls.successful(response).body());
        });
    }

    /**
     * Replaces the trust policy.
     *
     * @param policy a signed policy, a DSSE envelope as JSON
     */
    public void publishTrust(byte[] policy) throws IOException {
        put(Paths.TRUST, "application/vnd.dsse.envelope.v1+json", policy);
    }

    /**
     * Replaces the appointment of the online key, or the proof that the trust policy is current.
     *
     * @param appointmentOrProof a signed appointment, a DSSE envelope as JSON, or a proof as JSON
     */
    public void publishCurrent(byte[] appointmentOrProof) throws IOException {
        put(Paths.TRUST_CURRENT, "application/json", appointmentOrProof);
    }

    private void put(String path, String type, byte[] body) throws IOException {
        documents.answer(
                calls.request(path).header("Content-Type", type).PUT(BodyPublishers.ofByteArray(body)),
                Duration.ZERO,
                DocumentCalls.MAX_SMALL_ANSWER);
    }

    @Override
    public List<OfferedLane> lanes() throws IOException {
        JsonObject answer = get(Paths.ENGINES);
        try {
            return LaneJson.offers(answer);
        } catch (IllegalArgumentException e) {
            throw documents.malformed(Paths.ENGINES, e);
        }
    }

    @Override
    public KeyState compile(ArtifactKey key, WasmBytes wasm, Duration wait) throws IOException {
        try {
            return compile(key, wait);
        } catch (ServiceException.Problem e) {
            if (!e.code().equals(Optional.of(ProblemCode.MODULE_UNKNOWN))) {
                throw e;
            }
        }
        byte[] bytes = wasm.read();
        upload(key.module(), bytes.length, () -> new ByteArrayInputStream(bytes));
        return compile(key, wait);
    }

    /**
     * Requests the compilation of a stored module.
     *
     * @param wait how long to wait for its end, at most 300 s; zero does not wait
     * @throws ServiceException.Problem if the request is not accepted
     */
    public KeyState compile(ArtifactKey key, Duration wait) throws IOException {
        return state(documents.posting(Paths.COMPILATIONS, KeyJson.write(key)), wait);
    }

    /**
     * Requests the compilation of a stored module with low priority.
     *
     * @throws ServiceException.Problem if the request is not accepted
     */
    public KeyState compileLater(ArtifactKey key) throws IOException {
        return state(documents.posting(Paths.COMPILATIONS, KeyJson.write(key).with("priority", "warm")), Duration.ZERO);
    }

    /**
     * The state of a key whose compilation was requested before.
     *
     * @param wait how long to wait for the end of the compilation, at most 300 s
     */
    public KeyState compilation(Digest key, Duration wait) throws IOException {
        return state(calls.request(Paths.compilation(key)).GET(), wait);
    }

    private KeyState state(HttpRequest.Builder request, Duration wait) throws IOException {
        Duration asked = wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
        try {
            return KeyState.fromJson(documents.json(request, asked, DocumentCalls.MAX_SMALL_ANSWER));
        } catch (ServiceException.Problem e) {
            return switch (e.code().orElse(ProblemCode.INTERNAL)) {
                case MODULE_REJECTED -> new KeyState.Rejected(e.rejection(), e.detail());
                case COMPILATION_FAILED ->
                    new KeyState.Failed("", e.detail(), 0, Instant.now().plus(e.retryAfter()));
                default -> throw e;
            };
        } catch (IllegalArgumentException e) {
            throw documents.malformed(Paths.COMPILATIONS, e);
        }
    }

    /** Whether the service has the module; also false if the token may not read modules. */
    public boolean hasModule(ModuleDigest module) throws IOException {
        HttpRequest.Builder head = calls.request(Paths.module(module)).method("HEAD", BodyPublishers.noBody());
        return Answer.of(calls.send(head, Duration.ZERO, DocumentCalls.MAX_PROBLEM))
                        .status()
                == 200;
    }

    /**
     * Stores a module. If the service answers in the middle of the upload, the upload ends; behind an HTTP proxy of this
     * JVM the answer is read after the whole module was sent.
     *
     * @param size the module's size in bytes
     * @param bytes opens the module, once for each try; this method closes the streams
     * @return whether the module is new to the service
     */
    public boolean upload(ModuleDigest module, long size, Supplier<InputStream> bytes) throws IOException {
        String path = Paths.module(module);
        Duration time = Duration.ofSeconds(size / UPLOAD_BYTES_A_SECOND);
        return retries.run(() -> {
            Upload upload = new Upload(size, bytes);
            HttpRequest.Builder request = calls.request(path)
                    .header("Content-Type", "application/wasm")
                    .PUT(upload.publisher());
            Answer answer = calls.upload(request, upload, time, DocumentCalls.MAX_SMALL_ANSWER);
            if (answer.status() / 100 != 2) {
                throw ServiceException.Problem.of(service + path, answer);
            }
            return answer.status() == 201;
        });
    }

    @Override
    public void report(Optional<String> group, Map<LaneId, Map<ModuleDigest, Integer>> loads) throws IOException {
        usage.report(group, loads);
    }

    @Override
    public List<ModuleDigest> used(Optional<String> group, Duration within) throws IOException {
        return usage.used(group, within);
    }

    /** The address of the service. */
    public URI address() {
        return service;
    }

    @Override
    public String toString() {
        return "service " + calls;
    }
}
