package dev.precast.cache.warmup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.LaneId;
import dev.precast.cache.Fixture;
import dev.precast.cache.outcome.Limits;
import dev.precast.cache.worker.Trouble;
import dev.precast.cache.worker.WorkerNotice;
import dev.precast.cache.worker.Workers;
import dev.precast.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LaneWindowsTest {
    private final Fixture fixture = new Fixture();
    private final LaneWindows windows = new LaneWindows(fixture.engines, fixture.clock);

    private LaneId lane(int number) {
        LaneId like = fixture.lane.id();
        return new LaneId(EngineId.parse("copy@1.0." + number + "+1"), like.engineHash(), like.config(), like.target());
    }

    private List<LaneId> lanes(int count) {
        return IntStream.range(0, count).mapToObj(this::lane).toList();
    }

    private void alive(String name, int slots, List<LaneId> lanes) {
        Set<Digest> digests = lanes.stream().map(LaneId::digest).collect(Collectors.toSet());
        fixture.workers.announce(new WorkerNotice(name, digests, slots, Limits.DEFAULT, JsonObject.EMPTY));
    }

    @Test
    void the_window_of_a_lane_has_two_requests_for_each_slot_of_all_its_workers() {
        List<LaneId> lanes = lanes(2);
        alive("one", 100, List.of(lane(0)));
        alive("two", 50, lanes);

        assertThat(windows.of(lanes)).containsEntry(lane(0), 250).containsEntry(lane(1), 50);
        assertThat(windows.of(List.of(lane(1))))
                .as("when the other lane is done")
                .containsEntry(lane(1), 100);
    }

    @Test
    void a_worker_of_many_lanes_does_not_fill_the_queue() {
        List<LaneId> lanes = lanes(1000);
        alive("one", 4, lanes);

        assertThat(windows.of(lanes).values().stream()
                        .mapToInt(window -> window)
                        .sum())
                .isEqualTo(1000);
    }

    @Test
    void a_lane_without_a_worker_has_no_window_as_soon_as_that_is_known() {
        List<LaneId> lanes = new ArrayList<>(lanes(2));
        assertThat(windows.of(lanes)).containsOnlyKeys(lanes);

        fixture.after(Workers.HEARTBEAT_TIMEOUT);
        alive("one", 1, List.of(lane(1)));
        assertThat(windows.of(lanes)).containsOnlyKeys(lane(1));
        fixture.after(Workers.HEARTBEAT_TIMEOUT.plusSeconds(1));
        assertThat(windows.of(lanes)).isEmpty();
    }

    @Test
    void a_worker_in_trouble_opens_no_window() {
        fixture.after(Workers.HEARTBEAT_TIMEOUT);
        LaneId lane = fixture.lane.id();
        fixture.alive("one", Limits.DEFAULT, JsonObject.EMPTY);
        assertThat(windows.of(List.of(lane))).containsOnlyKeys(lane);
        fixture.troubled("one", new Trouble(Trouble.Kind.DISK, "no space left"));
        assertThat(windows.of(List.of(lane))).isEmpty();
    }
}
