package dev.precast.nats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.queue.CompileQueue.Delivery;
import dev.precast.cache.queue.CompileQueue.Enqueued;
import dev.precast.cache.queue.CompileRequest;
import dev.precast.cache.queue.Priority;
import dev.precast.testkit.contract.SampleKeys;
import dev.precast.testkit.server.NatsServer;
import dev.precast.testkit.server.RealServer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The streams in a cluster of three servers. */
class ReplicasIT {
    private static final LaneId LANE = SampleKeys.LANE.id();
    private static final Set<LaneId> LANES = Set.of(LANE);
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final QueueConfig ALONE = QueueConfig.DEFAULT.withReplicas(1);

    @TempDir
    private Path folder;

    private final List<NatsServer> servers = new ArrayList<>();
    private NatsLink link;

    @BeforeEach
    void start() throws Exception {
        List<String> routes = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            routes.add("nats://127.0.0.1:" + RealServer.freePort());
        }
        for (int i = 0; i < 3; i++) {
            Path own = Files.createDirectory(folder.resolve("server-" + i));
            servers.add(NatsServer.start(
                    own,
                    "--server_name",
                    "server-" + i,
                    "--cluster_name",
                    "three",
                    "--cluster",
                    routes.get(i),
                    "--routes",
                    String.join(",", routes)));
        }
        List<URI> uris = servers.stream()
                .map(server -> URI.create("nats://127.0.0.1:" + server.port()))
                .toList();
        NatsConfig like = Links.config(servers.getFirst());
        link = NatsLink.open(new NatsConfig(
                uris, like.login(), like.tls(), like.inboxes(), like.name(), like.times(), like.domain()));
        // The cluster elects a leader before it answers.
        Awaitility.await()
                .atMost(LONG)
                .ignoreExceptions()
                .until(() -> link.<Boolean>call(
                        "streams",
                        (stream, management) -> management.getStreamNames().isEmpty()));
    }

    @AfterEach
    void stop() throws Exception {
        link.close();
        servers.forEach(NatsServer::close);
    }

    private static CompileRequest request(int number) {
        return new CompileRequest(LANE.key(new ModuleDigest(SampleKeys.digest("module " + number))), Priority.HOT);
    }

    private int replicas(String name) {
        return link.call(
                "replicas",
                (stream, management) ->
                        management.getStreamInfo(name).getConfiguration().getReplicas());
    }

    @Test
    void streams_that_are_on_one_server_are_told_and_get_three_replicas_unless_configured() throws Exception {
        JetStreamQueue queue = new JetStreamQueue(link, ALONE);
        queue.enqueue(request(1));
        queue.enqueue(request(2));
        Delivery delivery = queue.take(LANES, LONG).orElseThrow();
        StreamReplicas configured = new StreamReplicas(link, ALONE);
        configured.check();
        assertThat(configured.problem().orElseThrow())
                .contains("PRECAST_QUEUE, KV_precast-leases")
                .contains("precast.queue.replicas");

        StreamReplicas following = new StreamReplicas(link, QueueConfig.DEFAULT);
        following.check();

        assertThat(following.problem()).isEmpty();
        assertThat(replicas("PRECAST_QUEUE")).isEqualTo(3);
        assertThat(replicas("KV_precast-leases")).isEqualTo(3);
        // The streams elect their leaders. Workers repeat what fails meanwhile.
        Awaitility.await().atMost(LONG).ignoreExceptions().untilAsserted(delivery::inProgress);
        Awaitility.await().atMost(LONG).ignoreExceptions().untilAsserted(delivery::ack);
        Awaitility.await()
                .atMost(LONG)
                .ignoreExceptions()
                .until(() -> queue.take(LANES, LONG).orElseThrow().request().equals(request(2)));
    }

    @Test
    void requests_survive_the_death_of_any_server() throws Exception {
        JetStreamQueue queue = new JetStreamQueue(link, QueueConfig.DEFAULT);
        queue.enqueue(request(1));
        assertThat(replicas("PRECAST_QUEUE")).isEqualTo(3);
        assertThat(queue.take(LANES, Duration.ofMillis(300))).isPresent().get().satisfies(Delivery::ack);
        assertThat(queue.enqueue(request(2))).isEqualTo(Enqueued.QUEUED);
        String leader = link.call(
                "leader",
                (stream, management) -> management
                        .getStreamInfo("PRECAST_QUEUE")
                        .getClusterInfo()
                        .getLeader());

        servers.get(Integer.parseInt(leader.substring("server-".length()))).kill();

        Awaitility.await().atMost(LONG).ignoreExceptions().until(() -> queue.enqueue(request(3)) == Enqueued.QUEUED);
        List<CompileRequest> taken = new ArrayList<>();
        Awaitility.await().atMost(LONG).ignoreExceptions().until(() -> {
            queue.take(LANES, Duration.ofSeconds(2)).ifPresent(delivery -> {
                taken.add(delivery.request());
                delivery.ack();
            });
            return taken.containsAll(List.of(request(2), request(3)));
        });
    }
}
