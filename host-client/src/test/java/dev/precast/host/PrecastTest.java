package dev.precast.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.Lane;
import dev.precast.attestation.SigningKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

final class PrecastTest extends ServedHost {
    private static WasmBytes wasm(int number) {
        return () -> Deployment.wasm(number);
    }

    @Test
    void an_artifact_of_the_service_is_loaded_without_asking_for_the_wasm_bytes() throws Exception {
        server.add(deployment.artifact(1, 10_000));

        try (var precast = builder().build()) {
            assertThat(precast.load(Deployment.module(1), NEVER_ASKED).readAll())
                    .isEqualTo(10_000);
            assertThat(precast.load(Deployment.module(1), NEVER_ASKED).isCompiled())
                    .isTrue();
        }

        assertThat(counters.hits(PrecastEvent.Tier.SOURCE)).isEqualTo(1);
        assertThat(counters.hits(PrecastEvent.Tier.MEMORY)).isEqualTo(1);
        assertThat(counters.downloadedBytes()).isGreaterThan(10_000);
    }

    @Test
    void a_second_start_needs_no_network() throws Exception {
        server.add(deployment.artifact(1, 10_000));
        try (var precast = builder().build()) {
            precast.load(Deployment.module(1), NEVER_ASKED);
        }
        server.close();
        server.requests.clear();

        try (var precast = builder().build()) {
            assertThat(precast.load(Deployment.module(1), NEVER_ASKED).readAll())
                    .isEqualTo(10_000);
        }

        assertThat(counters.hits(PrecastEvent.Tier.DISK)).isEqualTo(1);
        assertThat(counters.degraded()).isZero();
    }

    @Test
    void a_service_that_is_down_at_start_costs_the_artifact_and_nothing_else() {
        server.close();

        try (var precast = builder().build()) {
            assertThat(precast.load(Deployment.module(1), wasm(1)).interpreted())
                    .contains(Deployment.module(1));
        }

        assertThat(counters.misses()).isEqualTo(1);
        assertThat(counters.degraded()).isPositive();
    }

    @Test
    void waiting_for_a_miss_uploads_the_module_and_gives_the_compiled_one() {
        server.compilable.put(Deployment.module(1), deployment.artifact(1, 1000));

        try (var precast = builder()
                .onMiss(MissPolicy.waitFor(Duration.ofSeconds(20), MissPolicy.fail()))
                .build()) {
            assertThat(precast.load(Deployment.module(1), wasm(1)).isCompiled()).isTrue();
        }

        assertThat(server.uploaded).containsKey(Deployment.module(1));
    }

    @Test
    void a_rejected_module_does_not_wait_for_the_deadline() {
        try (var precast = builder()
                .onMiss(MissPolicy.waitFor(Duration.ofMinutes(5), MissPolicy.interpretAndSwap()))
                .build()) {
            assertThat(precast.load(Deployment.module(1), wasm(1)).isCompiled()).isFalse();
        }
    }

    @Test
    void an_interpreted_module_is_swapped_for_the_compiled_one_in_later_loads() throws Exception {
        server.compilable.put(Deployment.module(1), deployment.artifact(1, 1000));

        try (var precast = builder().build()) {
            assertThat(precast.load(Deployment.module(1), wasm(1)).isCompiled()).isFalse();
            for (int i = 0; counters.swapped() == 0 && i < 1000; i++) {
                Thread.sleep(10);
            }
            assertThat(precast.load(Deployment.module(1), NEVER_ASKED).isCompiled())
                    .isTrue();
        }
    }

    @Test
    void an_interpreted_module_is_replaced_when_the_service_is_back() throws Exception {
        server.compilable.put(Deployment.module(1), deployment.artifact(1, 1000));
        server.before = exchange -> true; // The connection is closed without an answer.
        Instant[] now = {Instant.parse("2026-06-01T00:00:00Z")};
        clock = () -> now[0];

        try (var precast = builder()
                .onMiss(MissPolicy.waitFor(Duration.ofSeconds(1), MissPolicy.interpretAndSwap()))
                .build()) {
            assertThat(precast.load(Deployment.module(1), wasm(1)).isCompiled()).isFalse();
            server.before = exchange -> false;
            for (int i = 0; counters.swapped() == 0 && i < 1000; i++) {
                now[0] = now[0].plusSeconds(31);
                precast.load(Deployment.module(1), wasm(1));
                Thread.sleep(20);
            }
            assertThat(precast.load(Deployment.module(1), NEVER_ASKED).isCompiled())
                    .isTrue();
        }
    }

    @Test
    void a_local_compiler_is_used_if_the_host_chose_it() {
        BundleLoader.Loaded own = new BundleLoader.Loaded(Optional.empty(), Optional.empty());

        try (var precast = builder().onMiss(MissPolicy.compileLocally(w -> own)).build()) {
            assertThat(precast.load(Deployment.module(1), wasm(1))).isSameAs(own);
        }

        assertThat(counters.fallbacks(PrecastEvent.Fallback.COMPILED_LOCALLY)).isEqualTo(1);
    }

    @Test
    void a_host_with_the_policy_fail_gets_the_reason() {
        try (var precast = builder().onMiss(MissPolicy.fail()).build()) {
            assertThatThrownBy(() -> precast.load(Deployment.module(1), NEVER_ASKED))
                    .isInstanceOf(ArtifactMissingException.class)
                    .hasMessageContaining(Deployment.module(1).toString())
                    .hasMessageContaining("not compiled");
        }
    }

