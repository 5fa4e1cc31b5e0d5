package dev.precast.nats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.EngineId;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.event.CompileEvent;
import dev.precast.cache.queue.CompileQueue.Delivery;
import dev.precast.cache.queue.CompileQueue.Enqueued;
import dev.precast.cache.queue.CompileRequest;
import dev.precast.cache.queue.DeadLetter;
import dev.precast.cache.queue.Priority;
import dev.precast.testkit.contract.SampleKeys;
import dev.precast.testkit.server.NatsServer;
import io.nats.client.Connection;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The permissions of each role for each subject, on both configurations of {@code deploy/nats}. */
@ParameterizedClass
@EnumSource(NatsServer.Layout.class)
class RolesIT {
    private static final LaneId LANE = SampleKeys.LANE.id();
    private static final LaneId OTHER =
            new LaneId(EngineId.parse("endive@1.0.0+1"), LANE.engineHash(), LANE.config(), LANE.target());
    /** Several lanes, because the subject that creates a consumer contains a filter only if there is one. */
    private static final Set<LaneId> LANES = Set.of(LANE, OTHER);

    private static final Duration LONG = Duration.ofSeconds(30);

    private enum Role {
        ADMIN,
        API,
        WORKER,
        HOST;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final Map<Role, NatsLink> LINKS = new EnumMap<>(Role.class);
    private static NatsServer server;

    @Parameter
    private NatsServer.Layout layout;

    @BeforeParameterizedClassInvocation
    static void start(NatsServer.Layout layout, @TempDir Path folder) throws Exception {
        server = NatsServer.withRoles(folder, layout);
        for (Role role : Role.values()) {
            NatsLogin login = new NatsLogin.UserPassword(role.label(), NatsServer.password(role.label()));
            LINKS.put(
                    role,
                    NatsLink.open(NatsConfig.of(URI.create("nats://127.0.0.1:" + server.port()))
                            .withLogin(login, "_INBOX." + role.label())));
        }
    }

