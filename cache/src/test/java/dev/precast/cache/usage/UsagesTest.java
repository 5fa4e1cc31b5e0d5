package dev.precast.cache.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.Digest;
import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.Fixture;
import java.io.ByteArrayInputStream;
import java.io.IOException;
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
    private final Usages first = fixture.usages();
    private final Usages second = fixture.usages();
    private final Digest lane = fixture.lane.id().digest();

    @AfterEach
    void close() throws Exception {
        first.close();
        second.close();
    }

    /** A module that is stored. */
    private ModuleDigest module(int number) throws IOException {
        byte[] bytes = ByteBuffer.allocate(4).putInt(number).array();
        fixture.moduleStore.put(new ByteArrayInputStream(bytes), null, bytes.length);
        return ModuleDigest.of(bytes);
    }

    @Test
    void what_hosts_of_all_replicas_loaded_is_added_up_most_first() throws Exception {
        first.report(EDGE, lane, Map.of(module(1), 1, module(2), 5));
        second.report(ALL, lane, Map.of(module(1), 7, module(3), 1));
        first.flush();
        second.flush();

        assertThat(first.modules(ALL, WEEK)).startsWith(module(1), module(2)).hasSize(3);
        assertThat(second.modules(EDGE, WEEK)).containsExactly(module(2), module(1));
        assertThat(second.modules(Optional.of("other"), WEEK)).isEmpty();
    }

    @Test
    void what_was_said_counts_before_it_is_written_down() throws Exception {
        first.report(EDGE, lane, Map.of(module(1), 1));

        assertThat(first.modules(EDGE, WEEK)).containsExactly(module(1));
        assertThat(second.modules(EDGE, WEEK)).isEmpty();
    }

    @Test
    void what_was_used_longer_ago_is_not_asked_for() throws Exception {
        first.report(ALL, lane, Map.of(module(1), 1));
        fixture.after(Duration.ofHours(30));
        first.report(ALL, lane, Map.of(module(2), 1));

        assertThat(first.modules(ALL, Duration.ofHours(29))).containsExactly(module(2));
        assertThat(first.modules(ALL, Duration.ofHours(31))).containsExactlyInAnyOrder(module(1), module(2));
    }

    @Test
    void a_lane_that_is_not_registered_is_not_noted() throws Exception {
        first.report(ALL, Digest.of(new byte[] {4}), Map.of(module(1), 1));

        assertThat(first.modules(ALL, WEEK)).isEmpty();
    }

    @Test
    void a_module_that_was_never_here_is_not_noted() throws Exception {
        first.report(EDGE, lane, Map.of(module(1), 1, ModuleDigest.of(new byte[] {9}), 1_000_000));

        assertThat(first.modules(ALL, WEEK)).containsExactly(module(1));
        assertThat(first.modules(EDGE, WEEK)).containsExactly(module(1));
    }

    @Test
    void what_was_compiled_is_noted_also_where_its_module_is_not_stored_any_more() throws Exception {
        fixture.publish();
        fixture.moduleStore.delete(fixture.artifact.module().digest());
        first.report(ALL, lane, Map.of(fixture.artifact.module(), 1));

        assertThat(first.modules(ALL, WEEK)).containsExactly(fixture.artifact.module());
    }

    @Test
    void a_hundred_groups_are_counted_apart_and_one_that_went_silent_makes_room() throws Exception {
        for (int i = 0; i < Usages.MAX_GROUPS; i++) {
            first.report(Optional.of("group" + i), lane, Map.of(module(1), 1));
        }
        first.report(EDGE, lane, Map.of(module(2), 1));
        first.flush();

        assertThat(second.modules(EDGE, WEEK)).isEmpty();
        assertThat(second.modules(Optional.of("group99"), WEEK)).containsExactly(module(1));
        assertThat(second.modules(ALL, WEEK)).contains(module(2));

        fixture.after(Duration.ofHours(47));
        first.report(Optional.of("group0"), lane, Map.of(module(3), 1));
        fixture.after(Duration.ofHours(2));
        first.report(EDGE, lane, Map.of(module(2), 1));
        assertThat(first.modules(EDGE, WEEK)).containsExactly(module(2));
        first.report(Optional.of("group0"), lane, Map.of(module(4), 1));
        assertThat(first.modules(Optional.of("group0"), WEEK)).contains(module(3), module(4));
    }

    @Test
    void a_store_that_fails_loses_nothing_that_was_said() throws Exception {
        first.report(ALL, lane, Map.of(module(1), 1));
        fixture.documents.failing = true;
        assertThatThrownBy(first::flush).hasMessageContaining("told to fail");
        fixture.documents.failing = false;
        first.flush();

        assertThat(second.modules(ALL, WEEK)).containsExactly(module(1));
    }

    @Test
    void lookups_are_no_loads_but_count_as_the_last_use() throws Exception {
        first.lookedUp(fixture.artifact);

        UsageDay.Use use = new UsageDay.Use(lane, fixture.artifact.module().digest());
        assertThat(first.modules(ALL, WEEK)).isEmpty();
        assertThat(first.lastUses(WEEK)).containsOnlyKeys(use);
    }

    @Test
    void a_day_is_bounded_and_what_was_used_last_stays() throws Exception {
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
