package dev.precast.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.queue.CompileQueue.Delivery;
import dev.precast.cache.queue.CompileRequest;
import dev.precast.cache.queue.Priority;
import dev.precast.cache.queue.QueueUnavailableException;
import dev.precast.testkit.contract.SampleKeys;
import dev.precast.testkit.server.NatsServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Requests in progress when their worker, an answer, or the server's data is lost. */
@Execution(ExecutionMode.CONCURRENT)
class LeasesIT {
    private static final LaneId LANE = SampleKeys.LANE.id();
    private static final Set<LaneId> LANES = Set.of(LANE);
    private static final Duration LONG = Duration.ofSeconds(90);
    /** An ack wait that is short enough for a test, but longer than a pause of the machine. */
    private static final QueueConfig SHORT_ACK_WAIT = new QueueConfig(10, Duration.ofSeconds(6), 1);

    private static final QueueConfig LONG_ACK_WAIT = new QueueConfig(10, LONG.multipliedBy(2), 1);

    @TempDir
    private Path folder;

    private NatsServer server;
    private NatsLink link;

    @BeforeEach
    void start() throws Exception {
        server = NatsServer.start(folder);
        link = Links.to(server);
    }

    @AfterEach
    void stop() throws Exception {
        link.close();
        server.close();
    }

    private static CompileRequest request(int number) {
        return new CompileRequest(LANE.key(new ModuleDigest(SampleKeys.digest("module " + number))), Priority.HOT);
    }

    @Test
    void a_silent_workers_request_is_redelivered_and_its_late_answers_change_nothing() throws Exception {
        JetStreamQueue queue = new JetStreamQueue(link, SHORT_ACK_WAIT);
        queue.enqueue(request(1));
        Delivery silent = queue.take(LANES, LONG).orElseThrow();
        Delivery second = queue.take(LANES, LONG).orElseThrow();
        second.inProgress();
        assertThat(second.request()).isEqualTo(silent.request());

        silent.inProgress();
        silent.nak(Duration.ZERO);
        assertThat(queue.take(LANES, Duration.ofSeconds(1))).isEmpty();
        second.inProgress();
        second.ack();
        assertThat(queue.holds(second.request().key())).isFalse();
    }

    @Test
    void a_renewal_whose_answer_was_lost_does_not_cost_the_lease() throws Exception {
        link.close();
        link = NatsLink.open(Links.config(server).withTimes(Duration.ofSeconds(2), LONG));
        JetStreamQueue queue = new JetStreamQueue(link, LONG_ACK_WAIT);
        queue.enqueue(request(1));
        Delivery delivery = queue.take(LANES, LONG).orElseThrow();
        server.process().pause();
        try {
            // The signal takes a moment.
            Awaitility.await()
                    .atMost(LONG)
                    .untilAsserted(() ->
                            assertThatThrownBy(delivery::inProgress).isInstanceOf(QueueUnavailableException.class));
        } finally {
            // The server now renews the lease under a revision that the worker does not know.
            server.process().resume();
        }

        Awaitility.await().atMost(LONG).ignoreExceptions().untilAsserted(delivery::inProgress);

        // Only a worker that holds the lease can give the request back before the ack wait ends.
        delivery.nak(Duration.ZERO);
        assertThat(queue.take(LANES, LONG)).isPresent().get().satisfies(Delivery::ack);
    }

    @Test
    void an_end_of_a_former_life_does_not_end_another_request_with_the_same_number() throws Exception {
        JetStreamQueue queue = new JetStreamQueue(link, LONG_ACK_WAIT);
        queue.enqueue(request(1));
        Delivery former = queue.take(LANES, LONG).orElseThrow();
        server.kill();
        Awaitility.await().atMost(LONG).until(() -> !link.isConnected());
        server.startAgainEmpty();
        Awaitility.await().atMost(LONG).until(link::isConnected);
        queue.enqueue(request(2));
        Delivery now = queue.take(LANES, LONG).orElseThrow();

        former.inProgress();
        former.ack();

        assertThat(queue.holds(now.request().key())).isTrue();
        now.nak(Duration.ZERO);
        Delivery again = queue.take(LANES, LONG).orElseThrow();
        assertThat(again.request()).isEqualTo(request(2));
        again.ack();
        assertThat(queue.depth()).isZero();
    }
}
