package dev.precast.nats;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.EngineId;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.message.Endpoint;
import dev.precast.cache.outcome.Limits;
import dev.precast.cache.queue.CompileQueue.Delivery;
import dev.precast.cache.queue.CompileQueue.Enqueued;
import dev.precast.cache.queue.CompileRequest;
import dev.precast.cache.queue.DeadLetter;
import dev.precast.cache.queue.Priority;
import dev.precast.cache.worker.WorkerNotice;
import dev.precast.json.JsonObject;
import dev.precast.testkit.contract.SampleKeys;
import dev.precast.testkit.server.NatsServer;
import dev.precast.testkit.server.RealServer;
import io.nats.client.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** APIs and workers at a leaf node with a JetStream domain of its own, whose queue is in the hub's domain. */
class LeafNodesIT {
    private static final LaneId LANE = SampleKeys.LANE.id();
    private static final LaneId OTHER =
            new LaneId(EngineId.parse("endive@1.0.0+1"), LANE.engineHash(), LANE.config(), LANE.target());
    private static final Set<LaneId> LANES = Set.of(LANE, OTHER);
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final QueueConfig CONFIG = QueueConfig.DEFAULT;

    @TempDir
    private Path folder;

    private NatsServer hub;
    private NatsServer leaf;

    @BeforeEach
    void start() throws Exception {
        int port = RealServer.freePort();
        Path configs = configs(port);
        hub = NatsServer.withRoles(
                Files.createDirectory(folder.resolve("hub")),
                configs.resolve("hub.conf"),
                Map.of("PRECAST_NATS_LEAF", "a-password-of-leaf"));
        leaf = NatsServer.withRoles(
                Files.createDirectory(folder.resolve("leaf")),
                configs.resolve("leaf.conf"),
                Map.of("PRECAST_NATS_HUB", "nats-leaf://leaf:a-password-of-leaf@127.0.0.1:" + port));
    }

    @AfterEach
    void stop() throws Exception {
        if (leaf != null) {
            leaf.close();
        }
        if (hub != null) {
            hub.close();
        }
    }

    /** The shipped configurations with another port for leaf nodes, and the permissions that docs/nats.md makes. */
    private Path configs(int port) throws IOException, InterruptedException {
        Path configs = Files.createDirectory(folder.resolve("configs"));
        for (String name : List.of("precast.conf", "hub.conf", "leaf.conf", "roles.conf")) {
            String text =
                    Files.readString(RealServer.home().resolve("deploy/nats").resolve(name));
            Files.writeString(configs.resolve(name), text.replace("7422", Integer.toString(port)));
        }
        String page = Files.readString(RealServer.home().resolve("docs/nats.md"));
        String command = page.substring(page.indexOf("<!-- run by LeafNodesIT -->"))
                .lines()
                .skip(2)
                .takeWhile(line -> !line.equals("```"))
                .collect(Collectors.joining("\n"));
        Process sed = new ProcessBuilder("sh", "-ec", command)
                .directory(configs.toFile())
                .inheritIO()
                .start();
        assertThat(sed.waitFor()).isZero();
        return configs;
    }

    private static CompileRequest request(int number) {
        return new CompileRequest(LANE.key(new ModuleDigest(SampleKeys.digest("module " + number))), Priority.HOT);
    }

    private static Enqueued enqueue(JetStreamQueue queue, int number) {
        return Awaitility.await()
                .atMost(LONG)
                .ignoreExceptions()
                .until(() -> queue.enqueue(request(number)), enqueued -> true);
    }

