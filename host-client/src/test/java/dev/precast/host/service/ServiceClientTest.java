package dev.precast.host.service;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import dev.precast.artifact.ModuleDigest;
import dev.precast.protocol.Paths;
import dev.precast.protocol.ProblemCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Services that stall, stop reading, or name other hosts. */
@Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ServiceClientTest {
    private static final byte[] LARGE = new byte[26 << 20];

    private final CountDownLatch over = new CountDownLatch(1);
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

    private static ServiceClient client(int port) {
        return ServiceClient.builder(URI.create("http://127.0.0.1:" + port))
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

    @Test
    void a_path_that_leads_to_another_host_is_refused_before_anything_is_sent() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            other.setSoTimeout(500);
            String path = "@127.0.0.1:" + other.getLocalPort() + "/x";

            assertThatThrownBy(() -> client().get(path)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(other::accept).isInstanceOf(java.net.SocketTimeoutException.class);
        }
    }

    private static void upload(ServiceClient client, byte[] wasm) throws IOException {
        client.upload(ModuleDigest.of(wasm), wasm.length, () -> new ByteArrayInputStream(wasm));
    }

    /** Reads some of a request, answers 503, and reads no more. */
    private void answersInTheMiddle(ServerSocket at, boolean closes) {
        threads.execute(() -> {
            try (Socket socket = at.accept()) {
                socket.getInputStream().readNBytes(100_000);
                byte[] problem = "{\"code\":\"store-unavailable\",\"detail\":\"S3 is away\"}".getBytes(UTF_8);
                socket.getOutputStream()
                        .write(("HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\n"
                                        + "Content-Length: " + problem.length + "\r\n\r\n")
                                .getBytes(UTF_8));
                socket.getOutputStream().write(problem);
                socket.getOutputStream().flush();
                if (!closes) {
                    await(over);
                }
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
    }

    @Test
    void an_upload_that_a_server_stops_reading_fails() throws Exception {
        for (boolean closes : new boolean[] {false, true}) {
            try (ServerSocket at = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                answersInTheMiddle(at, closes);
                long start = System.nanoTime();

                assertThatThrownBy(() -> upload(client(at.getLocalPort()), LARGE))
                        .isInstanceOf(closes ? ServiceException.class : ServiceException.NoAnswer.class);

                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
            }
        }
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
