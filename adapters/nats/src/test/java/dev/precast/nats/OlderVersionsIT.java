package dev.precast.nats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.outcome.Limits;
import dev.precast.cache.queue.CompileQueue.Delivery;
import dev.precast.cache.queue.CompileQueue.Enqueued;
import dev.precast.cache.queue.CompileRequest;
import dev.precast.cache.queue.Priority;
import dev.precast.cache.worker.WorkerNotice;
import dev.precast.json.JsonObject;
import dev.precast.testkit.contract.SampleKeys;
import dev.precast.testkit.server.NatsServer;
import io.nats.client.Message;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Processes of this version and of versions whose queue is {@code PRECAST_COMPILE}, together on one server. What those
 * send and read is written out here.
 */
@Execution(ExecutionMode.CONCURRENT)
class OlderVersionsIT {
    private static final LaneId LANE = SampleKeys.LANE.id();
    private static final Set<LaneId> LANES = Set.of(LANE);
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final QueueConfig CONFIG = new QueueConfig(100, Duration.ofSeconds(60), 1);

    @TempDir
    private Path folder;

    private NatsServer server;
    private NatsLink link;
    private NatsWorkers workers;
    private JetStreamQueue queue;

    @BeforeEach
    void start() throws Exception {
        server = NatsServer.start(folder);
        link = Links.to(server);
        workers = new NatsWorkers(link, InstantSource.system());
        workers.alive();
        // An older API has created its stream.
        link.call("stream", (stream, management) -> {
            Streams.makeRequests(management, QueueLayout.BY_LANE, CONFIG);
            return true;
        });
        queue = new JetStreamQueue(link, CONFIG, workers::hasOlder);
    }

    @AfterEach
    void stop() throws Exception {
        workers.close();
        link.close();
        server.close();
    }

    private static CompileRequest request(int number, Priority priority) {
        return new CompileRequest(LANE.key(new ModuleDigest(SampleKeys.digest("module " + number))), priority);
    }

    private static String subject(CompileRequest request, String priority) {
        return "precast.compile." + priority + "." + LANE.digest().hex() + "."
                + request.key().module().digest().hex();
    }

    /** What an older API does to enqueue a request. */
    private void oldApiEnqueues(CompileRequest request) throws Exception {
        link.connection()
                .jetStream()
                .publish(
                        subject(request, request.priority() == Priority.WARM ? "warm" : "hot"),
                        RequestMessage.write(request.key()));
    }

    private void oldWorkerBeats() {
        WorkerNotice notice = notice();
        String body =
                JsonObject.EMPTY.with("v", 1).with("notice", notice.toJson()).canonical();
        link.send("precast.workers." + notice.worker(), body.getBytes(StandardCharsets.UTF_8));
        Awaitility.await().atMost(LONG).until(() -> !workers.alive().isEmpty() && workers.hasOlder(LANE));
    }

    private static WorkerNotice notice() {
        Set<Digest> lanes = Set.of(LANE.digest());
        return new WorkerNotice("one", lanes, 1, Limits.DEFAULT, JsonObject.EMPTY);
    }

    /** What an older worker does to take a request: makes the consumer of the lane and pulls. */
    private Message oldWorkerTakes(String priority) throws Exception {
        Source consumer = Source.of(QueueLayout.BY_LANE, List.of(LANE)).stream()
                .filter(source ->
                        source.consumer().equals(priority + "-" + LANE.digest().hex()))
                .findFirst()
                .orElseThrow();
        assertThat(link.<Boolean>call(
                        "consumer", (stream, management) -> Streams.makeConsumer(management, consumer, CONFIG)))
                .isTrue();
        try (Pull pull = new Pull(link)) {
            return ((Pull.Got) pull.one(consumer)).message();
        }
    }

