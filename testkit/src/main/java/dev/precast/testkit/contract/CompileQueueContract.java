package dev.precast.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.queue.CompileQueue;
import dev.precast.cache.queue.CompileRequest;
import dev.precast.cache.queue.Priority;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The contract of {@link CompileQueue}. The test of each adapter extends it. */
public abstract class CompileQueueContract {
    private static final LaneId LANE = SampleKeys.LANE.id();
    private static final LaneId OTHER =
            new LaneId(EngineId.parse("endive@1.0.0+1"), LANE.engineHash(), LANE.config(), LANE.target());
    private static final Duration NOT_LONG = Duration.ofMillis(300);
    private static final Duration DELAY = Duration.ofSeconds(1);
    private static final Duration LONG = Duration.ofSeconds(90);

    private CompileQueue queue;

    /** An empty queue with a capacity of 1,000 requests; called once per test. */
    protected abstract CompileQueue emptyQueue() throws Exception;

    @BeforeEach
    void open() throws Exception {
        queue = emptyQueue();
    }

    @Test
    void a_request_is_taken_once() throws InterruptedException {
        assertThat(queue.enqueue(hot(1))).isEqualTo(CompileQueue.Enqueued.QUEUED);

        assertThat(take(LANE).request()).isEqualTo(hot(1));
        assertThat(queue.take(Set.of(LANE), Duration.ZERO)).isEmpty();
    }

    @Test
    void nothing_is_taken_from_an_empty_queue() throws InterruptedException {
        assertThat(queue.take(Set.of(LANE), Duration.ZERO)).isEmpty();
        assertThat(queue.take(Set.of(LANE), NOT_LONG)).isEmpty();
        assertThat(queue.take(Set.of(), Duration.ZERO)).isEmpty();
    }

    @Test
    void a_key_is_held_once_while_it_waits_and_while_it_is_in_work() throws InterruptedException {
        queue.enqueue(hot(1));
        assertThat(queue.enqueue(hot(1))).isEqualTo(CompileQueue.Enqueued.ALREADY_QUEUED);
        assertThat(queue.holds(key(1, LANE))).isTrue();

        CompileQueue.Delivery delivery = take(LANE);
        assertThat(queue.enqueue(hot(1))).isEqualTo(CompileQueue.Enqueued.ALREADY_QUEUED);
        assertThat(queue.holds(key(1, LANE))).isTrue();
        assertThat(queue.take(Set.of(LANE), NOT_LONG)).isEmpty();

        delivery.ack();
        assertThat(queue.holds(key(1, LANE))).isFalse();
        assertThat(queue.enqueue(hot(1))).isEqualTo(CompileQueue.Enqueued.QUEUED);
    }

    @Test
    void concurrent_requests_for_one_key_queue_it_once() throws Exception {
        List<CompileQueue.Enqueued> answers = Together.run(64, () -> queue.enqueue(hot(1)));

        assertThat(answers).filteredOn(a -> a == CompileQueue.Enqueued.QUEUED).hasSize(1);
        assertThat(answers)
                .filteredOn(a -> a == CompileQueue.Enqueued.ALREADY_QUEUED)
                .hasSize(63);
    }

