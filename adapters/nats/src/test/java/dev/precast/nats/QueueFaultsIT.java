package dev.precast.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.EngineId;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.artifact.Target;
import dev.precast.cache.queue.CompileQueue.Delivery;
import dev.precast.cache.queue.CompileQueue.Enqueued;
import dev.precast.cache.queue.CompileRequest;
import dev.precast.cache.queue.LaneBacklog;
import dev.precast.cache.queue.Priority;
import dev.precast.cache.queue.QueueUnavailableException;
import dev.precast.testkit.contract.SampleKeys;
import dev.precast.testkit.contract.Together;
import dev.precast.testkit.server.NatsServer;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.StreamConfiguration;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * What a queue on JetStream does beyond the contract: a key requested as hot and as warm, silent workers, lost storage,
 * an unreachable server.
 */
@Execution(ExecutionMode.CONCURRENT)
class QueueFaultsIT {
    private static final String STREAM = QueueLayout.BY_WORKER.stream();
    private static final LaneId LANE = SampleKeys.LANE.id();
    private static final Set<LaneId> LANES = Set.of(LANE);
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final QueueConfig SMALL = new QueueConfig(10, Duration.ofSeconds(60), 1);
    /** Settings with an ack wait that is short enough for a test, but longer than a pause of the machine. */
    private static final QueueConfig SHORT_ACK_WAIT = new QueueConfig(10, Duration.ofSeconds(6), 1);

    @TempDir
    private Path folder;

    private NatsServer server;
    private NatsLink link;
    private JetStreamQueue queue;

    @BeforeEach
    void start() throws Exception {
        server = NatsServer.start(folder);
        link = Links.to(server);
        queue = new JetStreamQueue(link, SMALL);
    }

    @AfterEach
    void stop() throws Exception {
        link.close();
        server.close();
    }

    @Test
    void the_backlog_is_counted_by_lane_with_the_age_of_the_oldest_request() throws Exception {
        assertThat(queue.backlog(InstantSource.system())).isEmpty();
        queue.enqueue(new CompileRequest(SampleKeys.key(), Priority.WARM));
        LaneId other = new LaneId(LANE.engine(), LANE.engineHash(), LANE.config(), new Target("other"));
        queue.enqueue(new CompileRequest(SampleKeys.key(other), Priority.HOT));
        assertThat(queue.take(LANES, LONG)).isPresent();
        InstantSource later = () -> Instant.now().plusSeconds(100);

        List<LaneBacklog> backlog = queue.backlog(later);
        assertThat(backlog).extracting(LaneBacklog::lane).containsExactlyInAnyOrder(LANE.digest(), other.digest());
        assertThat(backlog).allSatisfy(lane -> {
            assertThat(lane.requests()).isEqualTo(1);
            assertThat(lane.oldest()).isBetween(Duration.ofSeconds(99), Duration.ofSeconds(190));
        });
    }

    @Test
    void of_300_hot_and_warm_requests_for_one_key_one_is_in_progress() throws Exception {
        List<NatsLink> links = new ArrayList<>();
        List<JetStreamQueue> queues = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            links.add(Links.to(server));
            queues.add(new JetStreamQueue(links.getLast(), SMALL));
        }
        AtomicInteger number = new AtomicInteger();
        List<Enqueued> answers = Together.run(300, () -> {
            int i = number.getAndIncrement();
            return queues.get(i % 6).enqueue(request(1, i % 2 == 0 ? Priority.HOT : Priority.WARM));
        });
        assertThat(answers).hasSize(300).doesNotContain(Enqueued.FULL);

