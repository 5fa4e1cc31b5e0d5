package dev.precast.api.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.precast.api.json.Problem;
import dev.precast.protocol.ProblemCode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The client of an edge, against a server that says what a test wants. */
@Timeout(60)
final class UpstreamTest {
    private static final Asker HOST = new Asker(Optional.of("Bearer of-the-host"));

    private final AtomicInteger requests = new AtomicInteger();
    private HttpServer server;
    private volatile String token = "";

    /** What the server answers. */
    private interface Reaction {
        void answer(HttpExchange exchange) throws IOException;
    }

    private volatile Reaction reaction = exchange -> answer(exchange, 200, "{}");

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            requests.incrementAndGet();
            token = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
            reaction.answer(exchange);
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    private Upstream upstream(Optional<Supplier<String>> own) {
        return new Upstream(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/"),
                own,
                new EdgeMetrics(new SimpleMeterRegistry()));
    }

    private Upstream upstream() {
        return upstream(Optional.empty());
    }

    private static Problem problem(Upstream upstream) {
        try {
            upstream.get(HOST, "/v1/trust");
            throw new AssertionError("expected no answer");
        } catch (UpstreamException e) {
            return e.problem();
        }
    }

    @Test
    void an_answer_and_the_token_of_the_host_are_passed_on() throws Exception {
        Upstream upstream = upstream();

        assertThat(upstream.get(HOST, "/v1/trust").body()).asString().isEqualTo("{}");
        assertThat(token).isEqualTo("Bearer of-the-host");
        assertThat(upstream.get(new Asker(Optional.empty()), "/v1/trust").isOk())
                .isTrue();
        assertThat(token).isEqualTo("null");
        assertThat(upstream.trouble()).isEmpty();
    }

    @Test
    void a_token_of_the_edges_own_replaces_that_of_the_host_and_its_refusal_is_not_the_hosts_fault() throws Exception {
        Upstream upstream = upstream(Optional.of(() -> "of-the-edge"));

        assertThat(upstream.get(HOST, "/v1/trust").isOk()).isTrue();
        assertThat(token).isEqualTo("Bearer of-the-edge");
        reaction = exchange -> answer(exchange, 401, "{}");

        assertThat(problem(upstream).code()).isEqualTo(ProblemCode.UPSTREAM_UNAVAILABLE);
        assertThat(upstream.trouble().orElseThrow()).contains("precast.edge.token-file");
    }

    @Test
    void a_token_that_cannot_be_read_is_trouble_of_the_edge() {
        Upstream upstream = upstream(Optional.of(() -> {
            throw new UncheckedIOException("token: gone", new IOException());
        }));

        assertThat(problem(upstream).detail()).contains("token: gone");
        assertThat(requests).hasValue(0);
    }

    @Test
    void after_a_failure_all_requests_fail_at_once_for_a_second() throws Exception {
        Upstream upstream = upstream();
        reaction = HttpExchange::close;
        assertThat(problem(upstream).retrySeconds()).isPresent();
        int before = requests.get();
        reaction = exchange -> answer(exchange, 200, "{}");

        assertThat(problem(upstream).code()).isEqualTo(ProblemCode.UPSTREAM_UNAVAILABLE);
        assertThat(requests).hasValue(before);

        Thread.sleep(1100);
        assertThat(upstream.get(HOST, "/v1/trust").isOk()).isTrue();
        assertThat(upstream.trouble()).isEmpty();
    }

    @Test
    void a_service_that_cannot_answer_now_counts_as_away_with_its_own_problem() {
        reaction = exchange -> {
            exchange.getResponseHeaders().add("Retry-After", "7");
            answer(exchange, 503, "{\"code\":\"no-policy\",\"detail\":\"none yet\"}");
        };

        Problem problem = problem(upstream());

        assertThat(problem.code()).isEqualTo(ProblemCode.NO_POLICY);
        assertThat(problem.detail()).isEqualTo("none yet");
        assertThat(problem.retryAfter()).contains(Duration.ofSeconds(7));
    }

    @Test
    void an_answer_that_is_no_problem_document_is_none_of_the_hosts() throws Exception {
        reaction = exchange -> answer(exchange, 404, "<html>");

        assertThat(upstream().get(HOST, "/v1/trust").problem().code()).isEqualTo(ProblemCode.UPSTREAM_UNAVAILABLE);
    }

    @Test
    void an_endless_answer_is_cut_off() {
        reaction = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                byte[] much = new byte[1 << 20];
                for (int i = 0; i < 64; i++) {
                    out.write(much);
                }
            }
        };

        assertThat(problem(upstream()).code()).isEqualTo(ProblemCode.UPSTREAM_UNAVAILABLE);
    }

    @Test
    void a_redirect_is_not_followed() throws Exception {
        reaction = exchange -> {
            exchange.getResponseHeaders().add("Location", "/elsewhere");
            answer(exchange, 307, "");
        };

        assertThat(upstream().open(HOST, "GET", "/payload", Map.of(), 1).statusCode())
                .isEqualTo(307);
        assertThat(requests).hasValue(1);
    }

    @Test
    void a_payload_that_breaks_off_ends_with_an_error() throws Exception {
        reaction = exchange -> {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write(new byte[10]);
            exchange.getResponseBody().flush();
            exchange.close();
        };

        try (InputStream in =
                upstream().open(HOST, "GET", "/payload", Map.of(), 100).body()) {
            assertThatThrownBy(in::readAllBytes).isInstanceOf(IOException.class);
        }
    }

    @Test
    void an_address_that_is_none_of_a_service_is_refused() {
        for (String address : new String[] {"ftp://far", "http:///path", "http://me:secret@far", "http://far?x=1"}) {
            assertThatThrownBy(() -> new Upstream(
                            URI.create(address), Optional.empty(), new EdgeMetrics(new SimpleMeterRegistry())))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected an address such as");
        }
    }
}
