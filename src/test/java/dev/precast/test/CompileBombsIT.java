package dev.precast.test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Modules made to hurt a compiler are sent to the real service while good ones are compiled. */
class CompileBombsIT {
    private static final Path HOME = Path.of("").toAbsolutePath().getParent().getParent();
    private static final int GOOD_MODULES = 20;
    /** How long the health check may take while bombs are compiled. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    @TempDir
    static Path data;

    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    private static Process server;
    private static URI address;

    @BeforeAll
    static void start_the_service() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        address = URI.create("http://127.0.0.1:" + port);
        server = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-Dprecast.port=" + port,
                        "-Dprecast.data=" + data.resolve("data"),
                        "-Dprecast.packs.folder=" + HOME.resolve("engines/target/packs"),
                        "-Dprecast.slots=2",
                        "-Dprecast.limits.heap-mb=256",
                        "-Dprecast.limits.memory-mb=700",
                        "-Dprecast.limits.cpu-seconds=10",
                        "-Dprecast.limits.wall-seconds=20",
                        "-Dprecast.limits.output-mb=64",
                        "-Dprecast.retry.base=PT30M",
                        "-jar",
                        HOME.resolve("server/target/quarkus-app/quarkus-run.jar")
                                .toString())
                .redirectErrorStream(true)
                .redirectOutput(data.resolve("server.log").toFile())
                .start();
        for (int i = 0; i < 600 && !isReady(); i++) {
            assertThat(server.isAlive()).as("the server ended, see its log").isTrue();
            Thread.sleep(100);
        }
    }

    @AfterAll
    static void stop_the_service() throws InterruptedException {
        server.destroy();
        if (!server.waitFor(60, TimeUnit.SECONDS)) {
            server.destroyForcibly();
        }
    }

    @Test
    void each_bomb_ends_and_starts_no_second_child_while_good_modules_are_served() throws Exception {
        Map<String, Digest> bombs = new LinkedHashMap<>();
        for (Map.Entry<String, byte[]> bomb : Bombs.overCaps().entrySet()) {
            bombs.put(bomb.getKey(), upload(bomb.getValue()));
        }
        for (Map.Entry<String, byte[]> bomb : Bombs.withinCaps().entrySet()) {
            bombs.put(bomb.getKey(), upload(bomb.getValue()));
        }
        JsonObject lane = lane();
        AtomicBoolean over = new AtomicBoolean();
        Answering answering = new Answering(over);
        Thread asking = Thread.ofPlatform().start(answering);

        for (Digest bomb : bombs.values()) {
            assertThat(compile(bomb, lane, 0).statusCode()).isIn(200, 202, 422, 503);
        }
        for (int i = 0; i < GOOD_MODULES; i++) {
            Digest good = upload(Bombs.good(i));
            assertThat(compile(good, lane, 280).statusCode())
                    .as("good module " + i)
                    .isEqualTo(200);
        }
        Map<String, JsonObject> ends = new LinkedHashMap<>();
        for (Map.Entry<String, Digest> bomb : bombs.entrySet()) {
            ends.put(bomb.getKey(), end(bomb.getValue(), lane));
        }
        over.set(true);
        asking.join();

        assertThat(answering.failures).isZero();
        assertThat(answering.slowest).isLessThan(PATIENCE);
        for (String name : Bombs.overCaps().keySet()) {
            assertThat(ends.get(name).string("code")).as(name).isEqualTo("over-cap");
        }
        for (Map.Entry<String, Digest> bomb : bombs.entrySet()) {
            HttpResponse<byte[]> again = compile(bomb.getValue(), lane, 0);
            String state = ends.get(bomb.getKey()).string("state");
            assertThat(again.statusCode())
                    .as(bomb.getKey())
                    .isEqualTo(state.equals("rejected") ? 422 : state.equals("failed") ? 503 : 200);
            assertThat(lookup(bomb.getValue(), lane)).as(bomb.getKey()).isEqualTo(ends.get(bomb.getKey()));
        }
    }

    /** What stands of a module once nobody works on it. */
    private static JsonObject end(Digest module, JsonObject lane) throws Exception {
        for (int i = 0; i < 3_000; i++) {
            JsonObject result = lookup(module, lane);
            String state = result.string("state");
            if (!state.equals("compiling")) {
                assertThat(state).isIn("rejected", "failed", "present");
                return result;
            }
            Thread.sleep(100);
        }
        throw new AssertionError(module + " is still compiled");
    }

    private static JsonObject lookup(Digest module, JsonObject lane) throws Exception {
        JsonObject question = JsonObject.EMPTY
                .with("modules", Json.ofStrings(List.of(module.toString())))
                .with("lanes", Json.of(List.of(lane)));
        HttpResponse<byte[]> answer = HTTP.send(
                request("/v1/lookups")
                        .header("Content-Type", "application/json")
                        .POST(json(question))
                        .build(),
                BodyHandlers.ofByteArray());
        assertThat(answer.statusCode()).isEqualTo(200);
        return Json.parse(answer.body())
                .asObject("answer")
                .array("results")
                .getFirst()
                .asObject("result");
    }

    private static HttpResponse<byte[]> compile(Digest module, JsonObject lane, int wait) throws Exception {
        JsonObject question = lane.with("module", module.toString());
        return HTTP.send(
                request("/v1/compilations")
                        .header("Content-Type", "application/json")
                        .header("Prefer", "wait=" + wait)
                        .POST(json(question))
                        .build(),
                BodyHandlers.ofByteArray());
    }

    private static Digest upload(byte[] wasm) throws Exception {
        Digest digest = Digest.of(wasm);
        HttpRequest put = request("/v1/modules/" + digest.hex())
                .header("Content-Type", "application/wasm")
                .PUT(BodyPublishers.ofByteArray(wasm))
                .build();
        assertThat(HTTP.send(put, BodyHandlers.ofByteArray()).statusCode()).isIn(200, 201);
        return digest;
    }

    private static JsonObject lane() throws Exception {
        HttpResponse<byte[]> engines = HTTP.send(request("/v1/engines").build(), BodyHandlers.ofByteArray());
        JsonObject lane = Json.parse(engines.body())
                .asObject("engines")
                .array("lanes")
                .getFirst()
                .asObject("lane");
        return JsonObject.EMPTY
                .with("engine", lane.string("engine"))
                .with("engineHash", lane.string("engineHash"))
                .with("config", lane.string("configHash"))
                .with("target", lane.string("target"));
    }

    private static boolean isReady() throws InterruptedException {
        try {
            return HTTP.send(request("/q/health/ready").build(), BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(address.resolve(path)).timeout(Duration.ofMinutes(5));
    }

    private static HttpRequest.BodyPublisher json(JsonObject body) {
        return BodyPublishers.ofByteArray(body.canonical().getBytes(UTF_8));
    }

    /** Asks again and again whether the service is ready. */
    private static final class Answering implements Runnable {
        private final AtomicBoolean over;
        private int failures;
        private Duration slowest = Duration.ZERO;

        Answering(AtomicBoolean over) {
            this.over = over;
        }

        @Override
        public void run() {
            try {
                while (!over.get()) {
                    long start = System.nanoTime();
                    failures += isReady() ? 0 : 1;
                    Duration took = Duration.ofNanos(System.nanoTime() - start);
                    slowest = took.compareTo(slowest) > 0 ? took : slowest;
                    Thread.sleep(200);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
