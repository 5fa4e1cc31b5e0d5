package dev.precast.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import dev.precast.json.JsonObject;
import dev.precast.pack.PackList;
import dev.precast.testing.Scale;
import dev.precast.testkit.fleet.Fleet;
import dev.precast.testkit.fleet.FleetNode;
import dev.precast.testkit.fleet.RestCalls;
import dev.precast.testkit.pack.CopyPack;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Workers of one lane with different packs or caps: each request ends with one answer, after few deliveries. */
@Timeout(300)
@Tag("fleet")
@EnabledIfSystemProperty(
        named = Scale.TIER,
        matches = "full",
        disabledReason = "SideBySideTest tries the same without processes")
@Execution(ExecutionMode.CONCURRENT)
class MixedWorkersIT {
    private static final int LONG = 60;

    @TempDir
    private Path folder;

    private Fleet fleet;
    private RestCalls api;
    private FleetNode worker;

    @BeforeEach
    void start() throws Exception {
        fleet = Fleet.start(folder.resolve("fleet"), CopyPack.in(folder), Fleet.SMALL);
        api = fleet.nodes().getFirst().rest();
        worker = fleet.worker();
    }

    @AfterEach
    void stop() {
        if (fleet != null) {
            fleet.close();
        }
    }

    private static double taken(FleetNode by) throws Exception {
        return by.metric("precast_compile_started_total");
    }

    private long workers() throws Exception {
        return api.get("/v1/engines").array("lanes").getFirst().asObject("lane").integer("workers", 0, 10);
    }

    @Test
    void after_a_canary_with_a_rebuilt_pack_is_rolled_back_rejections_count() throws Exception {
        Path rebuilt = CopyPack.in(folder.resolve("rebuilt"));
        Files.writeString(rebuilt.resolve("copy/compile.sh"), "\n# rebuilt\n", StandardOpenOption.APPEND);
        PackList.write(rebuilt);
        fleet.worker("-Dprecast.packs.folder=" + rebuilt).stop();
        JsonObject lane = api.lane("copy");
        Digest module = api.upload(CopyPack.module("reject"));
        double before = taken(worker);

        assertThat(api.compile(module, lane, LONG).statusCode()).isEqualTo(422);
        JsonObject warmedUp = api.warmedUp(api.warm(List.of(module), List.of(lane)), Duration.ofSeconds(LONG));

        assertThat(warmedUp.integer("rejected", 0, 1)).isEqualTo(1);
        assertThat(taken(worker) - before).isEqualTo(1);
    }

    @Test
    void a_worker_with_narrow_caps_leaves_a_module_to_a_busy_one_with_wide_caps() throws Exception {
        FleetNode narrow = fleet.worker("-Dprecast.caps.module-bytes=20");
        while (workers() < 2) {
            Thread.sleep(200); // Until the API has heard of both.
        }
        JsonObject lane = api.lane("copy");
        Digest slow = api.upload(CopyPack.module("doze and more than twenty bytes"));
        while (worker.metric("precast_slots_busy") < 1) {
            // Again and again, because the narrow worker hears of the other one only with the next heartbeat.
            api.compile(slow, lane, 0);
            Thread.sleep(50);
        }
        Digest module = api.upload(CopyPack.module("a module of more than twenty bytes"));

        assertThat(api.compile(module, lane, LONG).statusCode()).isEqualTo(200);

        assertThat(taken(narrow)).as("deliveries to the narrow worker").isLessThan(20);
    }
}
