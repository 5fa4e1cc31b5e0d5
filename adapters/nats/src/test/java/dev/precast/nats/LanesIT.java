package dev.precast.nats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.EngineId;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.queue.CompileQueue.Delivery;
import dev.precast.cache.queue.CompileQueue.Enqueued;
import dev.precast.cache.queue.CompileRequest;
import dev.precast.cache.queue.Priority;
import dev.precast.testing.Scale;
import dev.precast.testkit.contract.SampleKeys;
import dev.precast.testkit.contract.Together;
import dev.precast.testkit.server.NatsServer;
import io.nats.client.Statistics;
import io.nats.client.api.StreamConfiguration;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Many lanes in one queue: what a waiting slot costs, and that neither a lane nor a client delays the others. */
@Execution(ExecutionMode.CONCURRENT)
class LanesIT {
    private static final String STREAM = QueueLayout.BY_WORKER.stream();
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final QueueConfig WIDE = new QueueConfig(20_000, Duration.ofSeconds(60), 1);

    @TempDir
    private Path folder;

    private NatsServer server;
    private NatsLink link;
    private JetStreamQueue queue;

    @BeforeEach
    void start() throws Exception {
        server = NatsServer.start(folder);
        link = Links.to(server);
        queue = new JetStreamQueue(link, WIDE);
    }

    @AfterEach
    void stop() throws Exception {
        link.close();
        server.close();
    }

    private static Set<LaneId> lanes(int count) {
        LaneId like = SampleKeys.LANE.id();
        Set<LaneId> lanes = new LinkedHashSet<>();
        for (int i = 0; i < count; i++) {
            lanes.add(new LaneId(
                    EngineId.parse("chicory@1.7." + i + "+1"), like.engineHash(), like.config(), like.target()));
        }
        return lanes;
    }

    private static CompileRequest request(LaneId lane, int module, Priority priority) {
        return new CompileRequest(lane.key(new ModuleDigest(SampleKeys.digest("module " + module))), priority);
    }

    private static LaneId lane(Delivery delivery) {
        return delivery.request().key().lane();
    }

    @Test
    void a_stream_holds_the_requests_of_10_000_lanes_and_workers_with_common_lanes_take_each_once() throws Exception {
        List<LaneId> lanes = List.copyOf(lanes(Scale.of(2_200, 10_000)));
        long start = System.nanoTime();
        enqueue(lanes.size(), i -> request(lanes.get(i), 1, Priority.HOT));
        System.out.printf(
                "%d requests of as many lanes, by 8 threads: %d a second%n",
                lanes.size(), perSecond(lanes.size(), start));
        Set<LaneId> most = new LinkedHashSet<>(lanes.subList(0, lanes.size() - 1));
        Set<LaneId> least = Set.of(lanes.getFirst(), lanes.getLast());

        Delivery first = queue.take(least, LONG).orElseThrow();
        Delivery second = queue.take(least, LONG).orElseThrow();
        assertThat(Set.of(lane(first), lane(second))).isEqualTo(least);
        Set<LaneId> taken = new HashSet<>();
        queue.take(most, LONG).orElseThrow().nak(Duration.ZERO); // Creates the consumers.
        start = System.nanoTime();
        for (int i = 0; i < 20; i++) {
            Delivery delivery = queue.take(most, LONG).orElseThrow();
            taken.add(lane(delivery));
            delivery.ack();
        }
        System.out.printf(
                "taken and ended by a worker of all these lanes: %d a second%n", perSecond(taken.size(), start));
        assertThat(taken).hasSize(20).doesNotContainAnyElementsOf(least);
        first.ack();
        second.ack();
        assertThat(queue.depth()).isEqualTo(lanes.size() - 22);
        assertThat(link.connection().jetStreamManagement().getConsumerNames(STREAM))
                .as("consumers")
                .hasSizeLessThan(60);
    }

