package dev.precast.test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import dev.precast.json.JsonObject;
import dev.precast.testing.Scale;
import dev.precast.testkit.fleet.Fleet;
import dev.precast.testkit.fleet.FleetNode;
import dev.precast.testkit.pack.CopyPack;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Workers of a fleet that end during a compilation. A failure would have its usual back-off of a minute. */
@Tag("fleet")
@Timeout(300)
class EvictionIT {
    private static final Duration BACK_OFF = Duration.ofMinutes(1);

    @TempDir
    private Path folder;

    private Fleet fleet;
    private FleetNode api;
    /** Compilations that workers have started, as far as the test knows. */
    private final Map<FleetNode, Double> started = new HashMap<>();

    @BeforeEach
    void start() throws Exception {
        List<String> options = new ArrayList<>(Fleet.SMALL);
        options.add("-Dprecast.queue.ack-wait=3s");
        options.add("-Dprecast.drain-timeout=1s");
        fleet = Fleet.start(folder.resolve("fleet"), CopyPack.in(folder), options);
        api = fleet.nodes().getFirst();
    }

    @AfterEach
    void stop() {
        fleet.close();
    }

    @Test
    void a_worker_that_stops_hands_over_at_once_and_killed_workers_cost_no_back_off() throws Exception {
        List<FleetNode> workers = new ArrayList<>(List.of(fleet.worker(), fleet.worker()));
        JsonObject lane = api.rest().lane("copy");
        Digest handedOver = api.rest().upload(CopyPack.module("doze handed over"));
        CompletableFuture<HttpResponse<byte[]>> answer = api.rest().compiling(handedOver, lane, 120);
        FleetNode first = taker(workers);
        workers.remove(first);
        long stopped = System.nanoTime();
        first.stop();
        assertThat(since(stopped)).isLessThan(Duration.ofSeconds(20));
        assertThat(taker(workers)).isIn(workers);
        assertThat(answer.join().statusCode()).isEqualTo(200);
        assertThat(since(stopped)).isLessThan(BACK_OFF);

        int kills = Scale.of(1, 2);
        for (int i = 0; i < kills; i++) {
            workers.add(fleet.worker());
        }
        Digest killed = api.rest().upload(CopyPack.module("doze killed"));
        answer = api.rest().compiling(killed, lane, 120);
        long asked = System.nanoTime();
        for (int i = 0; i < kills; i++) {
            FleetNode working = taker(workers);
            workers.remove(working);
            Thread.sleep(500); // The child runs.
            working.kill();
        }
        assertThat(answer.join().statusCode()).isEqualTo(200);
        assertThat(since(asked)).isLessThan(BACK_OFF);

        assertThat(new String(api.rest().send("GET", "/v1/dead-letters", null).body(), UTF_8))
                .isEqualTo("{\"letters\":[]}");
        for (String name : List.of("outcomes", "starts")) {
            assertThat(fleet.documents(name)).as(name).isZero();
        }
        assertThat(fleet.attestations()).isEqualTo(2);
    }

    /** Waits until one of the workers starts to compile; returns that worker. */
    private FleetNode taker(List<FleetNode> workers) throws IOException, InterruptedException {
        while (true) {
            for (FleetNode worker : workers) {
                double now = worker.metric("precast_compile_started_total");
                if (now > started.getOrDefault(worker, 0.0)) {
                    started.put(worker, now);
                    return worker;
                }
            }
            Thread.sleep(50);
        }
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }
}
