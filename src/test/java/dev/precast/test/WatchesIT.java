package dev.precast.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.artifact.Digest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.TrustPolicy;
import dev.precast.json.JsonObject;
import dev.precast.testing.Scale;
import dev.precast.testkit.fleet.Fleet;
import dev.precast.testkit.fleet.FleetNode;
import dev.precast.testkit.pack.CopyPack;
import dev.precast.testkit.server.RealServer;
import dev.precast.testkit.server.S3Server;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** What the nodes of a fleet read from the store while nothing changes, and how fast they see a change. */
@Timeout(600)
@Tag("fleet")
@EnabledIfSystemProperty(
        named = Scale.TIER,
        matches = "full",
        disabledReason =
                "is idle for minutes; WatchedDocumentsTest, NatsChangesIT, FleetTrustTest and WithdrawalsTest have the parts")
class WatchesIT {
    /** The time within which a withdrawn artifact leaves the caches of all replicas. */
    private static final Duration WITHDRAWN = Duration.ofSeconds(5);

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration WINDOW = Duration.ofMinutes(2);

    @TempDir
    private static Path folder;

    private static Fleet fleet;
    private static final List<FleetNode> apis = new ArrayList<>();
    private static final List<FleetNode> workers = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        fleet = Fleet.start(folder.resolve("fleet"), CopyPack.in(folder), Fleet.SMALL);
        apis.add(fleet.nodes().getFirst());
        apis.add(fleet.api());
        workers.add(fleet.worker());
        workers.add(fleet.worker());
    }

    @AfterAll
    static void stop() {
        if (fleet != null) {
            fleet.close();
        }
    }

    @Test
    void ten_idle_replicas_and_a_hundred_idle_workers_read_the_store_less_than_twice_a_second() throws Exception {
        awaitIdle();
        double apisBefore = reads(apis);
        double workersBefore = reads(workers);
        Thread.sleep(WINDOW);
        double api = (reads(apis) - apisBefore) / apis.size() / WINDOW.toSeconds();
        double worker = (reads(workers) - workersBefore) / workers.size() / WINDOW.toSeconds();

        System.out.printf("reads a second: API replica %.4f, worker %.4f%n", api, worker);
        assertThat(10 * api + 100 * worker).isLessThan(2);
        assertThat(api).as("a replica checks the policy").isPositive();
    }

    @Test
    void a_withdrawn_artifact_leaves_the_caches_of_all_replicas_and_its_repair_is_seen() throws Exception {
        JsonObject lane = apis.getFirst().rest().lane("copy");
        Digest module = apis.getFirst().rest().upload(CopyPack.module("withdrawn"));
        // Another test may just have started NATS again.
        await().atMost(SOON)
                .until(() -> apis.getFirst().rest().compile(module, lane, 120).statusCode() == 200);
        for (FleetNode api : apis) {
            assertThat(api.rest().lookup(module, lane).string("state")).isEqualTo("present");
        }
        String href = apis.getFirst().rest().lookup(module, lane).string("href");
        loseThePayload(href);

        assertThat(apis.getFirst().rest().send("GET", href, null).statusCode()).isEqualTo(404);
        for (FleetNode api : apis) {
            await().atMost(WITHDRAWN)
                    .until(() ->
                            !api.rest().lookup(module, lane).string("state").equals("present"));
        }

        assertThat(apis.getFirst().rest().compile(module, lane, 120).statusCode())
                .isEqualTo(200);
        for (FleetNode api : apis) {
            await().atMost(WITHDRAWN)
                    .until(() -> api.rest().lookup(module, lane).string("state").equals("present"));
            assertThat(api.rest().send("GET", href, null).body()).isEqualTo(CopyPack.module("withdrawn"));
        }
    }

    private static void loseThePayload(String href) throws Exception {
        Attestation attestation = Attestation.unverified(
                apis.getFirst().rest().send("GET", href + "/attestation", null).body());
        lose(attestation.payload().digest());
        lose(attestation.compressed().orElseThrow().digest());
    }

    /** Deletes a payload with the server's metadata about it. */
    private static void lose(Digest payload) throws IOException {
        Path stored = folder.resolve("fleet");
        for (String kind : List.of("objects", "metadata")) {
            RealServer.delete(stored.resolve(kind + "/" + S3Server.BUCKET + "/payloads/" + payload.hex()));
        }
    }

    @Test
    void all_nodes_see_a_new_policy_with_NATS_and_without() throws Exception {
        publish(2);
        awaitVersion(2);
        awaitLane();

        fleet.nats().kill();
        try {
            publish(3);
            awaitVersion(3);
        } finally {
            fleet.nats().startAgain();
        }
        awaitLane();
    }

    private static void publish(long version) throws IOException, InterruptedException {
        TrustPolicy first = Fleet.policy(fleet.signingKey());
        TrustPolicy next = new TrustPolicy(
                version,
                Instant.now().minusSeconds(60),
                first.expiresAt(),
                first.grace(),
                first.keys(),
                first.floors(),
                first.deniedDigests(),
                first.extraMembers());
        apis.getFirst().rest().put("/v1/trust", 200, next.sign(fleet.rootKey()).toJson());
    }

    private static void awaitVersion(int version) {
        for (FleetNode node : fleet.nodes()) {
            await().atMost(SOON).until(() -> node.metric("precast_policy_version") == version);
        }
    }

    private static void awaitLane() {
        for (FleetNode api : apis) {
            await().atMost(SOON).until(() -> !api.rest().lanes("copy@").isEmpty());
        }
    }

    /** Waits until workers no longer read because of what another test did. */
    private static void awaitIdle() {
        awaitLane();
        double[] last = {-1};
        await().atMost(WINDOW).pollInterval(Duration.ofSeconds(20)).until(() -> {
            double before = last[0];
            last[0] = reads(workers);
            return last[0] == before;
        });
    }

    private static double reads(List<FleetNode> nodes) throws IOException, InterruptedException {
        double sum = 0;
        for (FleetNode node : nodes) {
            sum += node.metric("precast_store_seconds_count", "operation=\"find\"");
        }
        return sum;
    }
}
