package dev.precast.host.service;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.ModuleDigest;
import dev.precast.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that fail for a reason that passes. The server answers each connection with the next answer of a list. */
class RetriesTest {
    private static final String OK = answer("200 OK", "{\"a\":\"b\"}");
    /** The server closes the connection instead. */
    private static final String NONE = "";

    private final List<String> heads = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private ServerSocket server;

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        threads.shutdownNow();
    }

    private static String answer(String status, String body, String... headers) {
        String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
        return "HTTP/1.1 " + status + "\r\n" + more + "Connection: close\r\nContent-Length: " + body.length()
                + "\r\n\r\n" + body;
    }

    private static String problem(String code, int retryAfter) {
        return answer("503 Busy", "{\"code\":\"" + code + "\",\"detail\":\"told\"}", "Retry-After: " + retryAfter);
    }

    private void answers(String... answers) {
        threads.execute(() -> {
            for (String answer : answers) {
                try (Socket socket = server.accept()) {
                    heads.add(head(socket.getInputStream()));
                    socket.getOutputStream().write(answer.getBytes(UTF_8));
                } catch (IOException e) {
                    return;
                }
            }
        });
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.read());
        }
        return head.substring(0, head.indexOf(" HTTP"));
    }

    private ServiceClient client(Duration retry) {
        return ServiceClient.builder(URI.create("http://127.0.0.1:" + server.getLocalPort()))
                .token(() -> null)
                .retryFor(retry)
                .build();
    }

    @ParameterizedTest
    @ValueSource(strings = {"stopping", "queue-unavailable", "store-unavailable", "queue-full", "of-a-later-version"})
    void a_call_is_repeated_when_the_service_says(String code) throws Exception {
        answers(problem(code, 1), problem(code, 0), OK);
        long start = System.nanoTime();
        assertThat(client(Duration.ofSeconds(20)).get("/v1/x").string("a")).isEqualTo("b");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(1));
        assertThat(heads).containsOnly("GET /v1/x").hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"compilation-failed", "no-policy", "too-many-warmups"})
    void a_call_that_would_fail_again_is_not_repeated(String code) {
        answers(problem(code, 0), OK);
        assertThatThrownBy(() -> client(Duration.ofSeconds(20)).get("/v1/x"))
                .isInstanceOf(ServiceException.Problem.class)
                .hasMessageContaining(code);
    }

    @Test
    void a_call_is_not_repeated_for_longer_than_configured() {
        answers(problem("stopping", 5), OK);
        assertThatThrownBy(() -> client(Duration.ofSeconds(2)).get("/v1/x"))
                .isInstanceOf(ServiceException.Problem.class);
        assertThat(heads).hasSize(1);
    }

    @Test
    void by_default_a_call_is_not_repeated() {
        answers(problem("stopping", 0), OK);
        assertThatThrownBy(() -> client(Duration.ZERO).post("/v1/x", JsonObject.EMPTY, Duration.ZERO))
                .isInstanceOf(ServiceException.Problem.class);
        assertThat(heads).hasSize(1);
    }

    @Test
    void a_request_whose_connection_breaks_before_the_answer_is_sent_twice_more() throws Exception {
        answers(NONE, NONE, OK);
        assertThat(client(Duration.ZERO)
                        .post("/v1/x", JsonObject.EMPTY, Duration.ZERO)
                        .string("a"))
                .isEqualTo("b");
        assertThat(heads).containsExactly("POST /v1/x", "POST /v1/x", "POST /v1/x");
    }

    @Test
    void a_connection_that_breaks_again_is_tried_later() throws Exception {
        answers(NONE, NONE, NONE, OK);
        JsonObject answer = client(Duration.ofSeconds(20)).post("/v1/x", JsonObject.EMPTY, Duration.ZERO);
        assertThat(answer.string("a")).isEqualTo("b");
    }

    @Test
    void an_upload_is_sent_again_from_its_start() throws Exception {
        byte[] module = {0, 'a', 's', 'm', 1, 0, 0, 0};
        answers(NONE, problem("stopping", 0), answer("201 Created", "{}"));
        boolean fresh = client(Duration.ofSeconds(20))
                .upload(ModuleDigest.of(module), module.length, () -> new ByteArrayInputStream(module));
        assertThat(fresh).isTrue();
        assertThat(heads).hasSize(3);
    }
}
