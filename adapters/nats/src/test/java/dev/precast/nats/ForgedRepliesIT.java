package dev.precast.nats;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.message.Endpoint;
import dev.precast.cache.queue.CompileRequest;
import dev.precast.cache.queue.Priority;
import dev.precast.testkit.contract.SampleKeys;
import dev.precast.testkit.server.NatsServer;
import io.nats.client.Connection;
import io.nats.client.Message;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Requests with a reply subject that is not an inbox of the requester: each role, each kind of request, and each kind of
 * subject to which the answering process may publish. With both configurations of {@code deploy/nats}.
 */
@ParameterizedClass
@EnumSource(NatsServer.Layout.class)
class ForgedRepliesIT {
    private static final Duration LONG = Duration.ofSeconds(30);
    /** Time for answers that must not come. */
    private static final int SETTLE_MILLIS = 500;

    /** The server itself refuses a client's message with one of these reply subjects. */
    private static final Set<String> RESERVED = Set.of("_R_.abcdef.ghijkl", "$JS.ACK.PRECAST_QUEUE.hot-a.1.1.1.1.0");

    private static final Set<String> OTHERS = Set.of(
            "precast.queue.hot.a.b",
            "precast.dead.a.b",
            "precast.events.a.b",
            "precast.workers.a",
            "precast.v1.warmup",
            "$KV.precast-leases.a.b",
            "$JS.API.STREAM.PURGE.PRECAST_QUEUE",
            "_INBOX.admin.x",
            "_INBOX.api.x",
            "_INBOX.worker.x",
            "_INBOX.host.x");

    @Parameter
    private NatsServer.Layout layout;

    @TempDir
    private Path folder;

    private final Set<String> arrived = new ConcurrentSkipListSet<>();
    private NatsServer server;
    private NatsLink admin;
    private NatsLink api;
    private NatsService service;

    @BeforeEach
    void start() throws Exception {
        server = NatsServer.withRoles(folder, layout);
        admin = as("admin");
        api = as("api");
        service = new NatsService(
                api, "0.1.0", Map.of("lookup", request -> new Endpoint.Message("answer".getBytes(UTF_8), Map.of())));
        CompileRequest request = new CompileRequest(
                SampleKeys.LANE.id().key(new ModuleDigest(SampleKeys.digest("module"))), Priority.HOT);
        new JetStreamQueue(api, QueueConfig.DEFAULT).enqueue(request);
        admin.connection()
                .createDispatcher(message -> arrived.add(message.getSubject()))
                .subscribe(">");
        admin.connection().flush(LONG);
    }

    @AfterEach
    void stop() throws Exception {
        service.close();
        api.close();
        admin.close();
        server.close();
    }

    private NatsLink as(String role) throws InterruptedException {
        return NatsLink.open(Links.ofRole(server, role).withReplies(List.of("_INBOX.host", "_INBOX.admin")));
    }

    /** The forged reply subjects at which something arrives in the account of the queue. */
    private Set<String> arrivedAfter(String role, String... subjects) throws Exception {
        try (NatsLink asker = as(role)) {
            Connection connection = asker.connection();
            arrived.clear();
            for (String subject : subjects) {
                RESERVED.forEach(reply -> connection.publish(subject, reply, "{}".getBytes(UTF_8)));
                OTHERS.forEach(reply -> connection.publish(subject, reply, "{}".getBytes(UTF_8)));
            }
            connection.flush(LONG);
            Thread.sleep(SETTLE_MILLIS);
            admin.connection().flush(LONG);
        }
        Set<String> found = new TreeSet<>(arrived);
        found.retainAll(union());
        return found;
    }

    private static Set<String> union() {
        Set<String> all = new TreeSet<>(OTHERS);
        all.addAll(RESERVED);
        return all;
    }

    @Test
    void a_host_writes_nowhere_but_into_inboxes_of_clients_in_its_own_account() throws Exception {
        Set<String> found =
                arrivedAfter("host", "precast.v1.lookup", "$SRV.PING", "$SRV.INFO.precast", "$SRV.STATS.precast");

        assertThat(found)
                .isEqualTo(layout == NatsServer.Layout.ACCOUNTS ? Set.of() : Set.of("_INBOX.host.x", "_INBOX.admin.x"));
    }

    @Test
    void forged_requests_of_a_host_leave_the_queue_as_it_is_and_the_service_answers_on() throws Exception {
        arrivedAfter("host", "precast.v1.lookup", "$SRV.PING");

        assertThat(admin.connection()
                        .jetStreamManagement()
                        .getStreamInfo("PRECAST_QUEUE")
                        .getStreamState()
                        .getMsgCount())
                .isEqualTo(1);
        try (NatsLink host = as("host")) {
            Message answer = host.connection().request("precast.v1.lookup", new byte[0], LONG);
            assertThat(new String(answer.getData(), UTF_8)).isEqualTo("answer");
        }
    }

    @Test
    void workers_cannot_use_the_service_to_write() throws Exception {
        assertThat(arrivedAfter("worker", "precast.v1.lookup", "$SRV.PING", "$SRV.INFO.precast"))
                .isEmpty();
    }

    /** JetStream answers without the requester's permissions. See the table of roles in docs/nats.md. */
    @Test
    void workers_and_replicas_can_make_JetStream_write_its_answers_anywhere_in_the_account() throws Exception {
        assertThat(arrivedAfter("worker", "$JS.API.STREAM.INFO.KV_precast-leases"))
                .isEqualTo(OTHERS);
        assertThat(arrivedAfter("api", "$JS.API.STREAM.INFO.PRECAST_QUEUE")).isEqualTo(OTHERS);
        assertThat(admin.connection()
                        .jetStreamManagement()
                        .getStreamInfo("PRECAST_QUEUE")
                        .getStreamState()
                        .getMsgCount())
                .isPositive();
    }
}
