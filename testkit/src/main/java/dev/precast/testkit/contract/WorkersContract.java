package dev.precast.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.precast.artifact.Digest;
import dev.precast.cache.outcome.Limits;
import dev.precast.cache.worker.Trouble;
import dev.precast.cache.worker.WorkerNotice;
import dev.precast.cache.worker.Workers;
import dev.precast.module.StaticCaps;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The contract of {@link Workers}. The test of each adapter extends it. */
public abstract class WorkersContract {
    private static final WorkerNotice ONE = notice("one", Set.of(SampleKeys.digest("lane")), 2);
    private static final WorkerNotice TWO = notice("two", Set.of(SampleKeys.digest("lane")), 4);

    private final AtomicReference<Instant> now = new AtomicReference<>(SampleKeys.NOW);
    private Workers workers;

    /** An instance without heartbeats; called once per test. */
    protected abstract Workers fresh(InstantSource clock) throws Exception;

    /** Waits, with a time limit, until {@code expected} workers are alive; returns the live workers. */
    protected abstract List<WorkerNotice> alive(Workers asked, int expected) throws Exception;

    @BeforeEach
    void open() throws Exception {
        workers = fresh(now::get);
    }

    @Test
    void nobody_is_alive_at_first() {
        assertThat(workers.alive()).isEmpty();
    }

    @Test
    void a_worker_with_a_heartbeat_is_alive_and_its_last_heartbeat_counts() throws Exception {
        workers.announce(TWO);
        workers.announce(notice("one", Set.of(SampleKeys.digest("other")), 1));
        workers.announce(ONE);

        assertThat(alive(workers, 2)).containsExactly(ONE, TWO);
    }

    @Test
    void a_worker_that_leaves_is_not_alive() throws Exception {
        workers.announce(ONE);
        workers.announce(TWO);
        workers.announce(notice("two", Set.of(), 0));

        assertThat(alive(workers, 1)).containsExactly(ONE);
    }

    @Test
    void a_silent_worker_is_not_alive_after_the_timeout() throws Exception {
        workers.announce(ONE);
        assertThat(alive(workers, 1)).containsExactly(ONE);

        now.set(SampleKeys.NOW.plus(Workers.HEARTBEAT_TIMEOUT));
        assertThat(workers.alive()).containsExactly(ONE);
        now.set(SampleKeys.NOW.plus(Workers.HEARTBEAT_TIMEOUT).plus(Duration.ofMillis(1)));
        assertThat(workers.alive()).isEmpty();
    }

    @Test
    void a_worker_in_trouble_is_alive_and_tells_its_trouble() throws Exception {
        WorkerNotice troubled = new WorkerNotice(
                "one",
                ONE.lanes(),
                0,
                ONE.limits(),
                ONE.caps(),
                Map.of(),
                Optional.of(new Trouble(Trouble.Kind.DISK, "no space\nleft")));
        workers.announce(troubled);
        assertThat(alive(workers, 1)).containsExactly(troubled);
        assertThat(troubled.trouble()).map(Trouble::toString).hasValue("disk: no space left");
    }

    @Test
    void a_name_is_a_word() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> notice("a.b", Set.of(), 1))
                .withMessage("worker: expected 1 to 64 letters, digits, _ and -, found \"a.b\"");
    }

    @Test
    void a_worker_tells_the_pack_of_each_lane() throws Exception {
        Digest served = SampleKeys.digest("lane");
        Digest other = SampleKeys.digest("other");
        Digest untold = SampleKeys.digest("third");
        Map<Digest, Digest> packs = Map.of(served, SampleKeys.digest("pack"), other, SampleKeys.digest("rebuilt pack"));
        WorkerNotice telling = new WorkerNotice(
                "one", Set.of(served, other, untold), 1, Limits.DEFAULT, StaticCaps.DEFAULT.toJson(), packs);
        workers.announce(telling);

        assertThat(alive(workers, 1)).containsExactly(telling);
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new WorkerNotice("one", Set.of(served), 1, Limits.DEFAULT, StaticCaps.DEFAULT.toJson(), packs))
                .withMessage("worker one: expected packs of served lanes, found others");
    }

    private static WorkerNotice notice(String name, Set<Digest> lanes, int slots) {
        return new WorkerNotice(name, lanes, slots, Limits.DEFAULT, StaticCaps.DEFAULT.toJson());
    }
}
