package dev.precast.test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import dev.precast.json.JsonObject;
import dev.precast.testing.Scale;
import dev.precast.testkit.fleet.Fleet;
import dev.precast.testkit.fleet.FleetNode;
import dev.precast.testkit.pack.CopyPack;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Failures of parts of a fleet. */
@Tag("fleet")
@Execution(ExecutionMode.CONCURRENT)
class FleetFaultsIT {
    private static final long ANSWERED_MINUTES = Scale.of(5, 30);
    /** How long NATS waits for a silent worker. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    private Fleet fleet;
    private FleetNode api;
    private JsonObject lane;

    @BeforeEach
    void start() throws Exception {
        fleet = Fleet.start(folder.resolve("fleet"), CopyPack.in(folder), Fleet.SMALL);
        api = fleet.nodes().getFirst();
    }

    @AfterEach
    void stop() {
        if (fleet != null) {
            fleet.close();
        }
    }

    private FleetNode worker() throws IOException, InterruptedException {
        FleetNode worker = fleet.worker("-Dprecast.slots=2", "-Dprecast.retry.base=1s");
        if (lane == null) {
            lane = api.rest().lane("copy");
        }
        return worker;
    }

    @Test
    void killed_workers_lose_no_request_and_compile_nothing_twice() throws Exception {
        int jobs = Scale.of(20, 500);
        int kills = Scale.of(2, 50);
        List<FleetNode> workers = new ArrayList<>(List.of(worker(), worker()));
        Random random = Scale.random(FleetFaultsIT.class);
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            Map<Digest, CompletableFuture<Void>> asked = ask(jobs, "sleep", clients);
            for (int i = 0; i < kills; i++) {
                Thread.sleep(random.nextInt(1500));
                workers.remove(random.nextInt(workers.size())).kill();
                workers.add(worker());
            }
            allThere(asked);
        }

        assertThat(fleet.attestations()).isEqualTo(jobs);
        assertThat(api.rest().send("GET", "/v1/dead-letters", null).body())
                .isEqualTo("{\"letters\":[]}".getBytes(UTF_8));
    }

    @Test
    @Timeout(600)
    void a_worker_that_is_paused_and_resumed_changes_nothing() throws Exception {
        FleetNode still = worker();
        Digest module = api.rest().upload(CopyPack.module("doze"));
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            CompletableFuture<Void> answer = CompletableFuture.runAsync(() -> untilThere(module), clients);
            while (still.metric("precast_compile_started_total") < 1) {
                Thread.sleep(100);
            }
            still.server().pause();
            FleetNode other = worker();
            answer.get(ANSWERED_MINUTES, TimeUnit.MINUTES);
            while (other.compiled() < 1) {
                Thread.sleep(50); // It is counted a moment after it is answered.
            }
            JsonObject before = api.rest().lookup(module, lane);
            still.server().resume();
            Thread.sleep(PATIENCE.dividedBy(6).toMillis());

            assertThat(api.rest().lookup(module, lane)).isEqualTo(before);
            assertThat(fleet.attestations()).isEqualTo(1);
        }
    }

    @Test
    void waiting_clients_refill_a_queue_that_lost_everything() throws Exception {
        int hosts = Scale.of(30, 1_000);
        int warmed = Scale.of(30, 1_000);
        worker();
        worker();
        List<Digest> ahead = new ArrayList<>();
        for (int i = 0; i < warmed; i++) {
            ahead.add(api.rest().upload(CopyPack.module("warmed " + i)));
        }
        String warmup = api.rest().warm(ahead, List.of(lane));
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            Map<Digest, CompletableFuture<Void>> asked = ask(hosts, "wiped", clients);
            while (fleet.attestations() < (hosts + warmed) / 3) {
                Thread.sleep(20);
            }
            fleet.nats().kill();
            fleet.nats().startAgainEmpty();
            allThere(asked);
        }

        JsonObject progress = api.rest().warmedUp(warmup, Duration.ofMinutes(ANSWERED_MINUTES));
        assertThat(progress.integer("present", 0, warmed)).isEqualTo(warmed);
        assertThat(fleet.attestations()).isEqualTo(hosts + warmed);
    }

    @Test
    void while_the_queue_is_down_lookups_work_and_requests_get_a_retry_time() throws Exception {
        worker();
        Digest there = api.rest().upload(CopyPack.module("there"));
        Digest wanted = api.rest().upload(CopyPack.module("wanted"));
        untilThere(there);
        fleet.nats().kill();

        long end = System.nanoTime() + Duration.ofSeconds(Scale.of(6, 120)).toNanos();
        while (System.nanoTime() < end) {
            assertThat(api.rest().lookup(there, lane).string("state")).isEqualTo("present");
            HttpResponse<byte[]> refused = api.rest().compile(wanted, lane, 1);
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
            assertThat(new String(refused.body(), UTF_8)).contains("queue-unavailable");
            Thread.sleep(100);
        }
        fleet.nats().startAgain();

        untilThere(wanted);
    }

    @Test
    void a_full_queue_refuses_new_requests() throws Exception {
        worker().stop();
        FleetNode small = fleet.api("-Dprecast.queue.capacity=3");
        List<Digest> held = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            held.add(api.rest().upload(CopyPack.module("held " + i)));
            assertThat(small.rest().compile(held.getLast(), lane, 0).statusCode())
                    .isEqualTo(202);
        }
        Digest more = api.rest().upload(CopyPack.module("more"));

        for (FleetNode replica : List.of(small, api)) {
            HttpResponse<byte[]> refused = replica.rest().compile(more, lane, 30);
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("Retry-After")).contains("10");
            assertThat(new String(refused.body(), UTF_8)).contains("queue-full");
            assertThat(replica.rest().compile(held.getFirst(), lane, 0).statusCode())
                    .as("a request that the queue holds already")
                    .isEqualTo(202);
        }
        Headers refused = FleetNats.ask(fleet, "compile", lane.with("module", more.toString()))
                .getHeaders();
        assertThat(refused.getFirst("Nats-Service-Error-Code")).isEqualTo("503");
        assertThat(refused.getFirst("Nats-Service-Error")).isEqualTo("queue-full");
        assertThat(refused.getFirst("Retry-After")).isEqualTo("10");
        assertThat(api.rest().lookup(more, lane).string("state")).isEqualTo("absent");

        worker();
        held.forEach(this::untilThere);
        untilThere(more);
    }

    @Test
    @Timeout(300)
    void every_replica_has_the_queue_depth_metric_which_is_NaN_while_the_queue_is_down() throws Exception {
        worker().stop();
        List<FleetNode> replicas = List.of(api, fleet.api());
        for (int i = 0; i < 3; i++) {
            Digest held = api.rest().upload(CopyPack.module("held " + i));
            assertThat(api.rest().compile(held, lane, 0).statusCode()).isEqualTo(202);
        }

        for (FleetNode replica : replicas) {
            while (replica.metric("precast_queue_depth") != 3) {
                Thread.sleep(100);
            }
        }
        fleet.nats().kill();
        for (FleetNode replica : replicas) {
            while (!Double.isNaN(replica.metric("precast_queue_depth"))) {
                Thread.sleep(100);
            }
        }
    }

    /** Requests each module like a separate host, until all artifacts exist. */
    private Map<Digest, CompletableFuture<Void>> ask(int jobs, String word, ExecutorService clients)
            throws IOException, InterruptedException {
        Map<Digest, CompletableFuture<Void>> asked = new HashMap<>();
        for (int i = 0; i < jobs; i++) {
            Digest module = api.rest().upload(CopyPack.module(word + " " + i));
            asked.put(module, CompletableFuture.runAsync(() -> untilThere(module), clients));
        }
        return asked;
    }

    private static void allThere(Map<Digest, CompletableFuture<Void>> asked) throws Exception {
        for (CompletableFuture<Void> answer : asked.values()) {
            answer.get(ANSWERED_MINUTES, TimeUnit.MINUTES);
        }
    }

    /** Like a waiting host: repeats the request after the time in the answer. */
    private void untilThere(Digest module) {
        try {
            while (true) {
                int status = api.rest().compile(module, lane, 20).statusCode();
                if (status == 200) {
                    return;
                }
                assertThat(status).isIn(202, 503);
                Thread.sleep(500);
            }
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
