package dev.precast.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import dev.precast.json.JsonObject;
import dev.precast.testing.Scale;
import dev.precast.testkit.fleet.RestCalls;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sends modules that overload a compiler to the real service while the service compiles ordinary modules. */
@Tag("engines")
class CompileBombsIT {
    private static final int GOOD_MODULES = Scale.of(5, 20);
    /** How long the health check may take while bombs are compiled. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    static Path data;

    private static LocalService server;
    private static RestCalls rest;

    @BeforeAll
    static void start_the_service() throws Exception {
        server = LocalService.start(
                data.resolve("data"),
                LocalService.bundledPacks(),
                "-Xmx256m",
                "-Dprecast.slots=2",
                "-Dprecast.limits.heap-mb=256",
                "-Dprecast.limits.memory-mb=700",
                "-Dprecast.limits.cpu-seconds=10",
                "-Dprecast.limits.wall-seconds=20",
                "-Dprecast.limits.output-mb=64",
                "-Dprecast.retry.base=PT30M");
        rest = server.rest();
    }

    @AfterAll
    static void stop_the_service() {
        server.close();
    }

    @Test
    void each_bomb_ends_and_starts_no_second_child_while_good_modules_are_served() throws Exception {
        Map<String, Digest> bombs = new LinkedHashMap<>();
        Map<String, byte[]> withinCaps = Bombs.withinCaps();
        withinCaps.keySet().retainAll(Scale.sample(CompileBombsIT.class, List.copyOf(withinCaps.keySet()), 2));
        for (Map<String, byte[]> some : List.of(Bombs.overCaps(), withinCaps, Bombs.unverifiable())) {
            for (Map.Entry<String, byte[]> bomb : some.entrySet()) {
                bombs.put(bomb.getKey(), rest.upload(bomb.getValue()));
            }
        }
        JsonObject lane = rest.lane("chicory");
        AtomicBoolean over = new AtomicBoolean();
        Answering answering = new Answering(over);
        Thread asking = Thread.ofPlatform().start(answering);

        for (Digest bomb : bombs.values()) {
            assertThat(rest.compile(bomb, lane, 0).statusCode()).isIn(200, 202, 422, 503);
        }
        for (int i = 0; i < GOOD_MODULES; i++) {
            Digest good = rest.upload(Bombs.good(i));
            assertThat(rest.compile(good, lane, 280).statusCode())
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
        for (String name : Bombs.unverifiable().keySet()) {
            assertThat(ends.get(name).string("state")).as(name).isEqualTo("present");
        }
        for (Map.Entry<String, Digest> bomb : bombs.entrySet()) {
            HttpResponse<byte[]> again = rest.compile(bomb.getValue(), lane, 0);
            String state = ends.get(bomb.getKey()).string("state");
            assertThat(again.statusCode())
                    .as(bomb.getKey())
                    .isEqualTo(state.equals("rejected") ? 422 : state.equals("failed") ? 503 : 200);
            assertThat(rest.lookup(bomb.getValue(), lane)).as(bomb.getKey()).isEqualTo(ends.get(bomb.getKey()));
        }
    }

    /** The state of a module when no worker compiles it. */
    private static JsonObject end(Digest module, JsonObject lane) throws Exception {
        for (int i = 0; i < 3_000; i++) {
            JsonObject result = rest.lookup(module, lane);
            String state = result.string("state");
            if (!state.equals("compiling")) {
                assertThat(state).isIn("rejected", "failed", "present");
                return result;
            }
            Thread.sleep(100);
        }
        throw new AssertionError(module + " is still compiled");
    }

    private static boolean isReady() throws InterruptedException {
        try {
            return rest.send("GET", "/q/health/ready", null).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /** Checks repeatedly that the service is ready. */
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
