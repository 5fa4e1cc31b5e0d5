package dev.precast.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.precast.artifact.Digest;
import dev.precast.attestation.Check;
import dev.precast.attestation.Envelope;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SizedDigest;
import dev.precast.host.service.ServiceClient;
import dev.precast.host.service.ServiceClientBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A service that lies, stalls, floods or redirects causes a miss and no other harm. */
final class HostileServiceTest {
    @TempDir
    Path folder;

    private final Deployment deployment = new Deployment();
    private final PrecastCounters counters = new PrecastCounters();
    private final BundleLoader loader = new BundleLoader();
    /** The bodies of reports. */
    private final List<String> reports = new CopyOnWriteArrayList<>();

    private WireServer server;
    private WireServer other;
    private Instant now = Instant.parse("2026-06-01T00:00:00Z");

    @BeforeEach
    void start() throws IOException {
        server = new WireServer();
        other = new WireServer();
        server.policy = deployment.policy(1).toJson();
        server.prove(deployment, () -> now);
        server.add(deployment.artifact(1, 10_000));
        other.add(deployment.artifact(1, 10_000));
    }

    @AfterEach
    void stop() {
        server.close();
        other.close();
    }

    private Precast<BundleLoader.Loaded> precast(ServiceClient source) {
        return Precast.builder(loader)
                .source(source)
                .trustRoot(deployment.rootText())
                .diskCache(folder.resolve("cache"), 100 << 20)
                .onMiss(MissPolicy.fail())
                .listener(counters)
                .clock(() -> now)
                .build();
    }

    private Precast<BundleLoader.Loaded> precast() {
        return precast(client().build());
    }

    private ServiceClientBuilder client() {
        return ServiceClient.builder(server.uri()).token(() -> "secret");
    }

    private ServiceClient impatient() {
        return client().answerWithin(Duration.ofSeconds(2))
                .bodyWithin(Duration.ofSeconds(2))
                .build();
    }

    private void assertMiss(Precast<BundleLoader.Loaded> precast) {
        try (precast) {
            assertThatThrownBy(() -> precast.load(Deployment.module(1), () -> Deployment.wasm(1)))
                    .isInstanceOf(ArtifactMissingException.class);
        }
    }

    private void assertLoads(Precast<BundleLoader.Loaded> precast) throws Exception {
        try (precast) {
            assertThat(precast.load(Deployment.module(1), () -> Deployment.wasm(1))
                            .readAll())
                    .isEqualTo(10_000);
        }
    }

    @Test
    void a_lookup_is_not_redirected_at_all() {
        server.before = exchange -> {
            exchange.getResponseHeaders()
                    .set("Location", other.uri() + exchange.getRequestURI().getPath());
            exchange.sendResponseHeaders(307, -1);
            return true;
        };

        assertMiss(precast(client().redirectsTo(other.uri()).build()));

        assertThat(other.requests).isEmpty();
    }

    /**
     * Damages the downloads of these forms.
     *
     * @param result the answer to reports; empty for 404
     * @param repairs whether a report ends the damage
     */
    private void damage(boolean zstd, boolean plain, String result, boolean repairs) {
        AtomicBoolean damaged = new AtomicBoolean(true);
        Deployment.Artifact good = good();
        server.before = exchange -> {
            String path = exchange.getRequestURI().getPath();
            if (path.endsWith("/reports")) {
                reports.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
                damaged.set(damaged.get() && !repairs);
                byte[] answer = ("{\"result\":\"" + result + "\"}").getBytes(StandardCharsets.UTF_8);
                WireServer.answer(exchange, result.isEmpty() ? 404 : 200, answer);
                return true;
            }
            boolean compressed = "zstd".equals(exchange.getRequestHeaders().getFirst("Accept-Encoding"));
            if (!WireServer.isDownload(exchange) || !damaged.get() || !(compressed ? zstd : plain)) {
                return false;
            }
            server.downloads.incrementAndGet();
            byte[] bytes = (compressed ? good.zstd() : good.payload()).clone();
            bytes[bytes.length / 2] ^= 1;
            if (compressed) {
                exchange.getResponseHeaders().set("Content-Encoding", "zstd");
            }
            WireServer.answer(exchange, 200, bytes);
            return true;
        };
    }

    private Deployment.Artifact good() {
        return Objects.requireNonNull(server.artifacts.get(Deployment.module(1)));
    }

    @Test
    void a_damaged_zstd_form_is_replaced_by_the_plain_one_and_reported() throws Exception {
        damage(true, false, "checking", false);

        assertLoads(precast());

        assertThat(server.downloads).hasValue(2);
        assertThat(reports)
                .containsExactly("{\"payload\":\"" + Digest.of(good().payload()) + "\",\"reason\":\"damaged\"}");
    }

    @Test
    void both_forms_damaged_are_reported_and_loaded_after_the_repair() throws Exception {
        damage(true, true, "rebuilt", true);

        assertLoads(precast());

        assertThat(server.downloads).hasValue(3);
        assertThat(reports).hasSize(1);
    }