        List<Optional<Delivery>> taken =
                Together.run(12, () -> queues.get(number.getAndIncrement() % 6).take(LANES, Duration.ofSeconds(1)));
        assertThat(taken).filteredOn(Optional::isPresent).hasSize(1);
        taken.stream().flatMap(Optional::stream).forEach(Delivery::ack);
        assertThat(queue.holds(LANE.key(module(1)))).isFalse();
        for (NatsLink each : links) {
            each.close();
        }
    }

    @Test
    void a_hot_request_takes_the_place_of_the_warm_one_that_waits() throws Exception {
        queue.enqueue(request(1, Priority.WARM));
        queue.enqueue(request(2, Priority.WARM));

        assertThat(queue.enqueue(request(2, Priority.HOT))).isEqualTo(Enqueued.ALREADY_QUEUED);
        assertThat(queue.enqueue(request(2, Priority.WARM))).isEqualTo(Enqueued.ALREADY_QUEUED);

        Delivery first = take();
        assertThat(first.request()).isEqualTo(request(2, Priority.HOT));
        assertThat(queue.enqueue(request(2, Priority.WARM))).isEqualTo(Enqueued.ALREADY_QUEUED);
        first.ack();
        assertThat(take().request()).isEqualTo(request(1, Priority.WARM));
        assertThat(queue.take(LANES, Duration.ZERO)).isEmpty();
    }

    @Test
    void a_hot_request_for_a_running_warm_one_adds_nothing() throws Exception {
        queue.enqueue(request(1, Priority.WARM));
        Delivery warm = take();

        assertThat(queue.enqueue(request(1, Priority.HOT))).isEqualTo(Enqueued.ALREADY_QUEUED);
        assertThat(queue.take(LANES, Duration.ofMillis(500))).isEmpty();
        warm.ack();
        assertThat(queue.holds(warm.request().key())).isFalse();
    }

    @Test
    void the_depth_is_the_number_of_requests_and_zero_without_a_stream() throws Exception {
        assertThat(queue.depth()).isZero();
        queue.enqueue(request(1, Priority.HOT));
        queue.enqueue(request(2, Priority.WARM));
        queue.enqueue(request(2, Priority.HOT));
        assertThat(queue.depth()).isEqualTo(2);
        Delivery inWork = take();
        assertThat(queue.depth()).isEqualTo(2);
        inWork.ack();
        assertThat(queue.depth()).isEqualTo(1);
    }

    @Test
    void an_extended_request_is_not_redelivered() throws Exception {
        queue = new JetStreamQueue(link, SHORT_ACK_WAIT);
        queue.enqueue(request(1, Priority.HOT));
        Delivery mine = take();
        assertThat(mine.inProgressInterval()).isEqualTo(Duration.ofSeconds(2));
        for (int i = 0; i < 16; i++) {
            assertThat(queue.take(LANES, Duration.ofMillis(500))).isEmpty();
            mine.inProgress();
        }
        mine.ack();
        assertThat(queue.holds(mine.request().key())).isFalse();
    }

    @Test
    void a_slot_of_20_lanes_holds_one_request_and_serves_all_of_them_in_turn() throws Exception {
        Set<LaneId> lanes = new LinkedHashSet<>();
        JetStreamQueue wide = new JetStreamQueue(link, QueueConfig.DEFAULT);
        for (int lane = 1; lane <= 20; lane++) {
            EngineId engine = EngineId.parse("chicory@1.7.5+" + lane);
            LaneId id = new LaneId(engine, LANE.engineHash(), LANE.config(), LANE.target());
            lanes.add(id);
            for (int i = 0; i < 2; i++) {
                wide.enqueue(new CompileRequest(id.key(module(i)), i == 0 ? Priority.HOT : Priority.WARM));
            }
        }

        List<CompileRequest> served = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            Delivery delivery = wide.take(lanes, LONG).orElseThrow();
            assertThat(outstanding()).isEqualTo(1);
            served.add(delivery.request());
            delivery.ack();
        }
        assertThat(served).doesNotHaveDuplicates();
        assertThat(served.subList(0, 20)).allMatch(request -> request.priority() == Priority.HOT);
        assertThat(wide.take(lanes, Duration.ZERO)).isEmpty();
    }

    private long outstanding() throws Exception {
        return link.connection().jetStreamManagement().getConsumers(STREAM).stream()
                .mapToLong(ConsumerInfo::getNumAckPending)
                .sum();
    }

    @Test
    void a_full_stream_says_so_and_not_that_it_holds_the_key() throws Exception {
        for (int i = 0; i < 10; i++) {
            assertThat(queue.enqueue(request(i, Priority.HOT))).isEqualTo(Enqueued.QUEUED);
        }

        assertThat(queue.enqueue(request(11, Priority.HOT))).isEqualTo(Enqueued.FULL);
        assertThat(queue.holds(LANE.key(module(11)))).isFalse();
        assertThat(queue.enqueue(request(1, Priority.HOT))).isEqualTo(Enqueued.ALREADY_QUEUED);
        take().ack();
        assertThat(queue.enqueue(request(11, Priority.HOT))).isEqualTo(Enqueued.QUEUED);
    }

    @Test
    void streams_that_are_deleted_are_made_again() throws Exception {
        queue.enqueue(request(1, Priority.HOT));
        Delivery lost = take();
        for (String stream : link.connection().jetStreamManagement().getStreamNames()) {
            link.connection().jetStreamManagement().deleteStream(stream);
        }

        assertThat(queue.holds(lost.request().key())).isFalse();
        assertThat(queue.take(LANES, Duration.ZERO)).isEmpty();
        assertThat(queue.enqueue(request(1, Priority.HOT))).isEqualTo(Enqueued.QUEUED);
        Delivery again = take();
        assertThat(again.request()).isEqualTo(lost.request());
        again.ack();
    }

    @Test
    void storage_that_is_lost_while_everybody_goes_on_heals_by_itself() throws Exception {
        queue.enqueue(request(1, Priority.HOT));
        Delivery kept = take();
        server.kill();
        Awaitility.await().atMost(LONG).until(() -> !link.isConnected());
        server.startAgainEmpty();
        Awaitility.await().atMost(LONG).until(link::isConnected);

        kept.inProgress();
        assertThat(queue.enqueue(request(2, Priority.WARM))).isEqualTo(Enqueued.QUEUED);
        Delivery second = take();
        assertThat(second.request()).isEqualTo(request(2, Priority.WARM));
        second.ack();
    }

    @Test
    void a_consumer_that_is_deleted_is_made_again() throws Exception {
        queue.enqueue(request(1, Priority.WARM));
        take().ack();
        for (String consumer : link.connection().jetStreamManagement().getConsumerNames(STREAM)) {
            link.connection().jetStreamManagement().deleteConsumer(STREAM, consumer);
        }

        queue.enqueue(request(2, Priority.HOT));
        assertThat(take().request()).isEqualTo(request(2, Priority.HOT));
    }

    @Test
    void an_unreachable_server_is_reported_at_once_and_found_again() throws Exception {
        queue.enqueue(request(1, Priority.HOT));
        server.kill();
        Awaitility.await().atMost(LONG).until(() -> !link.isConnected());

        long start = System.nanoTime();
        assertThatThrownBy(() -> queue.enqueue(request(2, Priority.HOT)))
                .isInstanceOf(QueueUnavailableException.class)
                .hasMessageMatching("NATS at .* is (dis|re)connect(ed|ing)");
        assertThatThrownBy(() -> queue.take(LANES, LONG)).isInstanceOf(QueueUnavailableException.class);
        assertThatThrownBy(() -> queue.holds(LANE.key(module(1)))).isInstanceOf(QueueUnavailableException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LONG);

        server.startAgain();
        Awaitility.await().atMost(LONG).until(link::isConnected);
        assertThat(take().request()).isEqualTo(request(1, Priority.HOT));
    }

    @Test
    void a_hanging_server_costs_one_timeout_in_all() throws Exception {
        queue.enqueue(request(1, Priority.HOT));
        link.close();
        link = NatsLink.open(Links.config(server).withTimes(Duration.ofSeconds(2), LONG));
        queue = new JetStreamQueue(link, SMALL);
        server.process().pause();
        try {
            long start = System.nanoTime();
            for (int i = 0; i < 100; i++) {
                assertThatThrownBy(() -> queue.holds(LANE.key(module(1))))
                        .isInstanceOf(QueueUnavailableException.class)
                        .hasMessageContaining("within PT2S");
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LONG);
        } finally {
            server.process().resume();
        }
        Awaitility.await().atMost(LONG).ignoreExceptions().until(() -> queue.holds(LANE.key(module(1))));
    }

    @Test
    void a_request_of_a_newer_version_is_left_to_others_and_a_malformed_one_is_dropped() throws Exception {
        queue.enqueue(request(1, Priority.HOT));
        link.connection()
                .jetStream()
                .publish(
                        QueueLayout.BY_WORKER.request(LANE.key(module(2)), Priority.HOT),
                        "{\"v\":2,\"what\":\"ever\"}".getBytes(StandardCharsets.UTF_8));
        link.connection()
                .jetStream()
                .publish(
                        QueueLayout.BY_WORKER.request(LANE.key(module(3)), Priority.HOT),
                        RequestMessage.write(LANE.key(module(4))));

        take().ack();
        assertThat(queue.take(LANES, Duration.ZERO)).isEmpty();
        assertThat(queue.holds(LANE.key(module(2)))).isTrue();
        assertThat(queue.holds(LANE.key(module(3)))).isFalse();
    }

    @Test
    void a_retired_lane_leaves_nothing() throws Exception {
        queue.enqueue(request(1, Priority.HOT));
        queue.enqueue(request(2, Priority.WARM));
        take();

        queue.retire(LANE);

        assertThat(queue.holds(LANE.key(module(1)))).isFalse();
        assertThat(queue.holds(LANE.key(module(2)))).isFalse();
        assertThat(link.connection().jetStreamManagement().getConsumerNames(STREAM))
                .isEmpty();
        queue.retire(LANE);
    }

    @Test
    void a_stream_that_would_not_hold_a_key_once_is_refused() throws Exception {
        link.connection()
                .jetStreamManagement()
                .addStream(StreamConfiguration.builder()
                        .name(STREAM)
                        .subjects(QueueLayout.BY_WORKER.requests())
                        .build());

        assertThatThrownBy(() -> queue.enqueue(request(1, Priority.HOT)))
                .isInstanceOf(QueueUnavailableException.class)
                .hasMessageContaining("expected retention limits and that it refuses a second message of a subject");
    }

    @Test
    void an_interrupt_while_taking_is_reported() throws Exception {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> queue.take(LANES, LONG)).isInstanceOf(InterruptedException.class);
    }

    private Delivery take() throws InterruptedException {
        return queue.take(LANES, LONG).orElseThrow();
    }

    private static CompileRequest request(int number, Priority priority) {
        return new CompileRequest(LANE.key(module(number)), priority);
    }

    private static ModuleDigest module(int number) {
        return new ModuleDigest(SampleKeys.digest("module " + number));
    }
}
