package dev.precast.nats;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several workers answer many requests, while the server loses all streams and leases. */
class LostStorageIT {
    private static final LaneId LANE = SampleKeys.LANE.id();
    private static final int KEYS = 1_000;

    @TempDir
    private Path folder;

    private final AtomicBoolean over = new AtomicBoolean();
    /** The requests that were answered. */
    private final Set<CompileRequest> answered = ConcurrentHashMap.newKeySet();

    private final Map<ModuleDigest, AtomicInteger> inWork = new ConcurrentHashMap<>();
    private final AtomicInteger together = new AtomicInteger();

    @Test
    void all_requests_are_answered_because_clients_repeat_them() throws Exception {
        try (NatsServer server = NatsServer.start(folder)) {
            List<NatsLink> links = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                NatsLink link = Links.to(server);
                JetStreamQueue queue = new JetStreamQueue(link, QueueConfig.DEFAULT);
                links.add(link);
                int part = i;
                threads.add(Thread.ofVirtual().start(() -> ask(queue, part)));
                threads.add(Thread.ofPlatform().daemon().start(() -> work(queue)));
            }

            Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> answered.size() > KEYS / 3);
            server.kill();
            server.startAgainEmpty();
            Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> answered.size() == KEYS);

            over.set(true);
            for (Thread thread : threads) {
                thread.join();
            }
            for (NatsLink link : links) {
                link.close();
            }
        }
        // A request in progress during the loss may be taken by a second worker, since leases are lost too.
        assertThat(together.get()).isLessThanOrEqualTo(4);
    }

    /** Requests the artifact again and again until it exists, like a waiting client. */
    private void ask(JetStreamQueue queue, int part) {
        while (!over.get()) {
            for (int number = part; number < KEYS && !over.get(); number += 4) {
                CompileRequest request = new CompileRequest(
                        LANE.key(new ModuleDigest(SampleKeys.digest("module " + number))),
                        number % 3 == 0 ? Priority.HOT : Priority.WARM);
                try {
                    if (!answered.contains(request)) {
                        queue.enqueue(request);
                    }
                } catch (QueueUnavailableException e) {
                    pause(100);
                }
            }
            pause(20);
        }
    }

    private void work(JetStreamQueue queue) {
        while (!over.get()) {
            try {
                Optional<Delivery> delivery = queue.take(Set.of(LANE), Duration.ofMillis(500));
                if (delivery.isPresent()) {
                    answer(delivery.get());
                }
            } catch (QueueUnavailableException e) {
                pause(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void answer(Delivery delivery) {
        AtomicInteger count = inWork.computeIfAbsent(delivery.request().key().module(), module -> new AtomicInteger());
        if (count.incrementAndGet() > 1) {
            together.incrementAndGet();
        }
        pause(2);
        answered.add(delivery.request());
        count.decrementAndGet();
        delivery.ack();
    }

    private static void pause(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
