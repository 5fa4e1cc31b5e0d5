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
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Uploads to services that answer in the middle, stop reading, or answer what is not HTTP. */
@Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class UploadTest {
    private static final byte[] LARGE = new byte[8 << 20];
    private static final ModuleDigest MODULE = ModuleDigest.of(LARGE);
    private static final String PROBLEM = "{\"code\":\"store-full\",\"detail\":\"quota\"}";

    private final CountDownLatch over = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        over.countDown();
        threads.shutdownNow();
    }

    private static ServerSocket listen() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    /** Accepts a connection, reads some of its request, answers, and reads no more. */
    private static Socket answered(ServerSocket at, int read, String answer, boolean closes) throws IOException {
        Socket socket = at.accept();
        socket.getInputStream().readNBytes(read);
        socket.getOutputStream().write(answer.getBytes(UTF_8));
        socket.getOutputStream().flush();
        if (closes) {
            socket.shutdownOutput();
        }
        return socket;
    }

    private void answers(ServerSocket at, int read, String answer, boolean closes) {
        threads.execute(() -> {
            try (Socket answered = answered(at, read, answer, closes)) {
                over.await();
            } catch (IOException | InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private static String answer(String status, String body) {
        return "HTTP/1.1 " + status + "\r\nContent-Type: application/problem+json\r\nContent-Length: " + body.length()
                + "\r\nRetry-After: 7\r\n\r\n" + body;
    }

    private static ServiceClient client(String scheme, int port, int seconds) {
        return ServiceClient.builder(URI.create(scheme + "://127.0.0.1:" + port))
                .token(() -> "secret")
                .answerWithin(Duration.ofSeconds(seconds))
                .withoutBackOff()
                .build();
    }

    private static boolean upload(ServiceClient client) throws IOException {
        return client.upload(MODULE, LARGE.length, () -> new ByteArrayInputStream(LARGE));
    }

    private static boolean upload(ServerSocket at) throws IOException {
        return upload(client("http", at.getLocalPort(), 30));
    }

    private static void assertRefused(ServiceClient client, int status) {
        long start = System.nanoTime();
        ServiceException.Problem problem = catchThrowableOfType(ServiceException.Problem.class, () -> upload(client));

        assertThat(problem.status()).isEqualTo(status);
        assertThat(problem.code()).contains(ProblemCode.STORE_FULL);
        assertThat(problem.detail()).isEqualTo("quota");
        assertThat(problem.retryAfter()).isEqualTo(Duration.ofSeconds(7));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }

    @ParameterizedTest
    @CsvSource({"507, false", "507, true", "503, true", "429, false", "408, true"})
    void an_answer_in_the_middle_of_an_upload_ends_it_at_once(int status, boolean closes) throws Exception {
        try (ServerSocket at = listen()) {
            answers(at, 100_000, answer(status + " Refused", PROBLEM), closes);

            assertRefused(client("http", at.getLocalPort(), 30), status);
        }
    }

    @Test
    void a_host_that_requests_a_compilation_gets_the_answer_in_the_middle_of_its_upload() throws Exception {
        try (ServerSocket at = listen()) {
            threads.execute(() -> {
                try (Socket request = answered(at, 200, answer("404 Unknown", "{\"code\":\"module-unknown\"}"), true);
                        Socket upload = answered(at, 100_000, answer("507 Full", PROBLEM), false)) {
                    over.await();
                } catch (IOException | InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            ServiceClient client = client("http", at.getLocalPort(), 30);

            assertThatThrownBy(() ->
                            client.compile(ServiceClientTest.LANE.key(MODULE), () -> LARGE, Duration.ofMinutes(1)))
                    .hasMessageContaining("store-full");
        }
    }

    @Test
    void an_answer_in_the_middle_of_an_upload_over_TLS_ends_it_at_once() throws Exception {
        try (TrustedTls tls = TrustedTls.forAddress("127.0.0.1");
                ServerSocket at = tls.listen()) {
            answers(at, 100_000, answer("507 Full", PROBLEM), false);

            assertRefused(client("https", at.getLocalPort(), 30), 507);
        }
    }

    @Test
    void a_certificate_of_another_name_is_refused_before_the_token_is_sent() throws Exception {
        AtomicBoolean received = new AtomicBoolean();
        try (TrustedTls tls = TrustedTls.forAddress("127.0.0.2");
                ServerSocket at = tls.listen()) {
            threads.execute(() -> {
                try (Socket socket = at.accept()) {
                    received.set(socket.getInputStream().read() >= 0);
                } catch (IOException e) {
                    over.countDown();
                }
            });

            assertThatThrownBy(() -> upload(client("https", at.getLocalPort(), 30)))
                    .isInstanceOf(ServiceException.NoAnswer.class)
                    .hasMessageContaining("127.0.0.1");
            assertThat(over.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(received).isFalse();
        }
    }

    @Test
    void a_service_that_stops_reading_without_an_answer_is_no_answer() throws Exception {
        try (ServerSocket at = listen()) {
            answers(at, 100_000, "", false);

            assertThatThrownBy(() -> upload(client("http", at.getLocalPort(), 1)))
                    .isInstanceOf(ServiceException.NoAnswer.class)
                    .hasMessageContaining("stopped reading the request after ");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 201 Created\r\n\r\n{}",
                "HTTP/1.1 201\r\nContent-Length: 2\r\n\r\n{}",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 201 Created\r\ncontent-length:2\r\n\r\n{}",
                "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;x=y\r\n}\r\n0\r\nTrailer: x\r\n\r\n",
            })
    void each_form_of_an_answer_is_read(String answer) throws Exception {
        try (ServerSocket at = listen()) {
            answers(at, 1000, answer, true);

            assertThat(upload(at)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SSH-2.0-x\r\n",
                "HTTP/2 200 OK\r\n\r\n",
                "HTTP/1.1 999 Odd\r\n\r\n",
                "HTTP/1.1 200 OK\r\nno header\r\n\r\n",
                "HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n",
            })
    void an_answer_that_is_not_HTTP_is_a_bad_answer(String answer) throws Exception {
        try (ServerSocket at = listen()) {
            answers(at, 1000, answer, false);

            assertThatThrownBy(() -> upload(at))
                    .isInstanceOf(ServiceException.BadAnswer.class)
                    .hasMessageContaining("malformed HTTP answer");
        }
    }

    @Test
    void answers_have_a_size_limit() throws Exception {
        String endless = "HTTP/1.1 200 OK\r\n" + "A: b\r\n".repeat(20_000);
        String large = answer("200 OK", " ".repeat(2 << 20));
        for (String answer : List.of(endless, large, large.replace("Content-Length", "Other-Length"))) {
            try (ServerSocket at = listen()) {
                answers(at, 1000, answer, false);

                assertThatThrownBy(() -> upload(at)).isInstanceOf(ServiceException.BadAnswer.class);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"})
    void an_answer_that_is_cut_off_is_no_answer(String answer) throws Exception {
        try (ServerSocket at = listen()) {
            answers(at, 1000, answer, true);

            assertThatThrownBy(() -> upload(at)).isInstanceOf(ServiceException.NoAnswer.class);
        }
    }

    @Test
    void a_module_shorter_than_its_size_is_not_stored() throws Exception {
        AtomicBoolean closed = new AtomicBoolean();
        InputStream shorter = new ByteArrayInputStream(new byte[10]) {
            @Override
            public void close() {
                closed.set(true);
            }
        };
        try (ServerSocket at = listen()) {
            answers(at, 1 << 20, "", false);
            ServiceClient client = client("http", at.getLocalPort(), 30);

            assertThatThrownBy(() -> client.upload(MODULE, 11, () -> shorter))
                    .hasMessageContaining("module: ends after 10 of 11 bytes");
            assertThat(closed).isTrue();
        }
    }

    @Test
    void a_whole_upload_arrives_directly_and_through_a_proxy() throws Exception {
        BlockingQueue<String> requests = new LinkedBlockingQueue<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                ModuleDigest received =
                        ModuleDigest.of(exchange.getRequestBody().readAllBytes());
                requests.add(exchange.getRequestURI() + " "
                        + exchange.getRequestHeaders().getFirst("Authorization") + " " + received);
                exchange.sendResponseHeaders(201, -1);
            }
        });
        server.start();
        ProxySelector before = ProxySelector.getDefault();
        String request = Paths.module(MODULE) + " Bearer secret " + MODULE;
        try {
            assertThat(upload(client("http", server.getAddress().getPort(), 30)))
                    .isTrue();
            assertThat(requests.take()).isEqualTo(request);

            ProxySelector.setDefault(ProxySelector.of(server.getAddress()));
            ServiceClient behind = ServiceClient.builder(URI.create("http://service.invalid"))
                    .token(() -> "secret")
                    .build();
            assertThat(upload(behind)).isTrue();
            assertThat(requests.take()).isEqualTo("http://service.invalid:80" + request);
        } finally {
            ProxySelector.setDefault(before);
            server.stop(0);
        }
    }
}
