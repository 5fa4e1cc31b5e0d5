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
    void loads_of_all_replicas_are_added_and_sorted() throws Exception {
        first.report(EDGE, lane, Map.of(module(1), 1, module(2), 5));
        second.report(ALL, lane, Map.of(module(1), 7, module(3), 1));
        first.flush();
        second.flush();

        assertThat(first.modules(ALL, WEEK)).startsWith(module(1), module(2)).hasSize(3);
        assertThat(second.modules(EDGE, WEEK)).containsExactly(module(2), module(1));
        assertThat(second.modules(Optional.of("other"), WEEK)).isEmpty();
    }

    @Test
    void reports_count_before_they_are_stored() throws Exception {
        first.report(EDGE, lane, Map.of(module(1), 1));

        assertThat(first.modules(EDGE, WEEK)).containsExactly(module(1));
        assertThat(second.modules(EDGE, WEEK)).isEmpty();
    }

    @Test
    void a_damaged_day_counts_as_unused_and_is_written_again() throws Exception {
        first.report(ALL, lane, Map.of(module(1), 1));
        first.flush();
        fixture.documents.put("usage/" + Usages.day(fixture.clock.instant()) + "/hosts", new byte[] {'{'}, "*");
        assertThat(second.modules(ALL, WEEK)).isEmpty();

        first.report(ALL, lane, Map.of(module(2), 1));
        first.flush();

        assertThat(second.modules(ALL, WEEK)).containsExactly(module(2));
    }

    @Test
    void older_use_is_not_read() throws Exception {
        first.report(ALL, lane, Map.of(module(1), 1));
        fixture.after(Duration.ofHours(30));
        first.report(ALL, lane, Map.of(module(2), 1));

        assertThat(first.modules(ALL, Duration.ofHours(29))).containsExactly(module(2));
        assertThat(first.modules(ALL, Duration.ofHours(31))).containsExactlyInAnyOrder(module(1), module(2));
    }

    @Test
    void an_unregistered_lane_is_not_recorded() throws Exception {
        first.report(ALL, Digest.of(new byte[] {4}), Map.of(module(1), 1));

        assertThat(first.modules(ALL, WEEK)).isEmpty();
    }

    @Test
    void an_unknown_module_is_not_recorded() throws Exception {
        first.report(EDGE, lane, Map.of(module(1), 1, ModuleDigest.of(new byte[] {9}), 1_000_000));

        assertThat(first.modules(ALL, WEEK)).containsExactly(module(1));
        assertThat(first.modules(EDGE, WEEK)).containsExactly(module(1));
    }

    @Test
    void a_compiled_module_is_recorded_even_if_it_is_no_longer_stored() throws Exception {
        fixture.publish();
        fixture.moduleStore.delete(fixture.artifact.module().digest());
        first.report(ALL, lane, Map.of(fixture.artifact.module(), 1));

        assertThat(first.modules(ALL, WEEK)).containsExactly(fixture.artifact.module());
    }

    @Test
    void up_to_a_hundred_groups_are_counted_and_an_inactive_one_is_replaced() throws Exception {
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
    void a_failing_store_loses_no_reports() throws Exception {
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
    void a_day_has_a_limit_and_the_most_recently_used_stay() throws Exception {
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
