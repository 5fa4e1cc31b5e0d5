package dev.precast.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.testing.Scale;
import dev.precast.testkit.fleet.Fleet;
import dev.precast.testkit.fleet.FleetNode;
import dev.precast.testkit.fleet.RestCalls;
import dev.precast.testkit.pack.CopyPack;
import io.nats.client.Connection;
import io.nats.client.api.StreamInfoOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Warm-ups, usage and retirement on the stores and the queue of a fleet. */
@Timeout(600)
@Tag("fleet")
@Execution(ExecutionMode.CONCURRENT)
class FleetWarmupsIT {
    private static final Duration LONG = Duration.ofMinutes(3);
    private static final String GROUP = "edge";

    @TempDir
    private Path folder;

    private Path packs;
    private Fleet fleet;
    private FleetNode api;
    private FleetNode worker;
    private JsonObject lane;

    @BeforeEach
    void start() throws Exception {
        packs = CopyPack.in(folder);
        fleet = Fleet.start(folder.resolve("fleet"), packs, Fleet.SMALL);
        api = fleet.nodes().getFirst();
        worker = fleet.worker("-Dprecast.slots=2");
        lane = api.rest().lane("copy");
    }

    @AfterEach
    void stop() {
        if (fleet != null) {
            fleet.close();
        }
    }

    @Test
    void a_warm_up_that_a_message_began_outlives_every_replica() throws Exception {
        int count = Scale.of(8, 20);
        List<Digest> modules = upload(count, "sleep");
        FleetNode second = fleet.api();
        String list = RestCalls.json(api.rest()
                        .post("/v1/module-lists", 200, JsonObject.EMPTY.with("modules", RestCalls.strings(modules))))
                .string("list");
        JsonObject begun = RestCalls.json(FleetNats.ask(
                        fleet,
                        "warmup",
                        JsonObject.EMPTY
                                .with("lists", Json.ofStrings(List.of(list)))
                                .with("lanes", Json.of(List.of(lane))))
                .getData());
        String path = "/v1/warmups/" + begun.string("id");
        while (fleet.attestations() < 3) {
            Thread.sleep(50);
        }
        api.kill();
        second.kill();

        FleetNode fresh = fleet.api();
        JsonObject done = fresh.rest().warmedUp(path, LONG);
        assertThat(done.string("state")).isEqualTo("done");
        assertThat(done.integer("present", 0, 100)).isEqualTo(count);
        assertThat(fleet.attestations()).isEqualTo(count);
        while (worker.compiled() < count) {
            Thread.sleep(50); // It is counted a moment after it is there.
        }
        assertThat(worker.compiled()).isEqualTo(count);
        assertThat(fresh.rest().get(path + "/results").array("results"))
                .hasSize(count)
                .allMatch(result -> result.asObject("result").string("state").equals("present"));
    }

    @Test
    void a_warm_up_that_is_cancelled_stops() throws Exception {
        FleetNode other = fleet.api();
        String path = api.rest().warm(upload(Scale.of(30, 100), "sleep"), List.of(lane));
        while (fleet.attestations() < 1) {
            Thread.sleep(50);
        }

        assertThat(RestCalls.json(other.rest().send("DELETE", path, null)).string("state"))
                .isEqualTo("cancelled");
        assertThat(api.rest().get(path).string("state")).isEqualTo("cancelled");
        assertThat(api.rest().get(path).integer("left", 0, 100)).isPositive();
    }

