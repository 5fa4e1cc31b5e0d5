package dev.precast.cache.outcome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.cache.outcome.CompileOutcome.Cause;
import dev.precast.json.JsonException;
import dev.precast.json.JsonObject;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LimitsTest {
    private static final Limits SMALL = new Limits(1, 2, 3, 4, 5);

    @Test
    void higher_limits_of_the_exhausted_resource_may_succeed() {
        assertThat(helpedBy(new Limits(2, 2, 3, 4, 5))).containsExactlyInAnyOrder(Cause.MEMORY, Cause.CRASH);
        assertThat(helpedBy(new Limits(1, 3, 3, 4, 5))).containsExactlyInAnyOrder(Cause.MEMORY, Cause.CRASH);
        assertThat(helpedBy(new Limits(1, 2, 4, 4, 5))).containsExactlyInAnyOrder(Cause.TIME, Cause.CRASH);
        assertThat(helpedBy(new Limits(1, 2, 3, 5, 5))).containsExactlyInAnyOrder(Cause.TIME);
        assertThat(helpedBy(new Limits(1, 2, 3, 4, 6))).containsExactlyInAnyOrder(Cause.OUTPUT);
        assertThat(helpedBy(SMALL)).isEmpty();
        assertThat(helpedBy(new Limits(1, 1, 1, 1, 1))).isEmpty();
    }

    @Test
    void the_json_form_is_read_back_and_strict() {
        JsonObject json = SMALL.toJson();

        assertThat(Limits.fromJson(json)).isEqualTo(SMALL);
        assertThatThrownBy(() -> Limits.fromJson(json.with("more", 1))).isInstanceOf(JsonException.class);
        assertThatThrownBy(() -> Limits.fromJson(json.with("heapMb", 0))).hasMessageStartingWith("heapMb: expected");
        assertThatThrownBy(() -> Limits.fromJson(json.with("heapMb", 1L << 31))).isInstanceOf(JsonException.class);
        assertThatThrownBy(() -> Limits.fromJson(JsonObject.EMPTY)).hasMessage("heapMb: missing");
    }

    @Test
    void all_are_positive() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Limits(1, 1, 0, 1, 1))
                .withMessageContaining("CPU 0 s");
    }

    private static Set<Cause> helpedBy(Limits now) {
        Set<Cause> helped = EnumSet.noneOf(Cause.class);
        Arrays.stream(Cause.values()).filter(c -> now.mayDoBetterThan(SMALL, c)).forEach(helped::add);
        return helped;
    }
}
