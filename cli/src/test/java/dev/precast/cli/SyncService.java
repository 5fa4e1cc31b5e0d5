package dev.precast.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineHash;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.Lane;
import dev.precast.artifact.ModuleDigest;
import dev.precast.artifact.Target;
import dev.precast.attestation.Appointment;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.CurrentPolicy;
import dev.precast.attestation.FreshnessProof;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.SizedDigest;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.attestation.TrustedKey;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.load.OfferedLane;
import dev.precast.protocol.KeyState;
import dev.precast.protocol.LaneJson;
import dev.precast.protocol.Paths;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A service with the resources that {@code sync} uses, over real sockets: lanes, policy, lookups and payloads. */
final class SyncService implements AutoCloseable {
    private static final Instant NOW = CommandLineRun.NOW;

    private final SigningKey root = SigningKey.generate();
    private final SigningKey signer = SigningKey.generate();
    private final SigningKey online = SigningKey.generate();
    private final Map<String, byte[]> attestations = new ConcurrentHashMap<>();
    private final Map<String, byte[]> payloads = new ConcurrentHashMap<>();
    private final List<Lane> lanes = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;

    final AtomicInteger lookups = new AtomicInteger();
    volatile Set<Digest> denied = Set.of();
    volatile Set<ModuleDigest> rejected = Set.of();
    /** Whether the service has a proof that its policy is current. */
    volatile boolean proves = true;
    /** Closes every connection without an answer. */
    volatile boolean down;
    /** Ends the body of every payload after its first byte. */
    volatile boolean cutsPayloads;

    SyncService() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    String root() {
        return root.verifyingKey().toString();
    }

    static ModuleDigest module(int number) {
        return ModuleDigest.of(new byte[] {(byte) number});
    }

    void serve(String engine) {
        lanes.add(lane(engine));
    }

    private static Lane lane(String engine) {
        return new Lane(
                EngineId.parse(engine),
                new EngineHash(Digest.of(engine.getBytes(StandardCharsets.UTF_8))),
                CompileConfig.parse("{}"),
                Target.JVM);
    }

    /** Adds the artifact; returns the name of its payload's file. */
    String compiled(String engine, int number) {
        byte[] payload = (engine + " " + number).getBytes(StandardCharsets.UTF_8);
        Attestation made = new Attestation(
                module(number),
                1,
                lane(engine),
                "test/1",
                new SizedDigest(Digest.of(payload), payload.length),
                Optional.empty(),
                Optional.empty(),
                Digest.of(new byte[] {4}),
                "test",
                "urn:test",
                NOW,
                NOW);
        attestations.put(key(lane(engine), module(number)), made.sign(signer).toJson());
        payloads.put(Paths.artifact(lane(engine).id().key(module(number))), payload);
        return Digest.of(payload).hex();
    }

    private static String key(Lane lane, ModuleDigest module) {
        return lane.id().key(module).digest().hex();
    }

    private byte[] policy() {
        TrustedKey trusted = new TrustedKey(
                signer.verifyingKey(), "urn:test", Set.of(), Set.of(), NOW, NOW.plus(Duration.ofDays(1)));
        return new TrustPolicy(
                        1 + denied.size(),
                        NOW,
                        NOW.plus(Duration.ofDays(1)),
                        Duration.ZERO,
                        List.of(trusted),
                        List.of(),
                        denied,
                        Set.of())
                .sign(root)
                .toJson();
    }

    private byte[] proof() {
        Appointment appointment = new Appointment(1, online.verifyingKey(), NOW, NOW.plus(Duration.ofDays(90)));
        try {
            CurrentPolicy current =
                    CurrentPolicy.about(policy(), new TrustRoot(root.verifyingKey()), NOW, Duration.ofHours(24));
            return new FreshnessProof(appointment.sign(root), current.sign(online)).toJson();
        } catch (RefusedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] asked = exchange.getRequestBody().readAllBytes();
            String path = exchange.getRequestURI().getPath();
            if (down) {
                return;
            }
            if (path.equals("/v1/engines")) {
                answer(exchange, JsonObject.EMPTY.with("lanes", Json.of(served())));
            } else if (path.equals("/v1/trust")) {
                answer(exchange, policy());
            } else if (path.equals("/v1/trust/current")) {
                if (proves) {
                    answer(exchange, proof());
                } else {
                    exchange.sendResponseHeaders(404, -1);
                }
            } else if (path.equals("/v1/lookups")) {
                lookups.incrementAndGet();
                answer(exchange, lookup(Json.parse(asked).asObject("lookup")));
            } else {
                answer(exchange, payloads.get(path), cutsPayloads);
            }
        }
    }

    private List<Json> served() {
        List<Json> served = new ArrayList<>();
        for (Lane lane : lanes) {
            served.add(LaneJson.write(new OfferedLane(lane, "default", "test/1")));
        }
        return served;
    }

    private JsonObject lookup(JsonObject asked) {
        Lane lane = lane(asked.array("lanes").getFirst().asObject("lane").string("engine"));
        List<Json> results = new ArrayList<>();
        for (Json each : asked.array("modules")) {
            ModuleDigest module = ModuleDigest.parse(each.asString("module"));
            byte[] envelope = attestations.get(key(lane, module));
            KeyState state = rejected.contains(module)
                    ? new KeyState.Rejected("invalid-module", "test")
                    : envelope == null ? new KeyState.Absent(false) : new KeyState.Present(envelope);
            results.add(state.toJson().with("module", each).with("lane", 0).with("href", "@other.invalid/x"));
        }
        return JsonObject.EMPTY.with("results", Json.of(results));
    }

    private static void answer(HttpExchange exchange, JsonObject json) throws IOException {
        answer(exchange, json.canonical().getBytes(StandardCharsets.UTF_8));
    }

    private static void answer(HttpExchange exchange, byte[] body) throws IOException {
        answer(exchange, body, false);
    }

    private static void answer(HttpExchange exchange, byte[] body, boolean cut) throws IOException {
        exchange.sendResponseHeaders(200, body.length);
        OutputStream out = exchange.getResponseBody();
        out.write(body, 0, cut ? 1 : body.length);
        out.flush();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