    @Test
    void modules_that_a_group_used_are_warmed_for_the_next_engine() throws Exception {
        List<Digest> used = upload(10, "used");
        upload(5, "unused");
        FleetNode heard = fleet.api();
        report(heard, used);
        heard.stop(); // Writes what it heard.
        CopyPack.addRevision(packs, 2);
        JsonObject next = lane(2);

        JsonObject asked =
                JsonObject.EMPTY.with("usedWithin", "7d").with("group", GROUP).with("lanes", Json.of(List.of(next)));
        String path = api.rest()
                .post("/v1/warmups", 202, asked)
                .headers()
                .firstValue("Location")
                .orElseThrow();
        JsonObject done = api.rest().warmedUp(path, LONG);
        assertThat(done.integer("present", 0, 100)).isEqualTo(10);
        assertThat(done.integer("total", 0, 100)).isEqualTo(10);
        for (Digest module : used) {
            assertThat(api.rest().lookup(module, next).string("state")).isEqualTo("present");
        }
    }

    @Test
    void unused_artifacts_are_retired_and_used_ones_stay() throws Exception {
        List<Digest> used = upload(3, "used");
        List<Digest> idle = upload(4, "idle");
        compileAll(used);
        compileAll(idle);
        FleetNode heard = fleet.api();
        report(heard, used);
        heard.stop();
        JsonObject everything = JsonObject.EMPTY.with("keepBytes", 0);

        JsonObject plan = RestCalls.json(api.rest().post("/v1/retirements", 200, everything));
        assertThat(items(plan)).containsExactlyInAnyOrderElementsOf(texts(idle));
        assertThat(plan.integer("spared", 0, 100)).isEqualTo(3);
        assertThat(fleet.attestations()).isEqualTo(7);

        String href =
                RestCalls.json(api.rest().compile(idle.getFirst(), lane, 0)).string("href");
        JsonObject applied =
                RestCalls.json(api.rest().post("/v1/retirements", 200, everything.with("apply", Json.of(true))));
        assertThat(items(applied)).containsExactlyInAnyOrderElementsOf(texts(idle));
        assertThat(fleet.attestations()).isEqualTo(3);
        for (Digest module : idle) {
            assertThat(api.rest().lookup(module, lane).string("state")).isEqualTo("absent");
        }
        assertThat(api.rest().send("GET", href, null).body())
                .as("download by a client that looked up the artifact before its retirement")
                .isEqualTo(CopyPack.module("idle 0"));
        assertThat(api.rest().compile(idle.getFirst(), lane, 60).statusCode())
                .as("a retired artifact is compiled again on request")
                .isEqualTo(200);
    }

    @Test
    void an_unserved_lane_is_retired_with_its_requests_and_consumers() throws Exception {
        compileAll(upload(1, "first"));
        CopyPack.addRevision(packs, 2);
        JsonObject gone = lane(2);
        Digest module = api.rest().upload(CopyPack.module("second"));
        assertThat(api.rest().compile(module, gone, 60).statusCode()).isEqualTo(200);
        String digest = digest(gone);
        JsonObject request = JsonObject.EMPTY.with("lanes", Json.ofStrings(List.of(digest)));
        assertThat(RestCalls.json(api.rest().post("/v1/retirements", 200, request))
                        .array("served"))
                .containsExactly(Json.of(digest));
        worker.stop();
        Digest waiting = api.rest().upload(CopyPack.module("waiting"));
        assertThat(api.rest().compile(waiting, gone, 0).statusCode()).isEqualTo(202);
        assertThat(requestsOf(digest)).isEqualTo(1);
        retired(request);

        JsonObject applied = retired(request.with("apply", Json.of(true)));

        assertThat(applied.array("lanes")).containsExactly(Json.of(digest));
        assertThat(requestsOf(digest)).isZero();
        while (api.rest().compile(waiting, gone, 0).statusCode() != 409) {
            Thread.sleep(100); // Lanes are read once a second.
        }
        assertThat(api.rest().lanes("copy").values()).containsExactly(lane);
    }

    /**
     * The answer to a retirement, once the answer names lanes. The API knows that a lane is not served when it has
     * heard workers for 30 s without a gap.
     */
    private JsonObject retired(JsonObject request) throws Exception {
        JsonObject answer = RestCalls.json(api.rest().post("/v1/retirements", 200, request));
        while (answer.array("lanes").isEmpty()) {
            Thread.sleep(200);
            answer = RestCalls.json(api.rest().post("/v1/retirements", 200, request));
        }
        return answer;
    }

