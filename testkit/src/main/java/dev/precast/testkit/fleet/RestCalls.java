package dev.precast.testkit.fleet;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.precast.artifact.Digest;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.protocol.LaneJson;
import dev.precast.protocol.LocalToken;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Calls the REST resources without the host client, for tests of the wire protocol. Calls that expect a status throw an
 * {@link AssertionError} on any other. Thread safe.
 */
public final class RestCalls {
    private static final Duration CONNECTED_AFTER = Duration.ofSeconds(30);
    private static final Duration ANSWERED_AFTER = Duration.ofMinutes(5);

    private final URI service;
    private final Path data;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(CONNECTED_AFTER).build();

    /** @param data the service's data folder, for its local token */
    public RestCalls(URI service, Path data) {
        this.service = service;
        this.data = data;
    }

    /**
     * Sends any request, with the local token if there is one.
     *
     * @param headers names and values, alternating
     */
    public HttpResponse<byte[]> send(String method, String path, byte @Nullable [] body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(service.resolve(path))
                .timeout(ANSWERED_AFTER)
                .header("Content-Type", "application/json")
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        LocalToken.find(data, service)
                .ifPresent(token -> request.setHeader("Authorization", "Bearer " + token.secret()));
        return http.send(request.build(), BodyHandlers.ofByteArray());
    }

    /** Stores a module, which may be stored already. */
    public Digest upload(byte[] wasm) throws IOException, InterruptedException {
        Digest digest = Digest.of(wasm);
        String path = "/v1/modules/" + digest.hex();
        expect(path, send("PUT", path, wasm), 200, 201);
        return digest;
    }

    /** The first lane whose engine name starts with {@code engine}, in the form for requests. */
    public JsonObject lane(String engine) throws IOException, InterruptedException {
        return lanes(engine + "@").values().iterator().next();
    }

    /**
     * The lanes whose engine name starts with {@code engine}, in the form for requests; the map keys are engine, blank,
     * profile.
     */
    public Map<String, JsonObject> lanes(String engine) throws IOException, InterruptedException {
        Map<String, JsonObject> lanes = new LinkedHashMap<>();
        for (Json item : get("/v1/engines").array("lanes")) {
            JsonObject offer = item.asObject("lane");
            if (offer.string("engine").startsWith(engine)) {
                lanes.put(
                        offer.string("engine") + " " + offer.string("profile"),
                        LaneJson.write(LaneJson.lane(offer).id()));
            }
        }
        return lanes;
    }

    /**
     * Requests the compilation of a module in a lane.
     *
     * @param wait seconds that the service may wait for its end
     */
    public HttpResponse<byte[]> compile(Digest module, JsonObject lane, int wait)
            throws IOException, InterruptedException {
        JsonObject question = lane.with("module", module.toString());
        return send("POST", "/v1/compilations", bytes(question), "Prefer", "wait=" + wait);
    }

    /** Like {@link #compile}, but returns at once. */
    public CompletableFuture<HttpResponse<byte[]>> compiling(Digest module, JsonObject lane, int wait) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return compile(module, lane, wait);
                    } catch (IOException | InterruptedException e) {
                        throw new CompletionException(e);
                    }
                },
                Thread::startVirtualThread);
    }

    /** The result of a lookup of one module in one lane. */
    public JsonObject lookup(Digest module, JsonObject lane) throws IOException, InterruptedException {
        JsonObject question = JsonObject.EMPTY
                .with("modules", Json.ofStrings(List.of(module.toString())))
                .with("lanes", Json.of(List.of(lane)));
        return json(post("/v1/lookups", 200, question))
                .array("results")
                .getFirst()
                .asObject("result");
    }

    /** Starts a warm-up and returns its path. */
    public String warm(List<Digest> modules, List<JsonObject> lanes) throws IOException, InterruptedException {
        return post(
                        "/v1/warmups",
                        202,
                        JsonObject.EMPTY.with("modules", strings(modules)).with("lanes", Json.of(lanes)))
                .headers()
                .firstValue("Location")
                .orElseThrow();
    }

    /** Waits at most {@code within} until a warm-up ends; returns its progress. */
    public JsonObject warmedUp(String path, Duration within) throws IOException, InterruptedException {
        long end = System.nanoTime() + within.toNanos();
        while (true) {
            JsonObject progress = get(path);
            if (!progress.string("state").equals("running")) {
                return progress;
            }
            if (System.nanoTime() > end) {
                throw new AssertionError(path + ": expected the end within " + within + ", found " + progress);
            }
            Thread.sleep(200);
        }
    }

    /** Reads a JSON resource. */
    public JsonObject get(String path) throws IOException, InterruptedException {
        return json(expect(path, send("GET", path, null), 200));
    }

    /**
     * Sends a JSON document.
     *
     * @param status the expected status
     */
    public HttpResponse<byte[]> post(String path, int status, JsonObject question)
            throws IOException, InterruptedException {
        return expect(path, send("POST", path, bytes(question)), status);
    }

    /**
     * Puts a document.
     *
     * @param status the expected status
     */
    public void put(String path, int status, byte[] body) throws IOException, InterruptedException {
        expect(path, send("PUT", path, body), status);
    }

    private static HttpResponse<byte[]> expect(String path, HttpResponse<byte[]> answer, Integer... statuses) {
        if (!List.of(statuses).contains(answer.statusCode())) {
            throw new AssertionError(path + ": expected status " + List.of(statuses) + ", found " + answer.statusCode()
                    + ": " + new String(answer.body(), UTF_8));
        }
        return answer;
    }

    /** Digests as a JSON array. */
    public static Json strings(List<Digest> digests) {
        return Json.ofStrings(digests.stream().map(Digest::toString).toList());
    }

    /** The body of an answer. */
    public static JsonObject json(HttpResponse<byte[]> answer) {
        return json(answer.body());
    }

    /** A body as a JSON object. */
    public static JsonObject json(byte[] answer) {
        return Json.parse(answer).asObject("answer");
    }

    private static byte[] bytes(JsonObject question) {
        return question.canonical().getBytes(UTF_8);
    }
}