    @Test
    void hot_requests_come_before_warm_ones_and_each_in_order() throws InterruptedException {
        queue.enqueue(warm(1));
        queue.enqueue(warm(2));
        queue.enqueue(hot(3));
        queue.enqueue(hot(4));

        List<CompileRequest> taken = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            taken.add(take(LANE).request());
        }
        assertThat(taken).containsExactly(hot(3), hot(4), warm(1), warm(2));
    }

    @Test
    void the_requests_of_a_more_urgent_priority_come_first() throws InterruptedException {
        for (Priority priority : List.of(Priority.values()).reversed()) {
            queue.enqueue(new CompileRequest(key(priority.ordinal(), LANE), priority));
        }

        for (Priority priority : Priority.values()) {
            assertThat(take(LANE).request()).isEqualTo(new CompileRequest(key(priority.ordinal(), LANE), priority));
        }
    }

    @Test
    void a_more_urgent_request_for_a_waiting_key_raises_its_priority() throws InterruptedException {
        queue.enqueue(new CompileRequest(key(1, LANE), Priority.HOT_MANY));
        queue.enqueue(new CompileRequest(key(2, LANE), Priority.HOT_MANY));

        assertThat(queue.enqueue(hot(2))).isEqualTo(CompileQueue.Enqueued.ALREADY_QUEUED);
        assertThat(queue.enqueue(warm(1))).isEqualTo(CompileQueue.Enqueued.ALREADY_QUEUED);

        assertThat(take(LANE).request()).isEqualTo(hot(2));
        assertThat(take(LANE).request()).isEqualTo(new CompileRequest(key(1, LANE), Priority.HOT_MANY));
        assertThat(queue.take(Set.of(LANE), Duration.ZERO)).isEmpty();
    }

    @Test
    void a_worker_takes_from_its_lanes_only() throws InterruptedException {
        CompileRequest other = new CompileRequest(key(1, OTHER), Priority.HOT);
        queue.enqueue(other);
        queue.enqueue(hot(1));

        assertThat(take(LANE).request()).isEqualTo(hot(1));
        assertThat(queue.take(Set.of(LANE), NOT_LONG)).isEmpty();
        Optional<CompileQueue.Delivery> both = queue.take(Set.of(LANE, OTHER), LONG);
        assertThat(both.map(CompileQueue.Delivery::request)).contains(other);
    }

    @Test
    void a_returned_request_is_redelivered_after_the_delay() throws InterruptedException {
        queue.enqueue(hot(1));
        CompileQueue.Delivery delivery = take(LANE);
        long released = System.nanoTime();
        delivery.nak(DELAY);

        assertThat(queue.holds(key(1, LANE))).isTrue();
        assertThat(take(LANE).request()).isEqualTo(hot(1));
        // The queue may use a different clock than this test.
        assertThat(Duration.ofNanos(System.nanoTime() - released)).isGreaterThan(DELAY.minusMillis(100));
    }

    @Test
    void a_returned_request_does_not_block_others() throws InterruptedException {
        queue.enqueue(hot(1));
        queue.enqueue(hot(2));
        take(LANE).nak(Duration.ofMinutes(5));

        assertThat(take(LANE).request()).isEqualTo(hot(2));
    }

    @Test
    void an_extended_request_can_be_finished() throws InterruptedException {
        queue.enqueue(hot(1));
        CompileQueue.Delivery delivery = take(LANE);
        assertThat(delivery.inProgressInterval()).isPositive();
        delivery.inProgress();
        delivery.inProgress();
        delivery.ack();

        assertThat(queue.holds(key(1, LANE))).isFalse();
    }

    @Test
    void a_waiting_worker_takes_a_new_request() throws Exception {
        AtomicInteger number = new AtomicInteger();
        List<Optional<CompileRequest>> results = Together.run(2, () -> {
            if (number.incrementAndGet() == 1) {
                return queue.take(Set.of(LANE), LONG).map(CompileQueue.Delivery::request);
            }
            Thread.sleep(200);
            queue.enqueue(hot(1));
            return Optional.empty();
        });

        assertThat(results).contains(Optional.of(hot(1)));
    }

    @Test
    void many_workers_take_each_request_once() throws Exception {
        int requests = 100;
        for (int i = 0; i < requests; i++) {
            queue.enqueue(i % 2 == 0 ? hot(i) : warm(i));
        }
        ConcurrentLinkedQueue<CompileRequest> taken = new ConcurrentLinkedQueue<>();
        Together.run(8, () -> {
            Optional<CompileQueue.Delivery> next = queue.take(Set.of(LANE), NOT_LONG);
            while (next.isPresent()) {
                taken.add(next.get().request());
                next.get().ack();
                next = queue.take(Set.of(LANE), NOT_LONG);
            }
            return true;
        });

        assertThat(taken).hasSize(requests).doesNotHaveDuplicates();
    }

    private CompileQueue.Delivery take(LaneId lane) throws InterruptedException {
        return queue.take(Set.of(lane), LONG).orElseThrow();
    }

    /** A hot request for artifact {@code number}. */
    protected static CompileRequest hot(int number) {
        return new CompileRequest(key(number, LANE), Priority.HOT);
    }

    /** A warm request for artifact {@code number}. */
    protected static CompileRequest warm(int number) {
        return new CompileRequest(key(number, LANE), Priority.WARM);
    }

    private static ArtifactKey key(int number, LaneId lane) {
        return lane.key(new ModuleDigest(SampleKeys.digest("module " + number)));
    }
}
