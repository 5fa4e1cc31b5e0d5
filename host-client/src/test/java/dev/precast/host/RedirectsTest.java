package dev.precast.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.net.httpserver.HttpExchange;
import dev.precast.host.service.ServiceClient;
import dev.precast.host.service.ServiceClientBuilder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A service that redirects downloads to a store. Whatever the store does, the host loads the module. */
final class RedirectsTest {
    private static final String SECRET = "X-Amz-Signature=5ec2e7";

    private final Deployment deployment = new Deployment();
    private final BundleLoader loader = new BundleLoader();
    private final List<PrecastEvent> events = new CopyOnWriteArrayList<>();
    /** The preferences in requests for payloads. */
    private final List<String> preferences = new CopyOnWriteArrayList<>();

    private final List<String> cookies = new CopyOnWriteArrayList<>();
    private final CountDownLatch over = new CountDownLatch(1);

    private WireServer service;
    private WireServer store;
    private WireServer elsewhere;

    @BeforeEach
    void start() throws IOException {
        service = new WireServer();
        store = new WireServer();
        elsewhere = new WireServer();
        service.policy = deployment.policy(1).toJson();
        service.prove(deployment, () -> Deployment.START);
        for (int number = 1; number <= 3; number++) {
            service.add(deployment.artifact(number, 10_000));
            store.add(deployment.artifact(number, 10_000));
        }
        redirectTo(store.uri());
        store.before = exchange -> {
            cookies.add(String.valueOf(exchange.getRequestHeaders().getFirst("Cookie")));
            return false;
        };
    }

    @AfterEach
    void stop() {
        over.countDown();
        service.close();
        store.close();
        elsewhere.close();
    }

    private void redirectTo(URI target) {
        service.before = exchange -> {
            if (!WireServer.isDownload(exchange)) {
                return false;
            }
            String preference = exchange.getRequestHeaders().getFirst("Prefer");
            preferences.add(String.valueOf(preference));
            exchange.getResponseHeaders().set("Set-Cookie", "session=1");
            if (!"redirect".equals(preference)) {
                return false;
            }
            redirect(exchange, target);
            return true;
        };
    }

    private static void redirect(HttpExchange exchange, URI target) throws IOException {
        exchange.getResponseHeaders()
                .set("Location", target + exchange.getRequestURI().getPath() + "?" + SECRET);
        exchange.sendResponseHeaders(307, -1);
    }

    private ServiceClientBuilder client() {
        return ServiceClient.builder(service.uri())
                .token(() -> "secret")
                .connectWithin(Duration.ofSeconds(30))
                .answerWithin(Duration.ofSeconds(30))
                .bodyWithin(Duration.ofSeconds(1));
    }

    private Precast<BundleLoader.Loaded> host(ServiceClientBuilder client) {
        return Precast.builder(loader)
                .source(client.build())
                .trustRoot(deployment.rootText())
                .onMiss(MissPolicy.fail())
                .listener(events::add)
                .clock(() -> Deployment.START)
                .build();
    }

    private Precast<BundleLoader.Loaded> host() {
        return host(client().redirectsTo(store.uri()));
    }

    private static void load(Precast<BundleLoader.Loaded> host, int number) throws Exception {
        assertThat(host.load(Deployment.module(number), () -> Deployment.wasm(number))
                        .readAll())
                .isEqualTo(10_000);
    }

    @Test
    void the_payload_comes_from_the_store_without_token_and_cookie() throws Exception {
        try (var host = host()) {
            load(host, 1);
            load(host, 2);
        }

        assertThat(service.downloads).hasValue(0);
        assertThat(store.downloads).hasValue(2);
        assertThat(service.tokens).containsOnly("Bearer secret");
        assertThat(store.tokens).containsOnly("none");
        assertThat(cookies).containsOnly("null");
    }

    @Test
    void a_host_that_allows_no_redirect_asks_for_none() throws Exception {
        try (var host = host(client())) {
            load(host, 1);
        }

        assertThat(preferences).containsExactly("null");
        assertThat(store.requests).isEmpty();
    }

    @Test
    void a_redirect_that_was_not_asked_for_is_not_followed() {
        service.before = exchange -> {
            boolean download = WireServer.isDownload(exchange);
            if (download) {
                redirect(exchange, store.uri());
            }
            return download;
        };

        try (var host = host(client())) {
            assertThatThrownBy(() -> load(host, 1)).isInstanceOf(ArtifactMissingException.class);
        }
        assertThat(store.requests).isEmpty();
    }

    @Test
    void a_redirect_to_another_origin_than_the_configured_ones_is_not_followed() throws Exception {
        redirectTo(elsewhere.uri());

        try (var host = host()) {
            load(host, 1);
        }

        assertThat(elsewhere.requests).isEmpty();
        assertThat(service.downloads).hasValue(1);
    }

    @Test
    void a_second_redirect_is_not_followed() throws Exception {
        store.before = exchange -> {
            redirect(exchange, store.uri());
            return true;
        };

        try (var host = host()) {
            load(host, 1);
        }

        assertThat(store.requests).hasSize(1);
        assertThat(service.downloads).hasValue(1);
    }