    private void enqueue(int count, IntFunction<CompileRequest> request) throws Exception {
        AtomicInteger next = new AtomicInteger();
        Together.run(8, () -> {
            for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                assertThat(queue.enqueue(request.apply(i))).isEqualTo(Enqueued.QUEUED);
            }
            return true;
        });
    }

    private static long perSecond(int count, long start) {
        return count * 1_000_000_000L / (System.nanoTime() - start);
    }

    @Test
    void the_first_request_of_a_client_is_next_after_the_running_one_of_thousands() throws Exception {
        Set<LaneId> lanes = lanes(1);
        LaneId lane = lanes.iterator().next();
        int many = Scale.of(500, 10_000);
        enqueue(many, i -> request(lane, i, Priority.HOT_MANY));
        Delivery running = queue.take(lanes, LONG).orElseThrow();
        CompileRequest first = request(lane, many, Priority.HOT);
        queue.enqueue(first);
        running.ack();

        long start = System.nanoTime();
        Delivery next = queue.take(lanes, LONG).orElseThrow();

        System.out.printf(
                "the first request beside %d of another client: taken %d us after the running one ended%n",
                many, (System.nanoTime() - start) / 1000);
        assertThat(next.request()).isEqualTo(first);
    }

    @Test
    void a_waiting_slot_sends_and_gets_less_than_a_message_a_second_whatever_the_number_of_lanes() throws Exception {
        Set<LaneId> lanes = lanes(200);
        queue.enqueue(request(lanes.iterator().next(), 1, Priority.HOT));
        queue.take(lanes, LONG).orElseThrow().ack();
        queue.take(lanes, Duration.ofMillis(200)); // Opens the pulls.
        int seconds = Scale.of(4, 60);

        Statistics statistics = link.connection().getStatistics();
        long before = statistics.getInMsgs() + statistics.getOutMsgs();
        for (int i = 0; i < seconds; i++) {
            assertThat(queue.take(lanes, Duration.ofSeconds(1))).isEmpty();
        }
        assertThat(statistics.getInMsgs() + statistics.getOutMsgs() - before)
                .as("messages in %s seconds", seconds)
                .isLessThan(seconds);
    }

    @Test
    void a_request_wakes_a_slot_that_waits_for_200_lanes() throws Exception {
        Set<LaneId> lanes = lanes(200);
        LaneId lane = lanes.iterator().next();
        queue.enqueue(request(lane, 0, Priority.HOT));
        queue.take(lanes, LONG).orElseThrow().ack();
        SynchronousQueue<Long> taken = new SynchronousQueue<>();
        int rounds = Scale.of(40, 400);
        Thread slot = Thread.ofVirtual().start(() -> {
            try {
                for (int i = 0; i < rounds; i++) {
                    Delivery delivery = queue.take(lanes, LONG).orElseThrow();
                    taken.put(System.nanoTime());
                    delivery.ack();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        long[] micros = new long[rounds];
        NatsLink other = Links.to(server);
        JetStreamQueue api = new JetStreamQueue(other, WIDE);
        for (int i = 1; i <= rounds; i++) {
            Thread.sleep(30); // The slot has opened its pulls.
            long start = System.nanoTime();
            api.enqueue(request(lane, i, Priority.HOT));
            micros[i - 1] = (taken.take() - start) / 1000;
        }
        slot.join();
        other.close();
        Arrays.sort(micros);
        System.out.printf(
                "from the enqueue until a waiting slot of 200 lanes has the request: median %d us, p99 %d us%n",
                micros[rounds / 2], micros[rounds * 99 / 100]);
        assertThat(queue.depth()).isZero();
    }

    @Test
    void many_waiting_slots_get_each_request_once_and_a_slot_that_leaves_loses_none() throws Exception {
        Set<LaneId> lanes = lanes(3);
        List<LaneId> each = List.copyOf(lanes);
        queue.enqueue(request(each.getFirst(), -1, Priority.HOT));
        queue.take(lanes, LONG).orElseThrow().ack();
        int requests = 60;
        List<List<CompileRequest>> taken = new ArrayList<>();
        List<Thread> slots = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            List<CompileRequest> mine = new ArrayList<>();
            taken.add(mine);
            // Slots leave for a while after a take without a request, as those do that compile a probe.
            slots.add(Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        var delivery = queue.take(lanes, Duration.ofMillis(40));
                        if (delivery.isPresent()) {
                            mine.add(delivery.get().request());
                            delivery.get().ack();
                        } else {
                            Thread.sleep(120);
                        }
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));
        }
        for (int i = 0; i < requests; i++) {
            Priority priority = Priority.values()[i % Priority.values().length];
            queue.enqueue(request(each.get(i % 3), i, priority));
            Thread.sleep(10);
        }
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> queue.depth() == 0);
        for (Thread slot : slots) {
            slot.interrupt();
            slot.join();
        }
        assertThat(taken.stream().flatMap(List::stream)).hasSize(requests).doesNotHaveDuplicates();
    }

    @Test
    void a_consumer_that_cannot_be_created_delays_only_the_requests_of_its_priority() throws Exception {
        link.connection()
                .jetStreamManagement()
                .addStream(StreamConfiguration.builder(Streams.requests(QueueLayout.BY_WORKER, WIDE))
                        .maxConsumers(3)
                        .build());
        Set<LaneId> lanes = lanes(3);
        LaneId lane = lanes.iterator().next();
        queue.enqueue(request(lane, 1, Priority.WARM));
        queue.enqueue(request(lane, 2, Priority.HOT_MANY));
        queue.enqueue(request(lane, 3, Priority.HOT));

        assertThat(queue.take(lanes, LONG).orElseThrow().request()).isEqualTo(request(lane, 3, Priority.HOT));
        assertThat(queue.take(lanes, LONG).orElseThrow().request()).isEqualTo(request(lane, 2, Priority.HOT_MANY));
        assertThat(queue.take(lanes, Duration.ofSeconds(1)))
                .as("the fourth consumer, of warm requests, cannot be created")
                .isEmpty();
        queue.enqueue(request(lane, 4, Priority.HOT));
        assertThat(queue.take(lanes, LONG).orElseThrow().request()).isEqualTo(request(lane, 4, Priority.HOT));
    }

    @Test
    void a_key_that_is_asked_for_with_several_priorities_is_taken_once_with_the_most_urgent() throws Exception {
        Set<LaneId> lanes = lanes(1);
        LaneId lane = lanes.iterator().next();
        for (Priority priority :
                List.of(Priority.HOT_MANY, Priority.WARM, Priority.HOT_FEW, Priority.HOT, Priority.HOT_MANY)) {
            queue.enqueue(request(lane, 1, priority));
            assertThat(queue.depth()).isEqualTo(1);
        }

        Delivery only = queue.take(lanes, LONG).orElseThrow();
        assertThat(only.request()).isEqualTo(request(lane, 1, Priority.HOT));
        only.ack();
        assertThat(queue.depth()).isZero();
    }
}
