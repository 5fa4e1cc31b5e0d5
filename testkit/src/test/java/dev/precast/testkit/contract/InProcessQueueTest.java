package dev.precast.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.precast.artifact.LaneId;
import dev.precast.cache.queue.CompileQueue;
import dev.precast.cache.queue.InProcessQueue;
import dev.precast.cache.queue.LaneBacklog;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class InProcessQueueTest extends CompileQueueContract {
    private static final Set<LaneId> LANES = Set.of(SampleKeys.LANE.id());

    private final AtomicReference<Instant> now = new AtomicReference<>(SampleKeys.NOW);
    private final InProcessQueue queue = new InProcessQueue(2, now::get);

    @Override
    protected CompileQueue emptyQueue() {
        return new InProcessQueue(1_000, InstantSource.system());
    }

    @Test
    void waiting_and_running_requests_count_towards_the_capacity() throws InterruptedException {
        queue.enqueue(hot(1));
        queue.enqueue(warm(2));
        assertThat(queue.depth()).isEqualTo(2);
        CompileQueue.Delivery delivery = queue.take(LANES, Duration.ZERO).orElseThrow();

        assertThat(queue.depth()).isEqualTo(2);
        assertThat(queue.enqueue(hot(3))).isEqualTo(CompileQueue.Enqueued.FULL);
        assertThat(queue.enqueue(hot(1))).isEqualTo(CompileQueue.Enqueued.ALREADY_QUEUED);
        delivery.ack();
        assertThat(queue.depth()).isEqualTo(1);
        assertThat(queue.enqueue(hot(3))).isEqualTo(CompileQueue.Enqueued.QUEUED);
    }

    @Test
    void a_hot_request_makes_the_warm_one_that_waits_hot() throws InterruptedException {
        queue.enqueue(warm(1));
        queue.enqueue(hot(2));
        queue.enqueue(hot(1));

        assertThat(queue.take(LANES, Duration.ZERO).orElseThrow().request()).isEqualTo(hot(2));
        assertThat(queue.take(LANES, Duration.ZERO).orElseThrow().request()).isEqualTo(hot(1));
        assertThat(queue.take(LANES, Duration.ZERO)).isEmpty();
    }

    @Test
    void a_delay_is_by_the_clock() throws InterruptedException {
        queue.enqueue(hot(1));
        queue.take(LANES, Duration.ZERO).orElseThrow().nak(Duration.ofHours(1));

        now.set(SampleKeys.NOW.plusSeconds(3599));
        assertThat(queue.take(LANES, Duration.ZERO)).isEmpty();
        now.set(SampleKeys.NOW.plusSeconds(3600));
        assertThat(queue.take(LANES, Duration.ZERO)).isPresent();
    }

    @Test
    void a_delivery_that_is_over_touches_no_later_one() throws InterruptedException {
        queue.enqueue(hot(1));
        CompileQueue.Delivery over = queue.take(LANES, Duration.ZERO).orElseThrow();
        over.ack();
        queue.enqueue(hot(1));

        over.ack();
        over.nak(Duration.ZERO);

        assertThat(queue.depth()).isEqualTo(1);
        assertThat(queue.holds(hot(1).key())).isTrue();
    }

    @Test
    void a_retired_lane_leaves_nothing() throws InterruptedException {
        queue.enqueue(hot(1));
        queue.enqueue(warm(2));
        CompileQueue.Delivery inWork = queue.take(LANES, Duration.ZERO).orElseThrow();

        queue.retire(SampleKeys.LANE.id());
        inWork.nak(Duration.ZERO);

        assertThat(queue.holds(hot(1).key())).isFalse();
        assertThat(queue.holds(warm(2).key())).isFalse();
        assertThat(queue.take(LANES, Duration.ZERO)).isEmpty();
        assertThat(queue.depth()).isZero();
    }

    @Test
    void the_backlog_of_a_lane_has_the_age_of_its_oldest_request_whatever_its_delays() throws InterruptedException {
        assertThat(queue.backlog()).isEmpty();
        queue.enqueue(warm(1));
        now.set(SampleKeys.NOW.plusSeconds(60));
        queue.enqueue(hot(2));
        queue.take(LANES, Duration.ZERO).orElseThrow().nak(Duration.ofHours(1));
        queue.take(LANES, Duration.ZERO).orElseThrow().nak(Duration.ofHours(1));
        queue.enqueue(hot(1));

        assertThat(queue.backlog())
                .containsExactly(new LaneBacklog(SampleKeys.LANE.id().digest(), 2, Duration.ofSeconds(60)));
    }

    @Test
    void a_capacity_of_zero_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new InProcessQueue(0, now::get))
                .withMessage("queue capacity: expected at least 1, found 0");
    }
}
