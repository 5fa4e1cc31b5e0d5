package dev.precast.host.service;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineHash;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.Lane;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.artifact.Target;
import dev.precast.protocol.Paths;
import dev.precast.protocol.ProblemCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Services that stall, drip, flood, or name other hosts. */
@Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ServiceClientTest {
    static final LaneId LANE = new Lane(
                    EngineId.parse("toy@1.0.0+1"),
                    new EngineHash(Digest.of(new byte[] {2})),
                    CompileConfig.parse("{}"),
                    Target.JVM)
            .id();

    private final CountDownLatch over = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> tokens = new CopyOnWriteArrayList<>();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/whole", exchange -> {
            tokens.add(exchange.getRequestHeaders().getFirst("Authorization"));
            try (exchange) {
                exchange.sendResponseHeaders(200, 10);
                exchange.getResponseBody().write("{\"a\": \"b\"}".getBytes(UTF_8));
            }
        });
        server.createContext("/stalls", exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            OutputStream body = exchange.getResponseBody();
            body.write(new byte[10]);
            body.flush();
            await(over);
            exchange.close();
        });
        server.createContext("/ends", exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write(new byte[10]);
            exchange.getResponseBody().flush();
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        over.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static URI address(int port) {
        return URI.create("http://127.0.0.1:" + port);
    }

    private static ServiceClient client(int port) {
        return ServiceClient.builder(address(port))
                .token(() -> "secret")
                .answerWithin(Duration.ofSeconds(3))
                .bodyWithin(Duration.ofSeconds(3))
                .withoutBackOff()
                .build();
    }

    private ServiceClient client() {
        return client(server.getAddress().getPort());
    }

    @Test
    void a_whole_answer_is_read() throws Exception {
        assertThat(client().get("/whole").string("a")).isEqualTo("b");
        assertThat(tokens).containsExactly("Bearer secret");
    }

    @Test
    void a_body_that_stalls_or_ends_too_soon_is_no_answer() {
        for (String path : List.of("/stalls", "/ends")) {
            assertThatThrownBy(() -> client().get(path))
                    .isInstanceOf(ServiceException.NoAnswer.class)
                    .hasMessageContaining("10 bytes");
        }
    }

    /** Sends one byte of the text each 200 ms, until the client closes the connection or the test ends. */
    private void drips(ServerSocket at, String atOnce, String slowly) {
        threads.execute(() -> {
            try (Socket socket = at.accept()) {
                socket.getOutputStream().write(atOnce.getBytes(UTF_8));
                for (int i = 0; !over.await(200, TimeUnit.MILLISECONDS); i++) {
                    socket.getOutputStream().write(slowly.charAt(i % slowly.length()));
                }
            } catch (IOException | InterruptedException e) {
                closed.countDown();
            }
        });
    }

    static List<Arguments> slowAnswers() {
        String ok = "HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n";
        Call trust = ServiceClient::trust;
        Call lookup = client -> client.find(List.of(ModuleDigest.of(new byte[1])), List.of(LANE));
        return List.of(
                Arguments.argumentSet("policy", trust, ok, " "),
                Arguments.argumentSet("lookup", lookup, ok, " "),
                Arguments.argumentSet("problem", lookup, ok.replace("200 OK", "503 Busy"), " "),
                Arguments.argumentSet("status line", trust, "", "HTTP/1.1 200 OK" + "K".repeat(1000)),
                Arguments.argumentSet("headers", trust, "HTTP/1.1 200 OK\r\n", "A: b\r\n"),
                Arguments.argumentSet(
                        "chunks", trust, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n"));
    }

    interface Call {
        void on(ServiceClient client) throws IOException;
    }

    @ParameterizedTest
    @MethodSource("slowAnswers")
    void an_answer_of_single_bytes_ends_at_the_deadline(Call call, String atOnce, String slowly) throws Exception {
        try (ServerSocket at = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            drips(at, atOnce, slowly);
            ServiceClient client = ServiceClient.builder(address(at.getLocalPort()))
                    .answerWithin(Duration.ofSeconds(1))
                    .build();
            long start = System.nanoTime();

            assertThatThrownBy(() -> call.on(client)).isInstanceOf(ServiceException.NoAnswer.class);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(2500));
            assertThatThrownBy(() -> call.on(client)).hasMessageContaining("unavailable; next attempt in 1 s");
            assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void the_proof_of_the_current_policy_is_read_if_the_service_has_one() throws IOException {
        byte[] sent = {1, 2, 3};
        server.createContext(Paths.TRUST_CURRENT, exchange -> {
            try (exchange) {
                byte[] body = exchange.getRequestBody().readAllBytes();
                boolean put = exchange.getRequestMethod().equals("PUT");
                exchange.sendResponseHeaders(put && !Arrays.equals(body, sent) ? 400 : 200, 0);
                exchange.getResponseBody().write(put ? new byte[0] : sent);
            }
        });

        assertThat(client().current()).contains(sent);
        client().publishCurrent(sent);
        assertThatThrownBy(() -> client().publishCurrent(new byte[1])).isInstanceOf(ServiceException.Problem.class);
        server.removeContext(Paths.TRUST_CURRENT);
        assertThat(client().current()).isEmpty();
    }

    @Test
    void a_policy_that_is_too_large_is_cut_off_at_its_limit() {
        AtomicLong sent = new AtomicLong();
        server.createContext(Paths.TRUST, exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(200, 50 << 20);
                while (sent.get() < 50 << 20) {
                    exchange.getResponseBody().write(new byte[1 << 16]);
                    sent.addAndGet(1 << 16);
                }
            }
        });

        assertThatThrownBy(() -> client().trust())
                .isInstanceOf(ServiceException.BadAnswer.class)
                .hasMessageContaining("262144");
        assertThat(sent).hasValueLessThan(20 << 20);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "@127.0.0.1:%d/x",
                ":secret@127.0.0.1:%d/x",
                "0/x",
                "#@127.0.0.1:%d/x",
                "?@127.0.0.1:%d/x",
                "\\@127.0.0.1:%d/x",
                "/\\127.0.0.1:%d/x",
                ".127.0.0.1:%d/x",
                "\u3002example/x",
                "/../x",
                "/v1/../../x",
                "/v1/./../../x"
            })
    void a_path_that_leads_out_of_the_service_is_refused_before_anything_is_sent(String path) throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            other.setSoTimeout(100);
            URI base = URI.create(address(server.getAddress().getPort()) + "/whole");

            assertThatThrownBy(() -> ServiceClient.builder(base).build().get(String.format(path, other.getLocalPort())))
                    .isInstanceOf(ServiceException.BadAnswer.class)
                    .hasMessageContaining("address refused");
            assertThatThrownBy(other::accept).isInstanceOf(SocketTimeoutException.class);
            assertThat(tokens).isEmpty();
        }
    }

    @Test
    void a_path_with_two_slashes_stays_at_the_service() throws Exception {
        assertThat(client().get("/whole//127.0.0.1:1/x").string("a")).isEqualTo("b");
    }

    private static void upload(ServiceClient client, byte[] wasm) throws IOException {
        client.upload(ModuleDigest.of(wasm), wasm.length, () -> new ByteArrayInputStream(wasm));
    }

    @Test
    void a_problem_has_its_code() {
        server.createContext(Paths.MODULES, exchange -> {
            try (exchange) {
                exchange.getRequestBody().readAllBytes();
                byte[] problem = "{\"code\":\"store-full\",\"detail\":\"quota\"}".getBytes(UTF_8);
                exchange.getResponseHeaders().set("Retry-After", "7");
                exchange.sendResponseHeaders(507, problem.length);
                exchange.getResponseBody().write(problem);
            }
        });

        ServiceException.Problem problem =
                catchThrowableOfType(ServiceException.Problem.class, () -> upload(client(), new byte[] {1}));

        assertThat(problem.code()).contains(ProblemCode.STORE_FULL);
        assertThat(problem.status()).isEqualTo(507);
        assertThat(problem.detail()).isEqualTo("quota");
        assertThat(problem.retryAfter()).isEqualTo(Duration.ofSeconds(7));
    }

    @Test
    void an_answer_without_a_problem_document_is_reported_with_status_and_address() {
        server.createContext("/proxy", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(502, 4);
                exchange.getResponseBody().write("<br>".getBytes(UTF_8));
            }
        });

        ServiceException.Problem problem =
                catchThrowableOfType(ServiceException.Problem.class, () -> client().get("/proxy"));

        assertThat(problem.code()).isEmpty();
        assertThat(problem.label()).isEqualTo("http-502");
        assertThat(problem.detail()).contains("/proxy").contains("502");
    }
}