    @Test
    void a_service_that_takes_no_reports_changes_nothing() {
        damage(true, true, "", false);

        assertMiss(precast());

        assertThat(server.downloads).hasValue(2);
    }

    @Test
    void a_service_that_always_says_rebuilt_gets_one_more_download_an_hour() {
        damage(true, true, "rebuilt", false);
        ServiceClient client = client().build();

        assertMiss(precast(client));
        assertThat(server.downloads).hasValue(3);

        assertMiss(precast(client));
        assertThat(server.downloads).hasValue(5);
        assertThat(reports).hasSize(1);
    }

    /** The body of a report that the artifact does not load. */
    private String unloadable() {
        return "{\"payload\":\"" + Digest.of(good().payload()) + "\",\"reason\":\"unloadable\"}";
    }

    private void assertReported(String report) throws Exception {
        for (int i = 0; i < 500 && reports.isEmpty(); i++) {
            Thread.sleep(10); // Another thread sends it.
        }
        assertThat(reports).containsExactly(report);
    }

    @Test
    void an_artifact_that_the_engine_refuses_is_reported() throws Exception {
        damage(false, false, "rechecking", false);
        loader.refusal = new RefusedException(Check.BYTECODE, "no");

        assertMiss(precast());

        assertReported(unloadable());
    }

    @Test
    void damage_is_not_reported_as_an_artifact_that_does_not_load() throws Exception {
        damage(false, false, "rechecking", false);
        loader.refusal = new RefusedException(Check.ENTRY, "damaged");

        assertMiss(precast());

        Thread.sleep(100);
        assertThat(reports).isEmpty();
    }

    @Test
    void an_artifact_that_breaks_after_its_load_is_reported_and_looked_up_again() throws Exception {
        damage(false, false, "rechecking", false);
        try (Precast<BundleLoader.Loaded> precast = precast()) {
            precast.load(Deployment.module(1), () -> Deployment.wasm(1));
            long lookups = lookups();

            Objects.requireNonNull(loader.last).broken().accept(new RefusedException(Check.BYTECODE, "late"));

            assertReported(unloadable());
            assertThatThrownBy(() -> precast.load(Deployment.module(1), () -> Deployment.wasm(1)))
                    .isInstanceOf(ArtifactMissingException.class)
                    .hasMessageContaining("failed a check in this process");
            assertThat(lookups()).isEqualTo(lookups + 1);

            server.add(deployment.artifact(1, 20_000));
            assertThat(precast.load(Deployment.module(1), () -> Deployment.wasm(1))
                            .readAll())
                    .as("the service has another artifact now")
                    .isEqualTo(20_000);
        }
    }

    private long lookups() {
        return server.requests.stream()
                .filter(request -> request.equals("POST /v1/lookups"))
                .count();
    }

    @Test
    void a_decompression_bomb_ends_at_the_signed_size() {
        byte[] bomb = Zstd.compress(new byte[256 << 20], 19);
        byte[] honest = new byte[1000];
        sendAlways(bomb);
        server.add(deployment.artifact(
                1,
                honest,
                bomb,
                Optional.empty(),
                new SizedDigest(Digest.of(honest), honest.length),
                new SizedDigest(Digest.of(bomb), bomb.length)));

        assertMiss(precast());

        assertThat(counters.refused(Check.PAYLOAD)).isEqualTo(1);
    }

    /** Sends a zstd form to all downloads, whatever was asked for. */
    private void sendAlways(byte[] zstd) {
        server.before = exchange -> {
            boolean download = WireServer.isDownload(exchange);
            if (download) {
                exchange.getResponseHeaders().set("Content-Encoding", "zstd");
                WireServer.answer(exchange, 200, zstd);
            }
            return download;
        };
    }

    @Test
    void a_payload_longer_than_signed_is_refused() {
        Deployment.Artifact good = deployment.artifact(1, 10_000);
        byte[] longer = Arrays.copyOf(good.payload(), good.payload().length + 1);
        server.add(new Deployment.Artifact(good.attestation(), good.envelope(), longer, Zstd.compress(longer)));

        assertMiss(precast());
    }

    @Test
    void an_endless_answer_is_cut_off() {
        server.before = exchange -> {
            if (!exchange.getRequestURI().getPath().equals("/v1/lookups")) {
                return false;
            }
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                byte[] more = new byte[1 << 16];
                Arrays.fill(more, (byte) ' ');
                for (int i = 0; i < 10_000; i++) {
                    out.write(more);
                }
            }
            return true;
        };