    @Test
    void a_host_whose_wait_failed_gets_the_last_error_of_the_service() {
        try (var precast = builder()
                .onMiss(MissPolicy.waitFor(Duration.ofSeconds(1), MissPolicy.fail()))
                .build()) {
            assertThatThrownBy(() -> precast.load(Deployment.module(1), wasm(1)))
                    .isInstanceOf(ArtifactMissingException.class)
                    .hasMessageContaining("rejected, invalid-module");

            server.before = exchange -> {
                boolean asked = exchange.getRequestURI().getPath().equals("/v1/compilations");
                if (asked) {
                    WireServer.answer(exchange, 202, "{\"state\":\"compiling\"}".getBytes(StandardCharsets.UTF_8));
                }
                return asked;
            };
            assertThatThrownBy(() -> precast.load(Deployment.module(1), wasm(1)))
                    .isInstanceOf(ArtifactMissingException.class)
                    .hasMessageContaining(Deployment.module(1).toString())
                    .hasMessageContaining("still compiling");
        }
    }

    @Test
    void a_failed_load_is_not_remembered() {
        try (var precast = builder().onMiss(MissPolicy.fail()).build()) {
            assertThatThrownBy(() -> precast.load(Deployment.module(1), NEVER_ASKED))
                    .isInstanceOf(ArtifactMissingException.class);
            server.add(deployment.artifact(1, 1000));
            assertThat(precast.load(Deployment.module(1), NEVER_ASKED).isCompiled())
                    .isTrue();
        }
    }

    @Test
    void bytes_of_another_module_are_an_error_of_the_host() {
        try (var precast = builder().build()) {
            assertThatThrownBy(() -> precast.load(Deployment.module(1), wasm(2)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(Deployment.module(2).toString());
            assertThatThrownBy(() -> precast.load(Deployment.module(1), () -> {
                        throw new IOException("gone");
                    }))
                    .isInstanceOf(UncheckedIOException.class);
        }
    }

    @Test
    void threads_that_ask_at_one_time_share_one_load() throws Exception {
        server.add(deployment.artifact(1, 100_000));
        ExecutorService threads = Executors.newFixedThreadPool(16);

        try (var precast = builder().build()) {
            Callable<BundleLoader.Loaded> load = () -> precast.load(Deployment.module(1), NEVER_ASKED);
            for (Future<BundleLoader.Loaded> loaded : threads.invokeAll(Collections.nCopies(16, load))) {
                assertThat(loaded.get().isCompiled()).isTrue();
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(loader.loads).hasValue(1);
        assertThat(server.downloads).hasValue(1);
    }

    @Test
    void the_most_preferred_lane_that_has_an_artifact_is_taken_and_others_are_no_error() {
        Lane better = new Lane(
                Deployment.LANE.engine(),
                Deployment.LANE.engineHash(),
                CompileConfig.parse("{\"fast\":true}"),
                Deployment.LANE.target());
        MemorySource memory = new MemorySource();
        deployment.trust(memory, Instant.now());
        Deployment.Artifact artifact = deployment.artifact(1, 1000);
        memory.put(artifact.attestation().key(), artifact.envelope(), artifact.payload());

        try (var precast = Precast.builder(new BundleLoader(List.of(better, Deployment.LANE)))
                .source(memory)
                .trustRoot(deployment.rootText())
                .build()) {
            assertThat(precast.load(Deployment.module(1), NEVER_ASKED).isCompiled())
                    .isTrue();
        }
    }

    @Test
    void a_listener_that_throws_fails_no_load() {
        server.add(deployment.artifact(1, 1000));
        PrecastListener broken = event -> {
            throw new IllegalStateException("metrics are down");
        };

        try (var precast = builder().listener(broken).build()) {
            assertThat(precast.load(Deployment.module(1), NEVER_ASKED).isCompiled())
                    .isTrue();
        }
    }

    @Test
    void without_a_trust_root_nothing_is_built() {
        assertThatThrownBy(() -> Precast.builder(loader).service(server.uri()).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(PrecastBuilder.TRUST_ROOT_VARIABLE);
    }

    @Test
    void many_modules_stay_in_memory_up_to_the_limit() {
        for (int i = 0; i < 40; i++) {
            server.add(deployment.artifact(i, 100));
        }
        try (var precast = builder().maxLoaded(100).build()) {
            for (int i = 0; i < 80; i++) {
                precast.load(Deployment.module(i % 40), NEVER_ASKED);
            }
        }
        assertThat(loader.loads).hasValue(40);

        try (var precast = builder().maxLoaded(2).build()) {
            for (int i = 0; i < 80; i++) {
                precast.load(Deployment.module(i % 40), NEVER_ASKED);
            }
        }
        assertThat(loader.loads).hasValueGreaterThan(100);
    }

    @Test
    void a_host_without_a_memory_cache_loads_each_time() {
        server.add(deployment.artifact(1, 100));

        try (var precast = builder().maxLoaded(0).build()) {
            precast.load(Deployment.module(1), NEVER_ASKED);
            precast.load(Deployment.module(1), NEVER_ASKED);
        }

        assertThat(loader.loads).hasValue(2);
    }

    @Test
    void a_new_signing_key_causes_no_miss() throws Exception {
        Deployment rotated = new Deployment(deployment.root, SigningKey.generate());
        server.add(deployment.artifact(1, 100));
        server.add(rotated.artifact(2, 100));
        Instant[] now = {Instant.parse("2026-06-01T00:00:00Z")};
        clock = () -> now[0];
        try (var precast = builder().onMiss(MissPolicy.fail()).build()) {
            precast.load(Deployment.module(1), NEVER_ASKED);
            server.policy = rotated.policy(2).toJson();
            now[0] = now[0].plusSeconds(10);

            assertThat(precast.load(Deployment.module(2), NEVER_ASKED).isCompiled())
                    .isTrue();
        }
    }
}
