package dev.precast.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.LaneId;
import dev.precast.cache.queue.CompileQueue;
import dev.precast.cache.queue.GatedQueue;
import dev.precast.cache.queue.InProcessQueue;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class GatedQueueTest extends CompileQueueContract {
    private static final Set<LaneId> LANES = Set.of(SampleKeys.LANE.id());

    @Override
    protected CompileQueue emptyQueue() {
        return new GatedQueue(new InProcessQueue(1_000, InstantSource.system()), () -> true);
    }

    @Test
    void while_the_gate_is_closed_requests_come_in_and_none_goes_out() throws InterruptedException {
        AtomicBoolean open = new AtomicBoolean();
        CompileQueue queue = new GatedQueue(new InProcessQueue(1_000, InstantSource.system()), open::get);

        assertThat(queue.enqueue(hot(1))).isEqualTo(CompileQueue.Enqueued.QUEUED);
        assertThat(queue.take(LANES, Duration.ofMillis(10))).isEmpty();
        assertThat(queue.holds(hot(1).key())).isTrue();
        open.set(true);
        assertThat(queue.take(LANES, Duration.ZERO).orElseThrow().request()).isEqualTo(hot(1));
    }
}
