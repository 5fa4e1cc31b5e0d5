package dev.precast.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.Digest;
import dev.precast.artifact.ModuleDigest;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UsagesTest {
    private static final Optional<String> ALL = Optional.empty();
    private static final Optional<String> EDGE = Optional.of("edge");
    private static final Duration WEEK = Duration.ofDays(7);

    private final Fixture fixture = new Fixture();
    private final Usages first = replica();
    private final Usages second = replica();
    private final Digest lane = fixture.lane.id().digest();

    private Usages replica() {
        return new Usages(fixture.documents, fixture.engines, fixture.clock, Duration.ofDays(1));
    }

    @AfterEach
    void close() throws Exception {
        first.close();
        second.close();
    }

    private static ModuleDigest module(int number) {
        return ModuleDigest.of(ByteBuffer.allocate(4).putInt(number).array());
    }

    @Test
    void what_hosts_of_all_replicas_loaded_is_added_up_most_first() {
        first.report(EDGE, lane, Map.of(module(1), 1, module(2), 5));
        second.report(ALL, lane, Map.of(module(1), 7, module(3), 1));
        first.flush();
        second.flush();

        assertThat(first.modules(ALL, WEEK)).startsWith(module(1), module(2)).hasSize(3);
        assertThat(second.modules(EDGE, WEEK)).containsExactly(module(2), module(1));
        assertThat(second.modules(Optional.of("other"), WEEK)).isEmpty();
    }

    @Test
    void what_was_said_counts_before_it_is_written_down() {
        first.report(EDGE, lane, Map.of(module(1), 1));

        assertThat(first.modules(EDGE, WEEK)).containsExactly(module(1));
        assertThat(second.modules(EDGE, WEEK)).isEmpty();
    }

    @Test
    void what_was_used_longer_ago_is_not_asked_for() {
        first.report(ALL, lane, Map.of(module(1), 1));
        fixture.after(Duration.ofHours(30));
        first.report(ALL, lane, Map.of(module(2), 1));

        assertThat(first.modules(ALL, Duration.ofHours(29))).containsExactly(module(2));
        assertThat(first.modules(ALL, Duration.ofHours(31))).containsExactlyInAnyOrder(module(1), module(2));
    }

    @Test
    void a_lane_that_is_not_registered_is_not_noted() {
        first.report(ALL, Digest.of(new byte[] {4}), Map.of(module(1), 1));

        assertThat(first.modules(ALL, WEEK)).isEmpty();
    }

    @Test
    void a_store_that_fails_loses_nothing_that_was_said() {
        first.report(ALL, lane, Map.of(module(1), 1));
        fixture.documents.failing = true;
        assertThatThrownBy(first::flush).hasMessageContaining("told to fail");
        fixture.documents.failing = false;
        first.flush();

        assertThat(second.modules(ALL, WEEK)).containsExactly(module(1));
    }

    @Test
    void lookups_are_no_loads_but_count_as_the_last_use() {
        first.lookedUp(fixture.artifact);

        UsageDay.Use use = new UsageDay.Use(lane, fixture.artifact.module().digest());
        assertThat(first.modules(ALL, WEEK)).isEmpty();
        assertThat(first.lastUses(WEEK)).containsOnlyKeys(use);
    }

    @Test
    void a_day_is_bounded_and_what_was_used_last_stays() {
        for (int part = 0; part < 50; part++) {
            Map<ModuleDigest, Integer> loads = new HashMap<>();
            for (int i = 0; i < 1000; i++) {
                loads.put(module(part * 1000 + i), 1);
            }
            first.report(ALL, lane, loads);
            fixture.after(Duration.ofMinutes(1));
        }
        first.flush();

        List<ModuleDigest> kept = second.modules(ALL, WEEK);
        assertThat(kept).hasSize(UsageDay.MAX_USES).contains(module(49_999)).doesNotContain(module(0));
    }
}
