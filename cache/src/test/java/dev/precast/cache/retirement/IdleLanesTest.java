package dev.precast.cache.retirement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import dev.precast.cache.Fixture;
import dev.precast.cache.outcome.Limits;
import dev.precast.cache.queue.CompileRequest;
import dev.precast.cache.queue.Priority;
import dev.precast.cache.worker.Workers;
import dev.precast.json.JsonObject;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class IdleLanesTest {
    private final Fixture fixture = new Fixture();
    private final Digest lane = fixture.lane.id().digest();
    private final IdleLanes idle = new IdleLanes(fixture.lanes, fixture.workers, fixture.queue::retire, fixture.clock);

    @Test
    void no_lane_counts_as_idle_before_the_heartbeat_timeout() {
        assertThat(idle.find(Set.of(lane)).idle()).isEmpty();
        assertThat(idle.find(Set.of(lane)).served()).containsExactly(fixture.lane.id());
    }

    @Test
    void a_lane_is_idle_while_no_worker_that_is_alive_serves_it() {
        fixture.after(Workers.HEARTBEAT_TIMEOUT);
        assertThat(idle.find(Set.of(lane)).idle()).containsExactly(fixture.lane.id());

        fixture.alive("one", Limits.DEFAULT, JsonObject.EMPTY);
        assertThat(idle.find(Set.of(lane))).isEqualTo(new IdleLanes.Found(List.of(), List.of(fixture.lane.id())));

        fixture.after(Workers.HEARTBEAT_TIMEOUT.plusSeconds(1));
        assertThat(idle.find(Set.of(lane)).idle()).hasSize(1);
        assertThat(idle.find(Set.of(Digest.of(new byte[] {7})))).isEqualTo(new IdleLanes.Found(List.of(), List.of()));
    }

    @Test
    void a_retired_lane_has_no_registration_and_no_requests() throws Exception {
        fixture.queue.enqueue(new CompileRequest(fixture.artifact, Priority.HOT));

        idle.retire(List.of(fixture.lane.id()));

        assertThat(fixture.lanes.list()).isEmpty();
        assertThat(fixture.queue.holds(fixture.artifact)).isFalse();
    }
}
