package dev.precast.test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.artifact.Digest;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.testkit.fleet.Fleet;
import dev.precast.testkit.fleet.FleetNode;
import dev.precast.testkit.fleet.RestCalls;
import dev.precast.testkit.pack.CopyPack;
import dev.precast.testkit.server.Toxics;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a fleet tells when a worker's disk is full, NATS is away, S3 is away, or no worker is there. */
@Timeout(600)
@Tag("fleet")
class TroubleIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String FULL_DISK = "-Dprecast.disk.min-free=1000000G";

    @TempDir
    private static Path folder;

    private static Fleet fleet;
    private static FleetNode api;

    @BeforeAll
    static void start() throws Exception {
        fleet = Fleet.start(folder.resolve("fleet"), CopyPack.in(folder), Fleet.SMALL);
        api = fleet.nodes().getFirst();
    }

    @AfterAll
    static void stop() {
        if (fleet != null) {
            fleet.close();
        }
    }

    @Test
    void a_worker_with_a_full_disk_tells_everybody_takes_nothing_and_another_one_takes_over() throws Exception {
        FleetNode full = fleet.worker(FULL_DISK);
        JsonObject lane = api.rest().lane("copy");
        Digest module = api.rest().upload(CopyPack.module("a module"));

        await().atMost(SOON).until(() -> api.rest().compile(module, lane, 0).statusCode() == 503);
        HttpResponse<byte[]> refused = api.rest().compile(module, lane, 30);
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("Retry-After")).hasValue("30");
        JsonObject problem = RestCalls.json(refused);
        assertThat(problem.string("code")).isEqualTo("no-worker");
        assertThat(problem.string("detail")).contains("disk: ", "too little space");

        JsonObject worker = check(full, "worker", 503);
        assertThat(worker.string("status")).isEqualTo("DOWN");
        assertThat(worker.object("data").string("reason")).startsWith("disk: ");
        assertThat(full.rest().send("GET", "/q/health/live", null).statusCode()).isEqualTo(200);
        assertThat(full.rest().send("GET", "/q/health/started", null).statusCode())
                .isEqualTo(200);
        assertThat(full.metric("precast_worker_trouble", "kind=\"disk\"")).isEqualTo(1);
        assertThat(full.metric("precast_compile_started_total")).isZero();
        assertThat(full.server().log().lines().filter(line -> line.contains("takes no requests")))
                .hasSize(1);

        JsonObject lanes = check(api, "lanes", 200);
        assertThat(lanes.object("data").string("state")).isEqualTo("degraded");
        assertThat(lanes.object("data").string("reason")).contains("no worker takes requests (disk: ");
        JsonObject offered =
                api.rest().get("/v1/engines").array("lanes").getFirst().asObject("lane");
        assertThat(offered.integer("workers", 0, 10)).isZero();
        assertThat(offered.array("troubles")).hasSize(1);

        FleetNode healthy = fleet.worker();
        await().atMost(SOON).until(() -> api.rest().compile(module, lane, 0).statusCode() == 200);
        assertThat(healthy.compiled()).isGreaterThanOrEqualTo(1);
        assertThat(full.metric("precast_compile_started_total")).isZero();
        assertThat(check(api, "lanes", 200).object("data").string("state")).isEqualTo("ok");

        full.stop();
        healthy.stop();
        await().atMost(SOON)
                .until(() -> check(api, "lanes", 200).object("data").canonical().contains("no worker is alive"));
        assertThat(api.rest()
                        .compile(api.rest().upload(CopyPack.module("waits")), lane, 0)
                        .statusCode())
                .as("a request waits for a worker that may be starting")
                .isEqualTo(202);
    }

    @Test
    void a_worker_before_the_first_policy_says_so_in_one_line_and_starts_to_take_after_it() throws Exception {
        String bucket = "empty";
        Files.createDirectory(fleet.s3().objects().resolveSibling(bucket));
        FleetNode early = fleet.worker("-Dprecast.s3.bucket=" + bucket);
        assertThat(check(early, "worker", 503).object("data").string("reason")).startsWith("policy: none in force yet");
        assertThat(early.rest().send("GET", "/q/health/live", null).statusCode())
                .isEqualTo(200);

        FleetNode first = fleet.api("-Dprecast.s3.bucket=" + bucket);
        byte[] policy = Fleet.policy(fleet.signingKey()).sign(fleet.rootKey()).toJson();
        first.rest().put("/v1/trust", 200, policy);
        await().atMost(SOON)
                .until(() -> early.rest().send("GET", "/q/health/ready", null).statusCode() == 200);
        String log = early.server().log();
        assertThat(log.lines().filter(line -> line.contains("takes no requests")))
                .as(log)
                .hasSize(1);
        assertThat(log).doesNotContain(" ERROR ", "\tat ");
        first.stop();
        early.stop();
    }

    @Test
    void without_nats_an_api_is_degraded_and_a_worker_is_not_ready() throws Exception {
        FleetNode worker = fleet.worker();
        fleet.nats().kill();
        await().atMost(SOON)
                .until(() -> worker.rest().send("GET", "/q/health/ready", null).statusCode() == 503);
        assertThat(check(worker, "queue", 503).string("status")).isEqualTo("DOWN");
        assertThat(check(api, "queue", 200).object("data").string("state")).isEqualTo("degraded");
        fleet.nats().startAgain();
        await().atMost(SOON)
                .until(() -> worker.rest().send("GET", "/q/health/ready", null).statusCode() == 200
                        && check(api, "queue", 200)
                                .object("data")
                                .string("state")
                                .equals("ok"));
        worker.stop();
    }

    @Test
    void without_its_store_an_api_is_not_ready_until_the_store_is_back() throws Exception {
        try (Toxics toxics = Toxics.before(fleet.s3().port(), folder.resolve("toxics.log"))) {
            fleet.reachS3At(toxics.port());
            FleetNode cut = fleet.api();
            fleet.reachS3At(fleet.s3().port());
            toxics.proxy().disable();
            await().atMost(SOON)
                    .until(() -> cut.rest()
                                            .send(
                                                    "HEAD",
                                                    "/v1/modules/"
                                                            + Digest.of(new byte[0])
                                                                    .hex(),
                                                    null)
                                            .statusCode()
                                    == 503
                            && cut.rest().send("GET", "/q/health/ready", null).statusCode() == 503);
            assertThat(check(cut, "stores", 503).object("data").string("reason"))
                    .contains("trust/policy");
            toxics.proxy().enable();
            await().atMost(SOON)
                    .until(() -> cut.rest().send("GET", "/q/health/ready", null).statusCode() == 200);
            cut.stop();
        }
    }

    private static JsonObject check(FleetNode node, String name, int status) throws Exception {
        HttpResponse<byte[]> ready = node.rest().send("GET", "/q/health/ready", null);
        assertThat(ready.statusCode()).as(new String(ready.body(), UTF_8)).isEqualTo(status);
        for (Json each : RestCalls.json(ready).array("checks")) {
            JsonObject check = each.asObject("check");
            if (check.string("name").equals(name)) {
                return check;
            }
        }
        throw new AssertionError("no check " + name + " in " + new String(ready.body(), UTF_8));
    }
}
