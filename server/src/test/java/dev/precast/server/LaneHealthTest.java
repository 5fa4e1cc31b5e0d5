package dev.precast.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.precast.cache.Engines;
import dev.precast.cache.outcome.Limits;
import dev.precast.cache.queue.CompileRequest;
import dev.precast.cache.queue.Priority;
import dev.precast.cache.store.Lanes;
import dev.precast.cache.store.MemoryDocumentStore;
import dev.precast.cache.worker.InProcessWorkers;
import dev.precast.cache.worker.LaneOffer;
import dev.precast.cache.worker.Trouble;
import dev.precast.cache.worker.Trouble.Kind;
import dev.precast.cache.worker.WorkerNotice;
import dev.precast.json.JsonObject;
import dev.precast.testkit.contract.SampleKeys;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Health and metrics of lanes. */
class LaneHealthTest {
    private Instant now = SampleKeys.NOW;
    private final InstantSource clock = () -> now;
    private final Lanes lanes = new Lanes(new MemoryDocumentStore());
    private final InProcessWorkers workers = new InProcessWorkers(clock);
    private final Engines engines = new Engines(lanes, workers, Ticker.systemTicker());

    @TempDir
    private Path folder;

    @Test
    void a_lane_is_degraded_without_a_worker_that_takes_requests() {
        register();
        LaneHealth health = new LaneHealth(engines, workers);
        assertThat(health.problem()).hasValueSatisfying(why -> assertThat(why).endsWith(": no worker is alive"));
        announce("one", 0, Optional.of(new Trouble(Kind.DISK, "full")));
        assertThat(health.problem())
                .hasValueSatisfying(why -> assertThat(why).endsWith(": no worker takes requests (disk: full)"));
        announce("two", 4, Optional.empty());
        assertThat(health.problem()).isEmpty();
    }

    @Test
    void a_lane_has_metrics_of_its_slots_and_its_requests() throws Exception {
        register();
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (DataFolder data = DataFolder.open(folder)) {
            PrecastConfig config = PrecastConfigTest.config(Map.of("user.home", "/home/me"));
            Backend backend = Backend.embedded(data, config, clock);
            LaneMetrics metrics = new LaneMetrics(registry, engines, workers, backend);
            metrics.run();
            assertThat(value(registry, "precast.lane.queue.depth")).isZero();
            assertThat(value(registry, "precast.lane.slots")).isZero();

            backend.messaging().queue().enqueue(new CompileRequest(SampleKeys.key(), Priority.HOT));
            announce("one", 4, Optional.empty());
            announce("two", 3, Optional.empty());
            announce("three", 2, Optional.of(new Trouble(Kind.STORE, "403")));
            now = now.plusSeconds(20);
            metrics.run();
            assertThat(value(registry, "precast.lane.queue.depth")).isEqualTo(1);
            assertThat(value(registry, "precast.lane.queue.oldest")).isEqualTo(20);
            assertThat(value(registry, "precast.lane.slots")).isEqualTo(7);
        }
    }

    private static double value(SimpleMeterRegistry registry, String name) {
        return registry.get(name)
                .tag("engine", SampleKeys.LANE.engine().toString())
                .gauge()
                .value();
    }

    private void register() {
        lanes.register(List.of(new LaneOffer(
                SampleKeys.LANE, "default", "copy/1", SampleKeys.digest("pack"), Limits.DEFAULT, JsonObject.EMPTY)));
    }

    private void announce(String name, int slots, Optional<Trouble> trouble) {
        workers.announce(new WorkerNotice(
                name,
                Set.of(SampleKeys.LANE.id().digest()),
                slots,
                Limits.DEFAULT,
                JsonObject.EMPTY,
                Map.of(),
                trouble));
    }
}
