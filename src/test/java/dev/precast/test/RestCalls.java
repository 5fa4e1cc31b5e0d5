package dev.precast.test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.protocol.LaneJson;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Calls of the wire protocol, made by hand. Thread safe. */
final class RestCalls {
    private static final Duration CONNECTED_AFTER = Duration.ofSeconds(30);
    private static final Duration ANSWERED_AFTER = Duration.ofMinutes(5);

    private final URI service;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(CONNECTED_AFTER).build();

    RestCalls(URI service) {
        this.service = service;
    }

    /** @param headers names and values in turn */
    HttpResponse<byte[]> send(String method, String path, byte @Nullable [] body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(service.resolve(path))
                .timeout(ANSWERED_AFTER)
                .header("Content-Type", "application/json")
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofByteArray());
    }

    /** Stores a module, which may be there already. */
    Digest upload(byte[] wasm) throws IOException, InterruptedException {
        Digest digest = Digest.of(wasm);
        assertThat(send("PUT", "/v1/modules/" + digest.hex(), wasm).statusCode())
                .isIn(200, 201);
        return digest;
    }

    /** The first lane of an engine, as requests name it. */
    JsonObject lane(String engine) throws IOException, InterruptedException {
        return lanes(engine + "@").values().iterator().next();
    }

    /** The lanes of engines that begin so, as requests name them, by {@code engine profile}. */
    Map<String, JsonObject> lanes(String engine) throws IOException, InterruptedException {
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

    /** @param wait seconds */
    HttpResponse<byte[]> compile(Digest module, JsonObject lane, int wait) throws IOException, InterruptedException {
        JsonObject question = lane.with("module", module.toString());
        return send("POST", "/v1/compilations", bytes(question), "Prefer", "wait=" + wait);
    }

    /** What stands of a module in a lane. */
    JsonObject lookup(Digest module, JsonObject lane) throws IOException, InterruptedException {
        JsonObject question = JsonObject.EMPTY
                .with("modules", Json.ofStrings(List.of(module.toString())))
                .with("lanes", Json.of(List.of(lane)));
        return json(post("/v1/lookups", 200, question))
                .array("results")
                .getFirst()
                .asObject("result");
    }

    /** Begins a warm-up; its path. */
    String warm(List<Digest> modules, List<JsonObject> lanes) throws IOException, InterruptedException {
        return post(
                        "/v1/warmups",
                        202,
                        JsonObject.EMPTY.with("modules", strings(modules)).with("lanes", Json.of(lanes)))
                .headers()
                .firstValue("Location")
                .orElseThrow();
    }

    /** The progress of a warm-up when it is over. */
    JsonObject warmedUp(String path, Duration within) throws IOException, InterruptedException {
        long end = System.nanoTime() + within.toNanos();
        while (true) {
            JsonObject progress = get(path);
            if (!progress.string("state").equals("running")) {
                return progress;
            }
            assertThat(System.nanoTime()).as("still " + progress).isLessThan(end);
            Thread.sleep(200);
        }
    }

    /** What a resource is. */
    JsonObject get(String path) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = send("GET", path, null);
        assertThat(answer.statusCode()).as(path).isEqualTo(200);
        return json(answer);
    }

    /** @param status what is expected */
    HttpResponse<byte[]> post(String path, int status, JsonObject question) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = send("POST", path, bytes(question));
        assertThat(answer.statusCode()).as(new String(answer.body(), UTF_8)).isEqualTo(status);
        return answer;
    }

    static Json strings(List<Digest> digests) {
        return Json.ofStrings(digests.stream().map(Digest::toString).toList());
    }

    static JsonObject json(HttpResponse<byte[]> answer) {
        return json(answer.body());
    }

    static JsonObject json(byte[] answer) {
        return Json.parse(answer).asObject("answer");
    }

    private static byte[] bytes(JsonObject question) {
        return question.canonical().getBytes(UTF_8);
    }
}
