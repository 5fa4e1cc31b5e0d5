package dev.precast.test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import dev.precast.attestation.FreshnessProof;
import dev.precast.attestation.TrustRoot;
import dev.precast.json.JsonObject;
import dev.precast.testkit.fleet.Fleet;
import dev.precast.testkit.fleet.FleetNode;
import dev.precast.testkit.fleet.RestCalls;
import dev.precast.testkit.pack.CopyPack;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three API replicas and three workers that share S3 and NATS. */
@Timeout(600)
@Tag("fleet")
class FleetIT {
    private static final String FRESH = "copy@1.0.0+2";

    @TempDir
    private static Path folder;

    private static Fleet fleet;
    private static final List<FleetNode> apis = new ArrayList<>();
    private static final List<FleetNode> workers = new ArrayList<>();
    private static JsonObject lane;

    @BeforeAll
    static void start() throws Exception {
        fleet = Fleet.start(folder.resolve("fleet"), CopyPack.in(folder), Fleet.SMALL);
        for (int i = 0; i < 3; i++) {
            apis.add(fleet.api());
            workers.add(fleet.worker("-Dprecast.slots=2"));
        }
        lane = apis.get(0).rest().lane("copy");
    }

    @AfterAll
    static void stop() {
        if (fleet != null) {
            fleet.close();
        }
    }

    @Test
    void three_hundred_requests_for_one_key_are_one_compilation_and_everyone_is_answered() throws Exception {
        Digest module = apis.get(0).rest().upload(CopyPack.module("sleep"));
        double before = compiled();
        long attested = fleet.attestations();
        List<CompletableFuture<Integer>> answers = new ArrayList<>();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 300; i++) {
                FleetNode api = apis.get(i % 3);
                JsonObject asked = lane.with("priority", i % 2 == 0 ? "hot" : "warm");
                answers.add(CompletableFuture.supplyAsync(() -> status(api, module, asked), clients));
            }
            answers.forEach(CompletableFuture::join);
        }

        assertThat(answers).allSatisfy(answer -> assertThat(answer.join()).isEqualTo(200));
        while (compiled() == before) {
            Thread.sleep(50); // It is counted a moment after it is answered.
        }
        assertThat(compiled() - before).isEqualTo(1);
        assertThat(fleet.attestations() - attested).isEqualTo(1);
    }

    @Test
    void every_replica_proves_that_the_policy_is_current() throws Exception {
        TrustRoot root = TrustRoot.read(fleet.trustRoot());
        for (FleetNode api : apis) {
            byte[] policy = api.rest().send("GET", "/v1/trust", null).body();
            FreshnessProof.Verified proven = FreshnessProof.parse(
                            api.rest().send("GET", "/v1/trust/current", null).body())
                    .verify(root, 0);
            proven.requireInForce(Instant.now());
            proven.requireCurrent(policy, root.open(policy, 0));
        }
    }

    @Test
    void a_worker_has_health_and_metrics_and_no_api() throws Exception {
        RestCalls worker = workers.get(0).rest();

        assertThat(worker.send("GET", "/q/health/ready", null).statusCode()).isEqualTo(200);
        assertThat(worker.send("GET", "/q/metrics", null).statusCode()).isEqualTo(200);
        for (String path : new String[] {"/v1/engines", "/v1/trust", "/"}) {
            var answer = worker.send("GET", path, null);
            assertThat(answer.statusCode()).isEqualTo(404);
            assertThat(new String(answer.body(), UTF_8)).contains("this process is a worker");
        }
        // Its NATS user may not subscribe to events: only the API needs them.
        assertThat(workers.get(0).server().log()).contains("listening on").doesNotContainIgnoringCase("permissions");
    }

    @Test
    void a_pack_that_is_dropped_in_is_served_without_a_restart() throws Exception {
        CopyPack.addRevision(folder.resolve("packs"), 2);
        RestCalls api = apis.get(1).rest();

        while (!api.lanes(FRESH).containsKey(FRESH + " default")) {
            Thread.sleep(100);
        }
        JsonObject fresh = api.lanes(FRESH).get(FRESH + " default");

        assertThat(api.compile(api.upload(CopyPack.module("fresh")), fresh, 120).statusCode())
                .isEqualTo(200);
    }

    private static int status(FleetNode api, Digest module, JsonObject asked) {
        try {
            return api.rest().compile(module, asked, 120).statusCode();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static double compiled() throws Exception {
        double sum = 0;
        for (FleetNode worker : workers) {
            sum += worker.compiled();
        }
        return sum;
    }
}