    /** What a store does instead of sending the payload. */
    enum Trouble {
        ABSENT((exchange, over) -> exchange.sendResponseHeaders(404, -1)),
        FORBIDDEN((exchange, over) -> exchange.sendResponseHeaders(403, -1)),
        PARTIAL((exchange, over) -> exchange.sendResponseHeaders(206, -1)),
        CUT((exchange, over) -> begin(exchange)), // Closing the exchange closes the connection.
        SILENT((exchange, over) -> await(over)),
        STALLED((exchange, over) -> {
            begin(exchange);
            await(over);
        }),
        ENDLESS((exchange, over) -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] piece = new byte[1 << 16];
            for (int i = 0; i < 1000 && over.getCount() > 0; i++) {
                exchange.getResponseBody().write(piece);
            }
        }),
        DAMAGED((exchange, over) -> {
            exchange.getResponseHeaders().set("Content-Encoding", "zstd");
            byte[] wrong = new byte[3000];
            Arrays.fill(wrong, (byte) 7);
            WireServer.answer(exchange, 200, wrong);
        }),
        ANOTHER((exchange, over) -> WireServer.answer(exchange, 200, new byte[3000]));

        private final Answer answer;

        Trouble(Answer answer) {
            this.answer = answer;
        }

        /** An answer of a store; {@code over} is zero when the test ends. */
        private interface Answer {
            void to(HttpExchange exchange, CountDownLatch over) throws IOException;
        }

        private static void begin(HttpExchange exchange) throws IOException {
            exchange.sendResponseHeaders(200, 5000);
            exchange.getResponseBody().write(new byte[100]);
            exchange.getResponseBody().flush();
        }

        private static void await(CountDownLatch over) {
            try {
                over.await(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void answerWith(Trouble trouble) {
        store.before = exchange -> {
            trouble.answer.to(exchange, over);
            return true;
        };
    }

    @ParameterizedTest
    @EnumSource(Trouble.class)
    void the_service_sends_the_payload_if_the_store_does_not(Trouble trouble) throws Exception {
        answerWith(trouble);
        Duration answer = Duration.ofSeconds(trouble == Trouble.SILENT ? 4 : 30);

        try (var host = host(client().redirectsTo(store.uri()).answerWithin(answer))) {
            load(host, 1);
        }

        assertThat(store.requests).hasSize(1);
        assertThat(service.downloads.get()).isPositive();
    }

    @Test
    void a_store_that_does_not_answer_is_left_alone_for_a_while() throws Exception {
        URI gone = store.uri();
        store.close();

        try (var host = host(client().redirectsTo(gone))) {
            load(host, 1);
            load(host, 2);
        }

        assertThat(preferences).containsExactly("redirect", "null", "null");
    }

    @ParameterizedTest
    @EnumSource(
            value = Trouble.class,
            names = {"FORBIDDEN", "CUT"})
    void a_store_that_fails_again_is_left_alone_for_longer(Trouble trouble) throws Exception {
        answerWith(trouble);

        try (var host = host()) {
            load(host, 1);
            Thread.sleep(1100);
            load(host, 2);
            Thread.sleep(1100);
            load(host, 3);
        }

        assertThat(preferences).filteredOn("redirect"::equals).hasSize(2);
    }

    @Test
    void a_payload_that_the_store_does_not_have_does_not_stop_redirects() throws Exception {
        store.artifacts.remove(Deployment.module(1));

        try (var host = host()) {
            load(host, 1);
            load(host, 2);
        }

        assertThat(preferences).containsExactly("redirect", "null", "redirect");
        assertThat(store.downloads).hasValue(1);
    }

    /** The direct download fails too, so that the failure of the redirect is in the message. */
    @ParameterizedTest
    @EnumSource(
            value = Trouble.class,
            names = {"FORBIDDEN", "STALLED", "CUT"})
    void the_secret_of_a_link_is_in_no_message(Trouble trouble) {
        answerWith(trouble);
        WireServer.Handler redirecting = service.before;
        service.before = exchange -> {
            if (redirecting.handled(exchange)) {
                return true;
            }
            boolean download = WireServer.isDownload(exchange);
            if (download) {
                redirect(exchange, elsewhere.uri());
            }
            return download;
        };

        try (var host = host()) {
            Throwable failure = catchThrowable(() -> load(host, 1));
            StringWriter printed = new StringWriter();
            failure.printStackTrace(new PrintWriter(printed));
            assertThat(failure).isInstanceOf(ArtifactMissingException.class);
            assertThat(printed.toString()).doesNotContain("Signature");
        }
        assertThat(events.toString()).contains("redirect refused").doesNotContain("Signature");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://store.example", "http://10.0.0.1:9000", "http://127.0.0.1.example", "ftp://localhost"})
    void an_origin_that_is_neither_https_nor_on_this_machine_is_refused(String origin) {
        assertThatThrownBy(() -> client().redirectsTo(URI.create(origin))).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://store.example", "http://localhost:9000", "http://[::1]:9000", "http://127.0.0.9"})
    void an_origin_that_is_https_or_on_this_machine_is_accepted(String origin) {
        assertThat(client().redirectsTo(URI.create(origin)).build()).isNotNull();
    }
}
