package dev.precast.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.host.service.ServiceClient;
import dev.precast.host.service.ServiceGroup;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A host whose service has two addresses. */
final class SeveralAddressesTest {
    private final Deployment deployment = new Deployment();
    private final BundleLoader loader = new BundleLoader();

    private final long started = System.nanoTime();

    private WireServer first;
    private WireServer second;

    @BeforeEach
    void start() throws IOException {
        first = new WireServer();
        second = new WireServer();
        for (WireServer server : List.of(first, second)) {
            server.policy = deployment.policy(1).toJson();
            server.prove(deployment, () -> Deployment.START);
            for (int number = 1; number <= 3; number++) {
                server.add(deployment.artifact(number, 10_000));
            }
        }
    }

    @AfterEach
    void stop() {
        first.close();
        second.close();
    }

    private ServiceGroup group() {
        return group(Duration.ZERO);
    }

    private ServiceGroup group(Duration retry) {
        return ServiceGroup.of(Stream.of(first, second)
                .map(server -> ServiceClient.builder(server.uri())
                        .connectWithin(Duration.ofSeconds(30))
                        .answerWithin(Duration.ofSeconds(30))
                        .retryFor(retry)
                        .build())
                .toList());
    }

    private Precast<BundleLoader.Loaded> host(MissPolicy<BundleLoader.Loaded> onMiss) {
        return Precast.builder(loader)
                .source(group())
                .trustRoot(deployment.rootText())
                .onMiss(onMiss)
                .clock(() -> Deployment.START)
                .build();
    }

    private Precast<BundleLoader.Loaded> host() {
        return host(MissPolicy.fail());
    }

    private static void load(Precast<BundleLoader.Loaded> host, int number) throws Exception {
        assertThat(host.load(Deployment.module(number), () -> Deployment.wasm(number))
                        .readAll())
                .isEqualTo(10_000);
    }

    private static void refuse(WireServer server, int status, int retryAfter) {
        server.before = exchange -> {
            exchange.getResponseHeaders().set("Retry-After", Integer.toString(retryAfter));
            exchange.sendResponseHeaders(status, -1);
            return true;
        };
    }

    @Test
    void the_second_address_is_asked_only_if_the_first_does_not_answer() throws Exception {
        try (var host = host()) {
            load(host, 1);
            assertThat(second.requests).isEmpty();
            first.close();

            load(host, 2);
        }
        assertThat(second.downloads).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 502, 503, 504})
    void an_address_that_cannot_serve_now_is_left_alone_for_as_long_as_it_asks(int status) throws Exception {
        refuse(first, status, 30);

        try (var host = host()) {
            load(host, 1);
            int refused = first.requests.size();
            load(host, 2);
            load(host, 3);
            assertThat(first.requests).hasSize(refused);
        }
        assertThat(second.downloads).hasValue(3);
    }

    @Test
    void the_first_address_is_asked_again_after_its_pause() throws Exception {
        refuse(first, 503, 1);
        try (var host = host()) {
            load(host, 1);
            first.before = exchange -> false;
            Thread.sleep(1100);

            load(host, 2);
        }
        assertThat(first.downloads).hasValue(1);
    }

    @Test
    void a_module_that_the_first_address_does_not_know_is_not_looked_up_at_the_second() {
        first.artifacts.clear();

        try (var host = host()) {
            assertThatThrownBy(() -> load(host, 1)).isInstanceOf(ArtifactMissingException.class);
        }
        assertThat(second.requests).isEmpty();
    }

    @Test
    void addresses_that_all_fail_are_a_miss() {
        refuse(first, 503, 30);
        second.close();

        try (var host = host()) {
            assertThatThrownBy(() -> load(host, 1)).isInstanceOf(ArtifactMissingException.class);
        }
    }

    @Test
    void a_call_that_all_addresses_refuse_for_now_is_repeated_but_another_address_is_asked_first() throws Exception {
        refuse(first, 503, 30);
        refuse(second, 503, 1);
        WireServer.Handler refusal = second.before;
        AtomicBoolean refused = new AtomicBoolean();
        second.before = exchange -> !refused.getAndSet(true) && refusal.handled(exchange);

        assertThat(group(Duration.ofSeconds(20)).trust()).isPresent();

        assertThat(first.requests).hasSize(1);
        assertThat(second.requests).hasSize(2);
    }

    @Test
    void the_second_address_sends_the_rest_of_a_payload_that_the_first_cut_off() throws Exception {
        AtomicBoolean cut = new AtomicBoolean();
        byte[] zstd = deployment.artifact(1, 10_000).zstd();
        first.before = exchange -> {
            if (!WireServer.isDownload(exchange)) {
                return false;
            }
            cut.set(true);
            exchange.getResponseHeaders().set("Content-Encoding", "zstd");
            exchange.sendResponseHeaders(200, zstd.length);
            exchange.getResponseBody().write(zstd, 0, zstd.length / 2);
            exchange.getResponseBody().flush();
            return true;
        };

        try (var host = host()) {
            load(host, 1);
            first.before = exchange -> false;
            load(host, 2);
        }
        assertThat(cut).isTrue();
        assertThat(first.downloads)
                .as("after a cut, the first address is left alone")
                .hasValue(0);
        assertThat(second.downloads).hasValue(2);
    }

    @Test
    void a_closed_payload_cannot_be_read() throws Exception {
        try (InputStream in = group().open(deployment.artifact(1, 10_000).attestation())) {
            in.close();
            assertThatThrownBy(in::read).isInstanceOf(IOException.class).hasMessage("stream: closed");
        }
    }

    @Test
    void the_second_address_compiles_what_the_first_cannot() throws Exception {
        Deployment.Artifact made = deployment.artifact(4, 10_000);
        second.compilable.put(Deployment.module(4), made);
        first.before = exchange -> {
            if (!exchange.getRequestURI().getPath().equals("/v1/compilations")) {
                return false;
            }
            exchange.getRequestBody().readAllBytes();
            WireServer.answer(exchange, 503, "{\"code\":\"queue-unavailable\"}".getBytes(StandardCharsets.UTF_8));
            return true;
        };

        try (var host = host(MissPolicy.waitFor(Duration.ofSeconds(10), MissPolicy.fail()))) {
            load(host, 4);
        }
        assertThat(second.uploaded).containsKey(Deployment.module(4));
    }

    @Test
    void a_load_that_waits_outlasts_late_answers_of_its_only_address() throws Exception {
        first.compilable.put(Deployment.module(4), deployment.artifact(4, 10_000));
        AtomicBoolean late = new AtomicBoolean();
        first.before = exchange -> {
            if (exchange.getRequestURI().getPath().equals("/v1/lookups") && !late.getAndSet(true)) {
                exchange.getRequestBody().readAllBytes();
                pause(Duration.ofSeconds(2));
            }
            return false;
        };
        ServiceClient client = ServiceClient.builder(first.uri())
                .answerWithin(Duration.ofSeconds(1))
                .build();

        try (var host = Precast.builder(loader)
                .source(client)
                .trustRoot(deployment.rootText())
                .onMiss(MissPolicy.waitFor(Duration.ofSeconds(30), MissPolicy.fail()))
                .clock(() -> Deployment.START.plusNanos(System.nanoTime() - started))
                .build()) {
            load(host, 4);
        }
        assertThat(late).isTrue();
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void a_group_without_addresses_is_refused() {
        assertThatThrownBy(() -> Precast.builder(loader).services(List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("service: expected at least one address, found none");
    }
}