    @AfterParameterizedClassInvocation
    static void stop() throws Exception {
        for (NatsLink link : LINKS.values()) {
            link.close();
        }
        server.close();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "precast.queue.hot.a.b, API",
        "precast.compile.hot.a.b, API",
        "precast.dead.a.b, WORKER",
        "precast.events.a.b, API WORKER",
        "precast.changes, API WORKER",
        "precast.workers.a, WORKER",
        "precast.workers.ask, API WORKER",
        "precast.v1.compile, HOST",
        "precast.v1.lookup, HOST",
        "precast.v1.warmup, HOST",
        "precast.v1.other, ",
        "$SRV.PING, HOST",
        "$SRV.STATS.precast, HOST",
        "$SRV.INFO.precast.id, HOST",
        "$JS.API.STREAM.CREATE.PRECAST_QUEUE, API",
        "$JS.API.STREAM.INFO.PRECAST_QUEUE, API WORKER",
        "$JS.API.STREAM.MSG.GET.PRECAST_QUEUE, API WORKER",
        "$JS.API.STREAM.MSG.DELETE.PRECAST_QUEUE, API WORKER",
        "$JS.API.STREAM.PURGE.PRECAST_QUEUE, API",
        "$JS.API.STREAM.UPDATE.PRECAST_QUEUE, API",
        "$JS.API.STREAM.UPDATE.PRECAST_DEAD, API",
        "$JS.API.STREAM.UPDATE.KV_precast-leases, API",
        "$JS.API.STREAM.DELETE.PRECAST_QUEUE, ",
        "$JS.API.CONSUMER.CREATE.PRECAST_QUEUE.hot-a.precast.queue.hot.a.b, WORKER",
        "$JS.API.CONSUMER.CREATE.PRECAST_QUEUE.hot-a, ",
        "$JS.API.CONSUMER.DURABLE.CREATE.PRECAST_QUEUE.hot-a, WORKER",
        "$JS.API.CONSUMER.DURABLE.CREATE.PRECAST_DEAD.hot-a, ",
        "$JS.API.CONSUMER.DELETE.PRECAST_QUEUE.hot-a, API",
        "$JS.API.CONSUMER.MSG.NEXT.PRECAST_QUEUE.hot-a, WORKER",
        "$JS.ACK.PRECAST_QUEUE.hot-a.1.1.1.1.0, WORKER",
        "$JS.API.STREAM.CREATE.PRECAST_COMPILE, API",
        "$JS.API.STREAM.INFO.PRECAST_COMPILE, API WORKER",
        "$JS.API.STREAM.MSG.GET.PRECAST_COMPILE, API WORKER",
        "$JS.API.STREAM.MSG.DELETE.PRECAST_COMPILE, API WORKER",
        "$JS.API.STREAM.PURGE.PRECAST_COMPILE, API",
        "$JS.API.STREAM.UPDATE.PRECAST_COMPILE, ",
        "$JS.API.STREAM.DELETE.PRECAST_COMPILE, ",
        "$JS.API.STREAM.CREATE.OTHER, ",
        "$JS.API.STREAM.NAMES, ",
        "$JS.API.INFO, ",
        "$JS.API.CONSUMER.CREATE.PRECAST_COMPILE.hot-a.precast.compile.hot.a.b, WORKER",
        "$JS.API.CONSUMER.CREATE.PRECAST_COMPILE.hot-a, ",
        "$JS.API.CONSUMER.CREATE.PRECAST_DEAD.d.precast.dead.a.b, ",
        "$JS.API.CONSUMER.DELETE.PRECAST_COMPILE.hot-a, API",
        "$JS.API.CONSUMER.MSG.NEXT.PRECAST_COMPILE.hot-a, WORKER",
        "$JS.ACK.PRECAST_COMPILE.hot-a.1.1.1.1.0, WORKER",
        "$JS.API.STREAM.CREATE.KV_precast-leases, WORKER",
        "$JS.API.DIRECT.GET.KV_precast-leases.$KV.precast-leases.a.b, API WORKER",
        "$KV.precast-leases.a.b, WORKER",
        "$JS.API.STREAM.DELETE.KV_precast-leases, ",
        "$JS.API.STREAM.CREATE.PRECAST_DEAD, WORKER",
        "$JS.API.STREAM.MSG.GET.PRECAST_DEAD, API",
        "$JS.API.STREAM.PURGE.PRECAST_DEAD, API",
        "$SYS.REQ.SERVER.PING, ",
        "_INBOX.api.x, ",
        "_INBOX.host.x, API",
        "_INBOX.admin.x, API",
        "_INBOX.worker.x, ",
        "_INBOX.hosts.x, ",
        "_R_.abcdef.ghijkl, API",
        "precast.v1, ",
        "$KV.other.a, ",
        "other, "
    })
    void publishing(String subject, String roles) throws Exception {
        for (Role role : Role.values()) {
            Connection connection = connection(role);
            connection.publish(subject, new byte[] {'{', '}'});
            assertThat(isRefused(connection))
                    .as("%s: %s publishes %s", layout, role, subject)
                    .isEqualTo(!may(role, roles));
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "precast.events.*.*, API",
        "precast.workers.*, API WORKER",
        "precast.changes, API WORKER",
        "precast.v1.compile, API",
        "precast.v1.warmup, API",
        "$SRV.PING.precast, API",
        "precast.compile.*.*.*, ",
        "precast.>, ",
        "_INBOX.admin.x, ",
        "_INBOX.api.x, API",
        "_INBOX.worker.x, WORKER",
        "_INBOX.host.x, HOST",
        "_INBOX.>, ",
        "$JS.EVENT.>, ",
        ">, "
    })
    void subscribing(String subject, String roles) throws Exception {
        for (Role role : Role.values()) {
            Connection connection = connection(role);
            var subscription = connection.subscribe(subject);
            assertThat(isRefused(connection))
                    .as("%s: %s listens to %s", layout, role, subject)
                    .isEqualTo(!may(role, roles));
            subscription.unsubscribe();
        }
    }