    @Test
    void unreferenced_payloads_are_swept() throws Exception {
        compileAll(upload(2, "kept"));
        Set<Path> kept = payloads();
        compileAll(upload(1, "orphan"));
        Set<Path> orphans = payloads();
        orphans.removeAll(kept);
        assertThat(orphans).isNotEmpty();
        Set<Path> attestations = files("documents/attestations");
        Path orphan = attestations.stream()
                .max((a, b) ->
                        Long.compare(a.toFile().lastModified(), b.toFile().lastModified()))
                .orElseThrow();
        Files.delete(orphan);
        for (Path payload : payloads()) {
            Files.setLastModifiedTime(payload, FileTime.from(Instant.now().minus(Duration.ofHours(26))));
        }

        fleet.api("-Dprecast.retirement.sweep-every=1s");
        while (!payloads().equals(kept)) {
            Thread.sleep(100);
        }
    }

    private List<Digest> upload(int modules, String word) throws Exception {
        List<Digest> digests = new ArrayList<>();
        for (int i = 0; i < modules; i++) {
            digests.add(api.rest().upload(CopyPack.module(word + " " + i)));
        }
        return digests;
    }

    private void compileAll(List<Digest> modules) throws Exception {
        for (Digest module : modules) {
            assertThat(api.rest().compile(module, lane, 60).statusCode()).isEqualTo(200);
        }
    }

    private void report(FleetNode to, List<Digest> modules) throws Exception {
        JsonObject loads = JsonObject.EMPTY;
        for (Digest module : modules) {
            loads = loads.with(module.hex(), 1);
        }
        JsonObject uses = JsonObject.EMPTY.with("lane", digest(lane)).with("modules", loads);
        to.rest().post("/v1/usage", 204, JsonObject.EMPTY.with("group", GROUP).with("uses", Json.of(List.of(uses))));
    }

    /** The lane of a revision of the pack, when it is served. */
    private JsonObject lane(int revision) throws Exception {
        String name = "copy@1.0.0+" + revision + " default";
        while (!api.rest().lanes("copy").containsKey(name)) {
            Thread.sleep(100);
        }
        return api.rest().lanes("copy").get(name);
    }

    private String digest(JsonObject named) throws Exception {
        for (Json item : api.rest().get("/v1/engines").array("lanes")) {
            JsonObject offer = item.asObject("lane");
            if (offer.string("engine").equals(named.string("engine"))) {
                return offer.string("lane");
            }
        }
        throw new AssertionError("not registered: " + named);
    }

    private long requestsOf(String lane) throws Exception {
        try (Connection admin = FleetNats.connect(fleet, "admin")) {
            String hex = lane.substring("sha256:".length());
            return admin.jetStreamManagement()
                    .getStreamInfo("PRECAST_QUEUE", StreamInfoOptions.filterSubjects("precast.queue.*." + hex + ".*"))
                    .getStreamState()
                    .getSubjects()
                    .size();
        }
    }

    private static List<String> items(JsonObject plan) {
        return plan.array("items").stream()
                .map(item -> item.asObject("item").string("module"))
                .toList();
    }

    private static List<String> texts(List<Digest> digests) {
        return digests.stream().map(Digest::toString).toList();
    }

    private Set<Path> payloads() throws IOException {
        return files("payloads");
    }

    private Set<Path> files(String prefix) throws IOException {
        while (true) {
            try (Stream<Path> all = Files.walk(fleet.s3().objects().resolve(prefix))) {
                return all.filter(Files::isRegularFile).collect(Collectors.toCollection(HashSet::new));
            } catch (UncheckedIOException e) {
                Thread.onSpinWait(); // A file was deleted during the walk.
            }
        }
    }
}