    @Test
    void processes_at_a_leaf_node_use_the_queue_of_the_hub() throws Exception {
        try (NatsLink near = NatsLink.open(Links.ofRole(hub, "api"));
                NatsLink far = NatsLink.open(Links.ofRole(leaf, "worker").withDomain("hub"));
                NatsLink farApi = NatsLink.open(Links.ofRole(leaf, "api").withDomain("hub"));
                NatsWorkers heard = new NatsWorkers(near, InstantSource.system())) {
            JetStreamQueue api = new JetStreamQueue(near, CONFIG);
            JetStreamQueue worker = new JetStreamQueue(far, CONFIG);
            JetStreamQueue other = new JetStreamQueue(farApi, CONFIG);
            assertThat(enqueue(api, 1)).isEqualTo(Enqueued.QUEUED);
            assertThat(enqueue(other, 1)).isEqualTo(Enqueued.ALREADY_QUEUED);

            Delivery delivery = Awaitility.await()
                    .atMost(LONG)
                    .ignoreExceptions()
                    .until(() -> worker.take(LANES, LONG).orElseThrow(), taken -> true);
            delivery.inProgress();
            assertThat(other.depth()).isEqualTo(1);
            delivery.nak(Duration.ZERO);
            worker.take(LANES, LONG).orElseThrow().ack();
            assertThat(api.holds(request(1).key())).isFalse();

            DeadLetter letter = new DeadLetter(request(1).key(), "time", 5, SampleKeys.NOW);
            new JetStreamDeadLetters(far, CONFIG).add(letter);
            assertThat(new JetStreamDeadLetters(near, CONFIG).list(10)).containsExactly(letter);
            assertThat(new JetStreamDeadLetters(farApi, CONFIG).remove(letter.key()))
                    .isTrue();
            WorkerNotice notice = new WorkerNotice("far", Set.of(LANE.digest()), 1, Limits.DEFAULT, JsonObject.EMPTY);
            NatsWorkers announcing = new NatsWorkers(far, InstantSource.system());
            Awaitility.await().atMost(LONG).until(() -> {
                announcing.announce(notice);
                return heard.alive().stream().anyMatch(alive -> alive.worker().equals("far"));
            });
            assertThat(errors(far) + errors(farApi) + errors(near)).doesNotContainIgnoringCase("permissions");
        }
    }

    @Test
    void a_host_at_a_leaf_node_uses_the_service() throws Exception {
        Endpoint endpoint = request -> new Endpoint.Message("answer".getBytes(UTF_8), Map.of());
        try (NatsLink near =
                        NatsLink.open(Links.ofRole(hub, "api").withReplies(List.of("_INBOX.host", "_INBOX.admin")));
                NatsService service = new NatsService(near, "0.1.0", Map.of("lookup", endpoint));
                NatsLink host = NatsLink.open(Links.ofRole(leaf, "host"))) {
            assertThat(service).isNotNull();
            Message answer = Awaitility.await()
                    .atMost(LONG)
                    .until(
                            () -> host.connection().request("precast.v1.lookup", new byte[0], LONG),
                            reply -> reply != null && !reply.isStatusMessage());
            assertThat(new String(answer.getData(), UTF_8)).isEqualTo("answer");
        }
    }

    @Test
    void a_worker_at_a_leaf_node_goes_on_when_the_hub_is_back() throws Exception {
        try (NatsLink near = NatsLink.open(Links.ofRole(hub, "api"));
                NatsLink far = NatsLink.open(Links.ofRole(leaf, "worker").withDomain("hub"))) {
            JetStreamQueue api = new JetStreamQueue(near, CONFIG);
            JetStreamQueue worker = new JetStreamQueue(far, CONFIG);
            enqueue(api, 1);
            take(worker).ack();
            hub.kill();
            hub.startAgain();

            enqueue(api, 2);
            Delivery delivery = take(worker);

            assertThat(delivery.request()).isEqualTo(request(2));
            Awaitility.await().atMost(LONG).ignoreExceptions().untilAsserted(delivery::ack);
        }
    }

    private static Delivery take(JetStreamQueue worker) {
        return Awaitility.await()
                .atMost(LONG)
                .ignoreExceptions()
                .until(() -> worker.take(LANES, Duration.ofSeconds(5)).orElseThrow(), taken -> true);
    }

    private static String errors(NatsLink link) {
        return String.valueOf(link.connection().getLastError());
    }
}
