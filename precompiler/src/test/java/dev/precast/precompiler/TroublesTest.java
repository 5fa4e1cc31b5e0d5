package dev.precast.precompiler;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineHash;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.artifact.Target;
import dev.precast.cache.store.StoreException;
import dev.precast.cache.store.StoreFullException;
import dev.precast.cache.worker.Trouble;
import dev.precast.cache.worker.Trouble.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TroublesTest {
    private static final ArtifactKey KEY = key("a");
    private static final Trouble FULL = new Trouble(Kind.STORE, "full");

    private Duration now = Duration.ZERO;
    private @Nullable Trouble condition;
    private @Nullable RuntimeException trialFault;
    private final List<Duration> trials = new ArrayList<>();
    private final Troubles troubles =
            new Troubles(() -> Optional.ofNullable(condition), this::attempt, () -> now.toNanos());

    private void attempt() {
        trials.add(now);
        if (trialFault != null) {
            throw trialFault;
        }
    }

    @Test
    void two_errors_in_a_row_are_within_the_budget_and_the_third_stops_the_worker() throws Exception {
        troubles.failed(KEY, FULL);
        troubles.failed(KEY, FULL);
        assertThat(troubles.mayTake()).isTrue();
        troubles.failed(KEY, FULL);
        assertThat(troubles.mayTake()).isFalse();
        assertThat(troubles.current()).hasValue(FULL);
        assertThat(trials).isEmpty();
    }

    @Test
    void what_the_policy_refuses_for_one_key_does_not_stop_the_others() throws Exception {
        Trouble refused = Troubles.of(new RefusedByPolicyException("pack denied"));
        for (int i = 1; i <= 10; i++) {
            assertThat(troubles.failed(KEY, refused)).isEqualTo(i);
        }
        assertThat(refused.kind()).isEqualTo(Kind.POLICY);
        assertThat(troubles.mayTake()).isTrue();
    }

    @Test
    void a_mistake_that_one_module_causes_again_and_again_does_not_stop_the_others() throws Exception {
        Trouble mistake = Troubles.of(new IllegalStateException("mistake"));
        for (int i = 1; i <= 10; i++) {
            assertThat(troubles.failed(KEY, mistake)).isEqualTo(i);
        }
        assertThat(troubles.mayTake()).isTrue();
        troubles.failed(key("b"), mistake);
        assertThat(troubles.mayTake()).isTrue();
        troubles.failed(key("c"), mistake);
        assertThat(troubles.mayTake()).isFalse();
    }

    @Test
    void a_result_that_could_be_stored_ends_the_count() throws Exception {
        for (int i = 0; i < 10; i++) {
            troubles.failed(KEY, FULL);
            troubles.failed(KEY, FULL);
            troubles.succeeded(KEY);
        }
        assertThat(troubles.mayTake()).isTrue();
    }

    @Test
    void trials_come_after_pauses_that_double_up_to_a_minute() throws Exception {
        trialFault = new StoreException("403", false, null);
        stop();
        for (int second = 0; second < 300; second++) {
            now = Duration.ofSeconds(second);
            assertThat(troubles.mayTake()).isFalse();
        }
        assertThat(trials.stream().map(Duration::toSeconds)).containsExactly(5L, 15L, 35L, 75L, 135L, 195L, 255L);
        assertThat(troubles.current()).map(Trouble::reason).hasValue("403");
    }

    @Test
    void a_trial_that_works_starts_the_worker_and_the_next_error_stops_it_for_longer() throws Exception {
        stop();
        now = Duration.ofSeconds(5);
        assertThat(troubles.mayTake()).isTrue();
        assertThat(troubles.current()).isEmpty();
        troubles.failed(KEY, FULL);
        assertThat(troubles.mayTake()).isFalse();
        now = now.plusSeconds(9);
        assertThat(troubles.mayTake()).isFalse();
        now = now.plusSeconds(1);
        assertThat(troubles.mayTake()).isTrue();
        troubles.succeeded(KEY);
        troubles.failed(KEY, FULL);
        assertThat(troubles.mayTake()).isTrue();
    }

    @Test
    void a_condition_stops_the_worker_as_long_as_it_holds_without_trials() throws Exception {
        condition = new Trouble(Kind.CLOCK, "off");
        assertThat(troubles.mayTake()).isFalse();
        assertThat(troubles.current()).hasValue(condition);
        condition = null;
        assertThat(troubles.mayTake()).isTrue();
        assertThat(trials).isEmpty();
    }

    @Test
    void a_queue_that_does_not_answer_is_told_and_asked_again() throws Exception {
        troubles.queueFailed("down");
        assertThat(troubles.current()).map(Trouble::toString).hasValue("queue: down");
        assertThat(troubles.mayTake()).isTrue();
        troubles.queueAnswered();
        assertThat(troubles.current()).isEmpty();
    }

    @Test
    void errors_are_counted_for_each_key_until_one_of_its_results_is_stored() {
        assertThat(troubles.failed(KEY, FULL)).isEqualTo(1);
        assertThat(troubles.failed(KEY, FULL)).isEqualTo(2);
        assertThat(troubles.failed(key("b"), FULL)).isEqualTo(1);
        troubles.succeeded(KEY);
        assertThat(troubles.failed(KEY, FULL)).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"1, 5", "2, 10", "3, 20", "6, 160", "7, 300", "50, 300"})
    void a_request_goes_back_with_a_delay_that_doubles_up_to_five_minutes(int count, long seconds) {
        assertThat(Troubles.delay(count)).isEqualTo(Duration.ofSeconds(seconds));
    }

    @Test
    void an_exception_tells_what_is_in_trouble() {
        IOException full = new IOException("No space left on device");
        assertThat(Troubles.of(full).kind()).isEqualTo(Kind.DISK);
        assertThat(Troubles.of(StoreFullException.of("writing", full)).kind()).isEqualTo(Kind.DISK);
        assertThat(Troubles.of(new StoreException("403", false, null)).kind()).isEqualTo(Kind.STORE);
        assertThat(Troubles.of(new OutOfMemoryError("heap")).kind()).isEqualTo(Kind.MACHINE);
        assertThat(Troubles.of(new SupervisorTroubleException("fork", null)).kind())
                .isEqualTo(Kind.MACHINE);
        assertThat(Troubles.of(new IllegalStateException("mistake")))
                .hasToString("other: java.lang.IllegalStateException: mistake");
    }

    private static ArtifactKey key(String module) {
        byte[] bytes = module.getBytes(UTF_8);
        return new LaneId(
                        EngineId.parse("copy@1.0.0+1"),
                        new EngineHash(Digest.of(bytes)),
                        CompileConfig.parse("{}").hash(),
                        Target.JVM)
                .key(ModuleDigest.of(bytes));
    }

    private void stop() {
        for (int i = 0; i < Troubles.BUDGET; i++) {
            troubles.failed(KEY, FULL);
        }
    }
}