    @Test
    void the_roles_permissions_are_sufficient() throws Exception {
        JetStreamQueue api = new JetStreamQueue(LINKS.get(Role.API), QueueConfig.DEFAULT);
        JetStreamQueue worker = new JetStreamQueue(LINKS.get(Role.WORKER), QueueConfig.DEFAULT);
        BlockingQueue<CompileEvent> heard = new LinkedBlockingQueue<>();
        try (var subscription = new NatsEvents(LINKS.get(Role.API)).subscribe(heard::add)) {
            assertThat(subscription).isNotNull();
            assertThat(api.enqueue(request(1, Priority.WARM))).isEqualTo(Enqueued.QUEUED);
            assertThat(api.enqueue(request(1, Priority.HOT))).isEqualTo(Enqueued.ALREADY_QUEUED);

            Delivery delivery = worker.take(LANES, LONG).orElseThrow();
            assertThat(api.enqueue(request(1, Priority.WARM))).isEqualTo(Enqueued.ALREADY_QUEUED);
            delivery.inProgress();
            assertThat(api.depth()).isEqualTo(1);
            delivery.nak(Duration.ZERO);
            Delivery again = worker.take(LANES, LONG).orElseThrow();
            CompileEvent event = new CompileEvent(again.request().key(), CompileEvent.Kind.FAILED);
            new NatsEvents(LINKS.get(Role.WORKER)).publish(event);
            again.ack();

            assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo(event);
            assertThat(api.holds(again.request().key())).isFalse();
        }
        for (Role role : List.of(Role.API, Role.WORKER)) {
            try (NatsChanges changes = new NatsChanges(LINKS.get(role))) {
                Awaitility.await().atMost(LONG).until(() -> changes.period().isPresent());
            }
        }
        DeadLetter letter = new DeadLetter(request(1, Priority.HOT).key(), "time", 5, SampleKeys.NOW);
        new JetStreamDeadLetters(LINKS.get(Role.WORKER), QueueConfig.DEFAULT).add(letter);
        JetStreamDeadLetters letters = new JetStreamDeadLetters(LINKS.get(Role.API), QueueConfig.DEFAULT);
        assertThat(letters.list(10)).containsExactly(letter);
        assertThat(letters.remove(letter.key())).isTrue();
        api.retire(LANE);
    }

    @Test
    void the_roles_permissions_are_sufficient_for_the_queue_of_older_versions() throws Exception {
        QueueConfig config = QueueConfig.DEFAULT;
        LINKS.get(Role.API).call("stream", (stream, management) -> {
            Streams.makeRequests(management, QueueLayout.BY_LANE, config);
            return true;
        });
        JetStreamQueue api = new JetStreamQueue(LINKS.get(Role.API), config, lane -> true);
        JetStreamQueue worker = new JetStreamQueue(LINKS.get(Role.WORKER), config);
        CompileRequest request = request(2, Priority.HOT);
        assertThat(api.enqueue(request)).isEqualTo(Enqueued.QUEUED);

        worker.take(LANES, LONG).orElseThrow().ack();

        assertThat(api.holds(request.key())).isFalse();
        api.retire(LANE);
        LINKS.get(Role.ADMIN).connection().jetStreamManagement().deleteStream(QueueLayout.BY_LANE.stream());
    }

    private static boolean may(Role role, String roles) {
        Set<Role> allowed = EnumSet.of(Role.ADMIN);
        if (roles != null) {
            for (String name : roles.split(" ")) {
                allowed.add(Role.valueOf(name));
            }
        }
        return allowed.contains(role);
    }

    private static Connection connection(Role role) {
        Connection connection = LINKS.get(role).connection();
        connection.clearLastError();
        return connection;
    }

    /** The server's refusal comes before its answer to the flush. */
    private static boolean isRefused(Connection connection) throws Exception {
        connection.flush(LONG);
        String error = connection.getLastError();
        return error != null && error.toLowerCase(Locale.ROOT).contains("permissions violation");
    }

    private static CompileRequest request(int number, Priority priority) {
        return new CompileRequest(LANE.key(new ModuleDigest(SampleKeys.digest("module " + number))), priority);
    }
}
