package dev.precast.cache.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.cache.Fixture;
import dev.precast.json.JsonObject;
import dev.precast.protocol.KeyState;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class JudgeTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final ArtifactKey KEY = new Fixture().artifact;
    private static final Digest PACK = Fixture.PACK;
    private static final Digest REBUILT = Digest.of(new byte[] {2});
    private static final Limits SMALL = new Limits(10, 10, 10, 10, 10);
    private static final CompileTerms NARROW = new CompileTerms(PACK, SMALL, caps(1, 1));
    private static final CompileTerms WIDE = new CompileTerms(PACK, SMALL, caps(2, 1));
    private static final CompileTerms BIG = new CompileTerms(PACK, new Limits(10, 20, 10, 10, 10), caps(1, 1));

    private static JsonObject caps(long functions, long tables) {
        return JsonObject.EMPTY.with("functions", functions).with("tables", tables);
    }

    private static Judge judge(CompileTerms... workers) {
        return new Judge(List.of(workers), NOW);
    }

    private static CompileTerms rebuilt(CompileTerms terms) {
        return new CompileTerms(REBUILT, terms.limits(), terms.caps());
    }

    private static CompileOutcome rejected(CompileTerms by) {
        return new CompileOutcome.Rejected(KEY, by.pack(), by.caps(), new KeyState.Rejected("over-cap", "it is"), NOW);
    }

    private static CompileOutcome failed(CompileTerms by, String cause) {
        return new CompileOutcome.Failed(
                KEY, by.pack(), by.limits(), new KeyState.Failed(cause, "", 9, NOW.plusSeconds(60)), NOW);
    }

    @Test
    void an_outcome_counts_while_a_worker_has_its_pack_and_none_may_do_better() {
        assertThat(judge(NARROW).counts(rejected(NARROW))).isTrue();
        assertThat(judge(NARROW, rebuilt(NARROW)).counts(rejected(NARROW))).isTrue();
        assertThat(judge(rebuilt(NARROW)).counts(rejected(NARROW))).isFalse();
        assertThat(judge(NARROW, WIDE).counts(rejected(NARROW))).isFalse();
        assertThat(judge(NARROW, rebuilt(WIDE)).counts(rejected(NARROW))).isFalse();
        assertThat(judge(NARROW, WIDE).counts(rejected(WIDE))).isTrue();
        assertThat(judge(NARROW, BIG).counts(failed(NARROW, "memory"))).isFalse();
        assertThat(judge(NARROW, BIG).counts(failed(NARROW, "output"))).isTrue();
        assertThat(judge().counts(rejected(NARROW))).isFalse();
    }

    @Test
    void a_failure_counts_until_its_back_off_ends() {
        CompileOutcome failure = failed(NARROW, "crash");
        assertThat(new Judge(List.of(NARROW), NOW.plusSeconds(59)).counts(failure))
                .isTrue();
        assertThat(new Judge(List.of(NARROW), NOW.plusSeconds(60)).counts(failure))
                .isFalse();
    }

    @Test
    void only_a_worker_that_may_do_better_must_compile_a_key_with_an_outcome() {
        Judge both = judge(NARROW, WIDE);
        assertThat(both.mustCompile(NARROW, rejected(NARROW))).isFalse();
        assertThat(both.mustCompile(WIDE, rejected(NARROW))).isTrue();
        assertThat(judge(NARROW, rebuilt(NARROW), WIDE).mustCompile(rebuilt(NARROW), rejected(NARROW)))
                .as("another build, while the outcome of the first stands")
                .isFalse();
        assertThat(judge(rebuilt(NARROW)).mustCompile(rebuilt(NARROW), rejected(NARROW)))
                .as("another build, when the first is gone")
                .isTrue();
    }

    @Test
    void workers_that_each_have_a_higher_cap_than_the_other_do_not_reject_in_turns() {
        CompileTerms other = new CompileTerms(PACK, SMALL, caps(1, 2));
        Judge both = judge(WIDE, other);
        CompileOutcome first = rejected(WIDE);
        assertThat(both.mustCompile(other, first)).isTrue();

        CompileTerms tried = both.including(first, other);

        assertThat(tried.caps()).isEqualTo(caps(2, 2));
        assertThat(both.counts(rejected(tried))).isTrue();
    }

    @Test
    void workers_that_each_have_a_higher_limit_than_the_other_do_not_fail_in_turns() {
        CompileTerms fast = new CompileTerms(PACK, new Limits(10, 10, 20, 10, 10), caps(1, 1));
        Judge both = judge(BIG, fast);
        CompileOutcome first = failed(fast, "memory");
        assertThat(both.mustCompile(BIG, first)).isTrue();

        CompileTerms tried = both.including(first, BIG);

        assertThat(tried.limits()).isEqualTo(new Limits(10, 20, 20, 10, 10));
        assertThat(both.counts(failed(tried, "time"))).isTrue();
        assertThat(new Judge(List.of(BIG, fast), NOW.plusSeconds(60)).including(first, BIG))
                .as("after the back-off each may try again")
                .isEqualTo(BIG);
    }

    @Test
    void a_cap_that_a_worker_does_not_have_is_no_limit() {
        CompileTerms without = new CompileTerms(PACK, SMALL, JsonObject.EMPTY.with("functions", 1));
        assertThat(judge(NARROW, without).counts(rejected(NARROW))).isFalse();
        assertThat(judge(NARROW, without).counts(rejected(without))).isTrue();
    }
}
