package dev.precast.host;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.precast.artifact.ModuleDigest;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Speaks the wire protocol for one lane, over real sockets. A compilation publishes the artifact in {@code compilable}.
 */
final class WireServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    final Map<ModuleDigest, Deployment.Artifact> artifacts = new ConcurrentHashMap<>();
    final Map<ModuleDigest, Deployment.Artifact> compilable = new ConcurrentHashMap<>();
    final Map<ModuleDigest, byte[]> uploaded = new ConcurrentHashMap<>();
    final List<String> requests = new CopyOnWriteArrayList<>();
    final List<String> tokens = new CopyOnWriteArrayList<>();
    final AtomicInteger downloads = new AtomicInteger();
    /** Taken in place of the normal answer if it returns true. */
    volatile Handler before = exchange -> false;

    volatile byte[] policy = new byte[0];
    /** Makes the proof that the policy is current, at each request; empty if there is none. */
    volatile Supplier<byte[]> current = () -> new byte[0];

    interface Handler {
        boolean handled(HttpExchange exchange) throws IOException;
    }

    WireServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Proves that the policy is current, by a proof made at each request; not if another root signed the policy. */
    void prove(Deployment deployment, InstantSource clock) {
        current = () -> {
            try {
                return deployment.proof(policy, clock.instant()).toJson();
            } catch (IllegalArgumentException e) {
                return new byte[0];
            }
        };
    }

    /** Whether a request asks for a payload. */
    static boolean isDownload(HttpExchange exchange) {
        String path = exchange.getRequestURI().getPath();
        return path.startsWith("/v1/artifacts/") && !path.endsWith("/reports");
    }

    void add(Deployment.Artifact artifact) {
        artifacts.put(artifact.attestation().module(), artifact);
    }

    private void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        requests.add(exchange.getRequestMethod() + " " + path);
        String token = exchange.getRequestHeaders().getFirst("Authorization");
        tokens.add(token == null ? "none" : token);
        try (exchange) {
            if (before.handled(exchange)) {
                return;
            }
            if (path.equals("/v1/lookups")) {
                lookup(exchange);
            } else if (isDownload(exchange)) {
                artifact(exchange, path);
            } else if (path.startsWith("/v1/modules/")) {
                byte[] wasm = exchange.getRequestBody().readAllBytes();
                uploaded.put(ModuleDigest.of(wasm), wasm);
                answer(exchange, 201, "{\"kind\":\"module\"}".getBytes(StandardCharsets.UTF_8));
            } else if (path.equals("/v1/compilations")) {
                compile(exchange);
            } else if (path.equals("/v1/trust")) {
                answer(exchange, policy.length == 0 ? 404 : 200, policy);
            } else if (path.equals("/v1/trust/current")) {
                byte[] proof = current.get();
                answer(exchange, proof.length == 0 ? 404 : 200, proof);
            } else {
                answer(exchange, 404, new byte[0]);
            }
        }
    }

    private void lookup(HttpExchange exchange) throws IOException {
        JsonObject request =
                Json.parse(exchange.getRequestBody().readAllBytes()).asObject("request");
        List<Json> results = new ArrayList<>();
        for (Json module : request.array("modules")) {
            Deployment.Artifact artifact = artifacts.get(ModuleDigest.parse(module.asString("module")));
            JsonObject result = JsonObject.EMPTY.with("module", module).with("lane", 0);
            results.add(
                    artifact == null
                            ? result.with("state", "absent").with("stored", Json.of(false))
                            : result.with("state", "present")
                                    .with("href", "http://evil.invalid/")
                                    .with("attestation", envelope(artifact)));
        }
        answer(exchange, 200, JsonObject.EMPTY.with("results", Json.of(results)));
    }

    static Json envelope(Deployment.Artifact artifact) {
        return Json.parse(artifact.envelope().toJson());
    }

    private void artifact(HttpExchange exchange, String path) throws IOException {
        Deployment.Artifact artifact = artifacts.get(ModuleDigest.parse("sha256:" + path.split("/", -1)[3]));
        if (artifact == null) {
            answer(exchange, 404, new byte[0]);
            return;
        }
        downloads.incrementAndGet();
        if ("zstd".equals(exchange.getRequestHeaders().getFirst("Accept-Encoding"))) {
            exchange.getResponseHeaders().set("Content-Encoding", "zstd");
            answer(exchange, 200, artifact.zstd());
        } else {
            answer(exchange, 200, artifact.payload());
        }
    }

    private void compile(HttpExchange exchange) throws IOException {
        JsonObject request =
                Json.parse(exchange.getRequestBody().readAllBytes()).asObject("request");
        ModuleDigest module = ModuleDigest.parse(request.string("module"));
        if (!uploaded.containsKey(module)) {
            answer(exchange, 404, JsonObject.EMPTY.with("code", "module-unknown"));
            return;
        }
        Deployment.Artifact made = compilable.get(module);
        if (made == null) {
            answer(
                    exchange,
                    422,
                    JsonObject.EMPTY.with("code", "module-rejected").with("rejection", "invalid-module"));
            return;
        }
        add(made);
        answer(exchange, 200, JsonObject.EMPTY.with("state", "present").with("attestation", envelope(made)));
    }

    private static void answer(HttpExchange exchange, int status, JsonObject json) throws IOException {
        answer(exchange, status, json.canonical().getBytes(StandardCharsets.UTF_8));
    }

    static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
