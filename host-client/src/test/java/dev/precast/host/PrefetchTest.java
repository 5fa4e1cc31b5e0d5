package dev.precast.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.precast.artifact.ModuleDigest;
import dev.precast.protocol.KeyState;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class PrefetchTest extends ServedHost {
    @Test
    void a_prefetch_looks_up_once_and_returns_the_result_of_each_module() {
        server.add(deployment.artifact(1, 1000));
        server.add(deployment.artifact(2, 1000));
        AtomicInteger told = new AtomicInteger();

        try (var precast = builder().build()) {
            List<ModuleDigest> wanted = List.of(Deployment.module(1), Deployment.module(3), Deployment.module(2));
            List<Prefetched> came = precast.prefetch(wanted, Duration.ofSeconds(20), p -> told.incrementAndGet());

            assertThat(came).extracting(Prefetched::module).isEqualTo(wanted);
            assertThat(came.get(0)).isInstanceOf(Prefetched.Ready.class);
            assertThat(came.get(1)).isInstanceOf(Prefetched.Missing.class);
            assertThat(precast.prefetch(wanted.subList(0, 1), Duration.ofSeconds(20), p -> {}))
                    .containsExactly(new Prefetched.Ready(Deployment.module(1), 0));
            assertThat(precast.load(Deployment.module(2), NEVER_ASKED).isCompiled())
                    .isTrue();
        }

        assertThat(told).hasValue(3);
        assertThat(server.requests).filteredOn("POST /v1/lookups"::equals).hasSize(1);
        assertThat(counters.hits(PrecastEvent.Tier.DISK)).isEqualTo(1);
    }

    @Test
    void a_long_list_is_looked_up_in_pieces_and_a_piece_that_fails_once_is_asked_for_again() {
        server.add(deployment.artifact(0, 1000));
        server.add(deployment.artifact(399, 1000));
        AtomicInteger lookups = new AtomicInteger();
        server.before =
                exchange -> exchange.getRequestURI().getPath().equals("/v1/lookups") && lookups.incrementAndGet() == 1;
        List<ModuleDigest> wanted =
                IntStream.range(0, 400).mapToObj(Deployment::module).toList();

        try (var precast = builder().build()) {
            List<Prefetched> came = precast.prefetch(wanted, Duration.ofMinutes(1), p -> {});

            assertThat(came).filteredOn(Prefetched.Ready.class::isInstance).hasSize(2);
            assertThat(came.get(1))
                    .isEqualTo(new Prefetched.Missing(
                            Deployment.module(1), new MissReason.NoArtifact(new KeyState.Absent(false))));
        }

        assertThat(lookups).hasValue(5);
    }

    @Test
    void a_prefetch_from_a_dead_service_ends_before_its_deadline_and_says_that_nobody_answered() {
        server.close();

        try (var precast = builder().build()) {
            assertThat(precast.prefetch(List.of(Deployment.module(1)), Duration.ofMinutes(10), p -> {}))
                    .first(type(Prefetched.Missing.class))
                    .extracting(Prefetched.Missing::reason)
                    .isInstanceOf(MissReason.NoSourceAnswers.class);
        }
    }
}
