package dev.precast.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.artifact.Digest;
import dev.precast.cache.outcome.Limits;
import dev.precast.cache.worker.WorkerNotice;
import dev.precast.cache.worker.Workers;
import dev.precast.json.JsonObject;
import dev.precast.module.StaticCaps;
import dev.precast.testkit.contract.SampleKeys;
import dev.precast.testkit.contract.WorkersContract;
import io.nats.client.Message;
import io.nats.client.Subscription;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class NatsWorkersIT extends WorkersContract {
    @RegisterExtension
    private static final LinkedServer NATS = new LinkedServer();

    private NatsWorkers workers;

    @AfterEach
    void close() {
        workers.close();
    }

    @Test
    void versions_without_packs_read_and_write_the_same_body() throws Exception {
        Digest lane = SampleKeys.digest("lane");
        WorkerNotice old = new WorkerNotice("one", Set.of(lane), 2, Limits.DEFAULT, StaticCaps.DEFAULT.toJson());
        String body = JsonObject.EMPTY.with("v", 1).with("notice", old.toJson()).canonical();
        fresh(InstantSource.system());

        NATS.link().send("precast.workers.one", body.getBytes(StandardCharsets.UTF_8));
        assertThat(alive(workers, 1)).containsExactly(old);

        Subscription subscription = NATS.link().connection().subscribe("precast.workers.*");
        WorkerNotice telling = new WorkerNotice(
                "one", Set.of(lane), 2, Limits.DEFAULT, StaticCaps.DEFAULT.toJson(), Map.of(lane, lane));
        workers.announce(telling);
        Message heard = subscription.nextMessage(Duration.ofSeconds(20));
        subscription.unsubscribe();
        assertThat(new String(heard.getData(), StandardCharsets.UTF_8)).isEqualTo(body);
        await().atMost(Duration.ofSeconds(20)).until(() -> workers.alive().contains(telling));
    }

    @Test
    void a_process_that_begins_to_listen_knows_running_workers_before_their_next_heartbeat() throws Exception {
        Digest lane = SampleKeys.digest("lane");
        WorkerNotice running = new WorkerNotice("one", Set.of(lane), 2, Limits.DEFAULT, StaticCaps.DEFAULT.toJson());
        try (NatsWorkers one = new NatsWorkers(NATS.link(), InstantSource.system())) {
            one.announce(running);
            fresh(InstantSource.system());

            assertThat(alive(workers, 1)).containsExactly(running);
        }
    }

    @Test
    void the_first_decision_waits_for_the_answers_of_running_workers() throws Exception {
        Digest lane = SampleKeys.digest("lane");
        WorkerNotice running = new WorkerNotice("one", Set.of(lane), 2, Limits.DEFAULT, StaticCaps.DEFAULT.toJson());
        try (NatsWorkers one = new NatsWorkers(NATS.link(), InstantSource.system())) {
            one.announce(running);
            workers = new NatsWorkers(NATS.link(), InstantSource.system());

            assertThat(workers.alive()).containsExactly(running);
        }
    }

    @Override
    protected Workers fresh(InstantSource clock) {
        workers = new NatsWorkers(NATS.link(), clock);
        workers.listen();
        return workers;
    }

    /** Messages take time, so this waits until all have arrived, and a moment longer for unexpected ones. */
    @Override
    protected List<WorkerNotice> alive(Workers asked, int expected) throws Exception {
        NATS.link().connection().flush(Duration.ofSeconds(5));
        try {
            await().atMost(Duration.ofSeconds(20)).until(() -> asked.alive().size() == expected);
        } catch (ConditionTimeoutException e) {
            return asked.alive();
        }
        Thread.sleep(100);
        return asked.alive();
    }
}
