package dev.precast.cache.damage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Samples;
import dev.precast.cache.damage.Checks.Submitted;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ChecksTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final List<ArtifactKey> checked = new CopyOnWriteArrayList<>();
    private final Semaphore permits = new Semaphore(0);
    private volatile Healed result = Healed.WHOLE;
    private volatile Duration time = Duration.ZERO;
    private final Checks checks = new Checks(this::heal, () -> time.toNanos());

    private Healed heal(ArtifactKey key) {
        permits.acquireUninterruptibly();
        checked.add(key);
        return result;
    }

    @AfterEach
    void close() throws Exception {
        permits.release(1000);
        checks.close();
    }

    private static ArtifactKey key(int number) {
        return Samples.LANE.id().key(ModuleDigest.of(new byte[] {(byte) number, (byte) (number >> 8)}));
    }

    private Submitted request(int key, String caller) throws InterruptedException {
        return checks.request(key(key), caller, Duration.ZERO);
    }

    @Test
    void a_key_is_in_the_queue_once_and_all_callers_get_its_result() throws Exception {
        for (int i = 0; i < 20; i++) {
            assertThat(request(1, "caller " + i)).isEqualTo(new Submitted.Running());
        }
        assertThat(checks.size()).isEqualTo(1);
        permits.release(1000);

        assertThat(checks.request(key(1), "another", LONG)).isEqualTo(new Submitted.Done(Healed.WHOLE));
        await().until(() -> checks.size() == 0);
        assertThat(checked).containsExactly(key(1));
    }

    @Test
    void a_caller_has_at_most_eight_keys_in_the_queue() throws Exception {
        for (int i = 0; i < Checks.MAX_A_CALLER; i++) {
            assertThat(request(i, "flood")).isEqualTo(new Submitted.Running());
        }
        assertThat(request(100, "flood")).isEqualTo(new Submitted.Full());
        assertThat(request(100, "other")).isEqualTo(new Submitted.Running());
    }

    @Test
    void the_queue_has_a_limit_for_all_callers() throws Exception {
        for (int i = 0; i < Checks.MAX_QUEUED; i++) {
            assertThat(request(i, "caller " + i)).isEqualTo(new Submitted.Running());
        }
        assertThat(request(1000, "one more")).isEqualTo(new Submitted.Full());
        assertThat(checks.doubt(key(1000), Duration.ZERO)).isEqualTo(new Submitted.Full());
    }

    @Test
    void a_payload_that_is_whole_is_not_read_again_because_of_a_report_for_a_minute() throws Exception {
        permits.release(1000);
        checks.request(key(1), "one", LONG);
        checks.request(key(1), "two", LONG);
        assertThat(checked).hasSize(1);

        checks.doubt(key(1), LONG);
        assertThat(checked).as("damage that this process saw itself").hasSize(2);

        time = Duration.ofMinutes(1);
        checks.request(key(1), "two", LONG);
        assertThat(checked).hasSize(3);
    }

    @Test
    void a_payload_that_was_rebuilt_is_read_again_when_it_is_reported_again() throws Exception {
        permits.release(1000);
        result = Healed.REBUILT;

        assertThat(checks.request(key(1), "one", LONG)).isEqualTo(new Submitted.Done(Healed.REBUILT));
        assertThat(checks.request(key(1), "one", LONG)).isEqualTo(new Submitted.Done(Healed.REBUILT));

        assertThat(checked).hasSize(2);
    }

    @Test
    void a_check_that_fails_does_not_stop_later_checks() throws Exception {
        try (Checks failing = new Checks(
                key -> {
                    if (key.equals(key(1))) {
                        throw new IllegalStateException("told to fail");
                    }
                    return Healed.WHOLE;
                },
                () -> 0)) {
            assertThat(failing.doubt(key(1), LONG)).isEqualTo(new Submitted.Done(Healed.UNKNOWN));
            assertThat(failing.doubt(key(2), LONG)).isEqualTo(new Submitted.Done(Healed.WHOLE));
        }
    }
}
