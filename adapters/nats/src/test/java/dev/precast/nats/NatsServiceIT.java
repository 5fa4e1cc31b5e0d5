package dev.precast.nats;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.cache.message.Endpoint;
import dev.precast.json.Json;
import io.nats.client.Message;
import io.nats.client.Subscription;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import io.nats.service.Discovery;
import io.nats.service.EndpointStats;
import io.nats.service.PingResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The micro service with endpoints that return their requests. */
class NatsServiceIT {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final CountDownLatch SLOW = new CountDownLatch(1);
    private static final BlockingQueue<String> NOTED = new LinkedBlockingQueue<>();

    @RegisterExtension
    private static final LinkedServer NATS = new LinkedServer();

    private static NatsLink client;
    private static NatsService service;

    @BeforeAll
    static void start() throws Exception {
        client = Links.to(NATS.server());
        service = new NatsService(
                NATS.link(),
                "0.1.0",
                Map.of(
                        "echo",
                        request -> answer(new String(request.body(), UTF_8)
                                + request.headers().getOrDefault("Prefer", List.of())),
                        "refuse",
                        request -> error("{}", "503", "queue-full"),
                        "note",
                        request -> {
                            String body = new String(request.body(), UTF_8);
                            NOTED.add(body);
                            return body.length() == 2 ? answer(body) : error(body, "400", "bad-request");
                        },
                        "large",
                        request -> new Endpoint.Message(new byte[2 << 20], Map.of()),
                        "slow",
                        request -> {
                            try {
                                SLOW.await();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                            return request;
                        }));
    }

    private static Endpoint.Message answer(String body) {
        return new Endpoint.Message(body.getBytes(UTF_8), Map.of());
    }

    private static Endpoint.Message error(String body, String status, String code) {
        return new Endpoint.Message(
                body.getBytes(UTF_8),
                Map.of(
                        "Nats-Service-Error", List.of(code),
                        "Nats-Service-Error-Code", List.of(status),
                        "Retry-After", List.of("10")));
    }

    @AfterAll
    static void stop() throws Exception {
        SLOW.countDown();
        service.close();
        client.close();
    }

    private static Message ask(String endpoint, String body, String... prefer) throws Exception {
        Headers headers = new Headers();
        if (prefer.length > 0) {
            headers.put("Prefer", List.of(prefer));
        }
        return client.connection()
                .request(
                        NatsMessage.builder()
                                .subject("precast.v1." + endpoint)
                                .headers(headers)
                                .data(body.getBytes(UTF_8))
                                .build(),
                        LONG);
    }

    @Test
    void an_answer_is_the_bare_body() throws Exception {
        Message answer = ask("echo", "{}", "wait=3");
        assertThat(new String(answer.getData(), UTF_8)).isEqualTo("{}[wait=3]");
        assertThat(answer.hasHeaders()).isFalse();
    }

    @Test
    void a_refusal_is_a_service_error_with_the_problem_as_its_body() throws Exception {
        Message answer = ask("refuse", "{}");
        assertThat(answer.getHeaders().getFirst("Nats-Service-Error-Code")).isEqualTo("503");
        assertThat(answer.getHeaders().getFirst("Nats-Service-Error")).isEqualTo("queue-full");
        assertThat(answer.getHeaders().getFirst("Retry-After")).isEqualTo("10");
        assertThat(new String(answer.getData(), UTF_8)).isEqualTo("{}");
    }

    @Test
    void an_answer_that_NATS_does_not_carry_is_refused_by_name() throws Exception {
        Message answer = ask("large", "{}");
        assertThat(answer.getHeaders().getFirst("Nats-Service-Error")).isEqualTo("answer-too-large");
        assertThat(new String(answer.getData(), UTF_8)).contains("expected at most 1048576 bytes, found 2097152");
    }

    @Test
    void a_message_without_a_reply_subject_is_handled_and_its_refusal_counted() throws Exception {
        client.connection().publish("precast.v1.note", "{}".getBytes(UTF_8));
        assertThat(NOTED.poll(10, TimeUnit.SECONDS)).isEqualTo("{}");
        long before = refused("note");
        client.connection().publish("precast.v1.note", "bad".getBytes(UTF_8));
        assertThat(NOTED.poll(10, TimeUnit.SECONDS)).isEqualTo("bad");
        Awaitility.await().atMost(LONG).until(() -> refused("note") == before + 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"precast.compile.hot.a.b", "$KV.precast-leases.a.b", "_INBOX"})
    void a_request_whose_reply_subject_is_not_an_inbox_is_neither_executed_nor_answered(String reply) throws Exception {
        Subscription answers = client.connection().subscribe(reply);
        client.connection().flush(LONG);
        long before = data("note", "refusedReplies");

        client.connection().publish("precast.v1.note", reply, "forged".getBytes(UTF_8));

        Awaitility.await().atMost(LONG).until(() -> data("note", "refusedReplies") == before + 1);
        client.connection().flush(LONG);
        assertThat(NOTED).doesNotContain("forged");
        assertThat(answers.nextMessage(Duration.ofMillis(100))).isNull();
        answers.unsubscribe();
    }

    @Test
    void a_waiting_request_does_not_block_others() throws Exception {
        for (int i = 0; i < 50; i++) {
            client.connection().publish("precast.v1.slow", "_INBOX.nobody", new byte[0]);
        }
        assertThat(new String(ask("echo", "{}").getData(), UTF_8)).isEqualTo("{}[]");
    }

    @Test
    void the_service_is_discovered_and_has_statistics() throws Exception {
        ask("refuse", "{}");
        Discovery discovery = new Discovery(client.connection(), 30_000, 1);
        List<PingResponse> found = discovery.ping("precast");
        assertThat(found).hasSize(1);
        assertThat(found.getFirst().getVersion()).isEqualTo("0.1.0");
        assertThat(discovery.info("precast").getFirst().getEndpoints())
                .extracting(io.nats.service.Endpoint::getSubject)
                .contains("precast.v1.echo", "precast.v1.refuse");
        assertThat(refused("refuse")).isPositive();
        assertThat(stats("refuse").getNumRequests()).isPositive();
    }

    private static EndpointStats stats(String endpoint) {
        return new Discovery(client.connection(), 30_000, 1)
                .stats("precast").getFirst().getEndpointStatsList().stream()
                        .filter(stats -> stats.getName().equals(endpoint))
                        .findFirst()
                        .orElseThrow();
    }

    private static long refused(String endpoint) {
        return data(endpoint, "refused");
    }

    private static long data(String endpoint, String name) {
        return Json.parse(stats(endpoint).getData().toJson().getBytes(UTF_8))
                .asObject("data")
                .integer(name, 0, Json.MAX_INT);
    }
}