        assertMiss(precast());
    }

    @Test
    void a_service_that_never_answers_is_given_up() {
        server.before = exchange -> {
            sleep();
            return false;
        };

        long start = System.nanoTime();
        assertMiss(precast(impatient()));

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
    }

    @Test
    void a_slow_policy_costs_one_deadline_and_not_one_for_each_load() {
        server.before = exchange -> {
            exchange.sendResponseHeaders(200, 10_000);
            try {
                for (int i = 0; i < 100; i++) {
                    exchange.getResponseBody().write(' ');
                    exchange.getResponseBody().flush();
                    Thread.sleep(200);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return true;
        };
        long start = System.nanoTime();

        try (Precast<BundleLoader.Loaded> precast = precast(impatient())) {
            for (int i = 0; i < 10; i++) {
                assertThatThrownBy(() -> precast.load(Deployment.module(1), () -> Deployment.wasm(1)))
                        .isInstanceOf(ArtifactMissingException.class);
            }
        }

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
    }

    @Test
    void a_body_that_stalls_is_given_up() {
        server.before = exchange -> {
            if (!WireServer.isDownload(exchange)) {
                return false;
            }
            exchange.sendResponseHeaders(200, 10_000);
            exchange.getResponseBody().write(new byte[10]);
            exchange.getResponseBody().flush();
            sleep();
            return true;
        };

        long start = System.nanoTime();
        assertMiss(precast(impatient()));

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
    }

    private static void sleep() {
        try {
            Thread.sleep(20_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void a_policy_of_another_root_allows_nothing() {
        server.policy = new Deployment().policy(9).toJson();

        assertMiss(precast());

        assertThat(counters.refused(Check.SIGNATURE)).isPositive();
    }

    @Test
    void an_older_policy_is_refused_after_a_restart() throws Exception {
        Digest payload = deployment.artifact(1, 10_000).attestation().payload().digest();
        server.policy = deployment
                .policy(2, Instant.parse("2100-01-01T00:00:00Z"), Set.of(payload))
                .toJson();
        assertMiss(precast());

        server.policy = deployment.policy(1).toJson();
        assertMiss(precast());

        assertThat(counters.refused(Check.POLICY)).isGreaterThanOrEqualTo(2);
        server.policy = deployment.policy(3).toJson();
        now = now.plusSeconds(60);
        assertLoads(precast());
    }

    @Test
    void revoked_artifacts_are_removed_from_memory_too() throws Exception {
        Digest payload = deployment.artifact(1, 10_000).attestation().payload().digest();
        try (Precast<BundleLoader.Loaded> precast = precast()) {
            precast.load(Deployment.module(1), () -> Deployment.wasm(1));
            server.policy = deployment
                    .policy(2, Instant.parse("2100-01-01T00:00:00Z"), Set.of(payload))
                    .toJson();
            for (int i = 0; i < 500 && counters.refused(Check.POLICY) == 0; i++) {
                Thread.sleep(20);
                try {
                    precast.load(Deployment.module(1), () -> Deployment.wasm(1));
                } catch (ArtifactMissingException e) {
                    break;
                }
            }
        }

        assertThat(counters.refused(Check.POLICY)).isPositive();
    }

    @Test
    void past_the_policys_expiry_only_what_was_verified_goes_on_and_only_for_the_grace() throws Exception {
        server.add(deployment.artifact(2, 1000));
        server.policy = deployment.policy(1, now.plusSeconds(60), Set.of()).toJson();
        assertLoads(precast());

        now = now.plus(Duration.ofDays(6));
        assertLoads(precast());
        try (Precast<BundleLoader.Loaded> precast = precast()) {
            assertThatThrownBy(() -> precast.load(Deployment.module(2), () -> Deployment.wasm(2)))
                    .isInstanceOf(ArtifactMissingException.class);
        }

        now = now.plus(Duration.ofDays(2));
        assertMiss(precast());
    }

    @Test
    void an_attestation_with_any_bit_flipped_is_a_miss() {
        Deployment.Artifact good = deployment.artifact(1, 1000);
        byte[] json = good.envelope().toJson();
        MemorySource memory = new MemorySource();
        deployment.trust(memory, Instant.now());
        int refused = 0;
        for (int bit = 0; bit < json.length * 8; bit += 37) {
            byte[] flipped = json.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            try {
                memory.put(good.attestation().key(), Envelope.parse(flipped), good.payload());
            } catch (IllegalArgumentException e) {
                continue; // No envelope at all.
            }
            refused++;
            try (var precast = Precast.builder(loader)
                    .source(memory)
                    .trustRoot(deployment.rootText())
                    .onMiss(MissPolicy.fail())
                    .listener(counters)
                    .build()) {
                assertThatThrownBy(() -> precast.load(Deployment.module(1), () -> Deployment.wasm(1)))
                        .isInstanceOf(ArtifactMissingException.class);
            }
        }

        assertThat(refused).isPositive();
        assertThat(loader.loads).hasValue(0);
    }

    @Test
    void a_dead_service_is_left_alone_for_a_while() {
        server.close();

        try (Precast<BundleLoader.Loaded> precast = precast()) {
            for (int i = 0; i < 100; i++) {
                assertThatThrownBy(() -> precast.load(Deployment.module(1), () -> Deployment.wasm(1)))
                        .isInstanceOf(ArtifactMissingException.class);
            }
        }
    }
}