    @Test
    void a_new_worker_takes_the_requests_of_old_and_new_apis_the_hot_ones_first() throws Exception {
        oldApiEnqueues(request(1, Priority.WARM));
        oldApiEnqueues(request(2, Priority.HOT));
        workers.announce(notice());
        Awaitility.await().atMost(LONG).until(() -> !workers.hasOlder(LANE));
        assertThat(queue.enqueue(request(3, Priority.HOT))).isEqualTo(Enqueued.QUEUED);
        assertThat(queue.enqueue(request(4, Priority.WARM))).isEqualTo(Enqueued.QUEUED);
        assertThat(queue.depth()).isEqualTo(4);
        InstantSource later = () -> Instant.now().plusSeconds(100);
        assertThat(queue.backlog(later)).singleElement().satisfies(lane -> {
            assertThat(lane.requests()).as("in both streams").isEqualTo(4);
            assertThat(lane.oldest()).isGreaterThan(Duration.ofSeconds(99));
        });

        Set<CompileRequest> hot = Set.of(take(), take());
        Set<CompileRequest> warm = Set.of(take(), take());
        assertThat(hot).containsExactlyInAnyOrder(request(2, Priority.HOT), request(3, Priority.HOT));
        assertThat(warm).containsExactlyInAnyOrder(request(1, Priority.WARM), request(4, Priority.WARM));
        assertThat(queue.depth()).isZero();
    }

    private CompileRequest take() throws InterruptedException {
        Delivery delivery = queue.take(LANES, LONG).orElseThrow();
        delivery.ack();
        return delivery.request();
    }

    @Test
    void a_waiting_new_worker_gets_the_request_of_an_old_api() throws Exception {
        assertThat(queue.take(LANES, Duration.ofMillis(300))).isEmpty();
        oldApiEnqueues(request(1, Priority.HOT));

        assertThat(take()).isEqualTo(request(1, Priority.HOT));
    }

    @Test
    void an_old_worker_gets_the_requests_of_its_lane_from_a_new_api() throws Exception {
        oldWorkerBeats();
        assertThat(queue.enqueue(request(1, Priority.HOT_MANY))).isEqualTo(Enqueued.QUEUED);
        assertThat(queue.enqueue(request(1, Priority.HOT_MANY))).isEqualTo(Enqueued.ALREADY_QUEUED);

        Message taken = oldWorkerTakes("hot");
        assertThat(taken.getSubject()).isEqualTo(subject(request(1, Priority.HOT), "hot"));
        assertThat(queue.take(LANES, Duration.ofMillis(300)))
                .as("what the old worker has in progress")
                .isEmpty();
        assertThat(queue.holds(request(1, Priority.HOT).key())).isTrue();
        taken.ackSync(LONG);
        assertThat(queue.holds(request(1, Priority.HOT).key())).isFalse();
    }

    @Test
    void without_a_known_worker_requests_are_where_workers_of_both_versions_look() throws Exception {
        assertThat(queue.enqueue(request(1, Priority.WARM))).isEqualTo(Enqueued.QUEUED);
        assertThat(oldWorkerTakes("warm").getSubject()).isEqualTo(subject(request(1, Priority.WARM), "warm"));
    }

    @Test
    void a_key_that_is_in_the_old_queue_is_not_added_to_the_new_one() throws Exception {
        oldApiEnqueues(request(1, Priority.HOT));
        workers.announce(notice());
        Awaitility.await().atMost(LONG).until(() -> !workers.hasOlder(LANE));

        assertThat(queue.enqueue(request(1, Priority.HOT))).isEqualTo(Enqueued.ALREADY_QUEUED);
        assertThat(queue.depth()).isEqualTo(1);
    }

    @Test
    void a_retired_lane_leaves_nothing_in_either_queue() throws Exception {
        oldApiEnqueues(request(1, Priority.HOT));
        workers.announce(notice());
        Awaitility.await().atMost(LONG).until(() -> !workers.hasOlder(LANE));
        queue.enqueue(request(2, Priority.HOT));
        take();

        queue.retire(LANE);

        assertThat(queue.depth()).isZero();
        assertThat(link.connection().jetStreamManagement().getConsumerNames("PRECAST_COMPILE"))
                .isEmpty();
    }
}
