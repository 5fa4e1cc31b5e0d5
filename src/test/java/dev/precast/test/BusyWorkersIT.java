package dev.precast.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.artifact.Digest;
import dev.precast.json.JsonObject;
import dev.precast.testing.Scale;
import dev.precast.testkit.fleet.Fleet;
import dev.precast.testkit.fleet.FleetNode;
import dev.precast.testkit.pack.CopyPack;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** A warm-up of two lanes, one of which no worker serves any more. */
@Timeout(600)
@Tag("fleet")
@EnabledIfSystemProperty(
        named = Scale.TIER,
        matches = "full",
        disabledReason = "WarmupsTest tries the same without processes")
class BusyWorkersIT {
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final int MODULES = 100;
    private static final int WORKERS = 2;
    private static final int SLOTS = 2;
    private static final double LEAST_BUSY = 0.95;

    @TempDir
    private Path folder;

    private Fleet fleet;
    private FleetNode api;
    private final List<FleetNode> workers = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        fleet = Fleet.start(folder.resolve("fleet"), CopyPack.in(folder), Fleet.SMALL);
        api = fleet.nodes().getFirst();
        Path formerPacks = CopyPack.in(folder.resolve("former"));
        CopyPack.addRevision(formerPacks, 2);
        fleet.worker("-Dprecast.packs.folder=" + formerPacks).stop();
        for (int i = 0; i < WORKERS; i++) {
            workers.add(fleet.worker("-Dprecast.slots=" + SLOTS));
        }
    }

    @AfterEach
    void stop() {
        if (fleet != null) {
            fleet.close();
        }
    }

    private double sum(String metric) throws Exception {
        double sum = 0;
        for (FleetNode worker : workers) {
            sum += worker.metric(metric);
        }
        return sum;
    }

    private double compiled() throws Exception {
        return sum("precast_compile_seconds_count");
    }

    @Test
    void live_workers_are_busy_while_there_is_work_and_take_a_hot_request_next() throws Exception {
        JsonObject live = api.rest().lanes("copy").get("copy@1.0.0+1 default");
        JsonObject gone = api.rest().lanes("copy").get("copy@1.0.0+2 default");
        List<Digest> modules = new ArrayList<>();
        for (int i = 0; i < MODULES; i++) {
            modules.add(api.rest().upload(CopyPack.module("sleep " + i)));
        }
        Digest hot = api.rest().upload(CopyPack.module("hot"));

        String path = api.rest().warm(modules, List.of(gone, live));
        int slots = WORKERS * SLOTS;
        while (sum("precast_slots_busy") < slots) {
            Thread.sleep(20);
        }
        double busy = samples(MODULES / 2, slots);
        double before = compiled();
        long asked = System.nanoTime();
        assertThat(api.rest().compile(hot, live, 60).statusCode()).isEqualTo(200);
        long waited = Duration.ofNanos(System.nanoTime() - asked).toMillis();
        double meanwhile = compiled() - before;
        busy = (busy + samples(MODULES - 2 * slots, slots)) / 2;

        System.out.printf(
                "busy share of %d slots with a warm-up of jobs of 2 s: %.3f; a hot request took %d ms%n",
                slots, busy, waited);
        assertThat(busy).as("busy share").isGreaterThan(LEAST_BUSY);
        assertThat(meanwhile)
                .as("compilations that ended before the hot request")
                .isLessThanOrEqualTo(slots + 1);
        // The warm-up waits ten more minutes for a worker of the other lane.
        await().atMost(LONG).until(() -> api.rest().get(path).integer("present", 0, MODULES) == MODULES);
        JsonObject done = api.rest().get(path);
        assertThat(done.integer("left", 0, MODULES)).isEqualTo(MODULES);
        assertThat(done.array("withoutWorkers")).hasSize(1);
    }

    /** The mean share of busy slots until so many modules are compiled. */
    private double samples(int compiled, int slots) throws Exception {
        double busy = 0;
        int count = 0;
        while (compiled() < compiled) {
            busy += sum("precast_slots_busy");
            count++;
            Thread.sleep(50);
        }
        return busy / count / slots;
    }
}
