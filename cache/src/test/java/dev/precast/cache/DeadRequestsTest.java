package dev.precast.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.queue.CompileRequest;
import dev.precast.cache.queue.DeadLetter;
import dev.precast.cache.queue.InProcessDeadLetters;
import dev.precast.cache.queue.Priority;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class DeadRequestsTest {
    private final Fixture fixture = new Fixture();
    private final InProcessDeadLetters letters = new InProcessDeadLetters();
    private final DeadRequests dead = new DeadRequests(letters, fixture.queue, fixture.outcomes);
    private final DeadLetter letter = new DeadLetter(fixture.artifact, "time", 5, Instant.EPOCH);

    @Test
    void a_letter_is_found_by_the_digest_of_its_key() {
        letters.add(letter);

        assertThat(dead.list()).containsExactly(letter);
        assertThat(dead.find(fixture.artifact.digest())).contains(letter);
        assertThat(dead.find(Digest.of(new byte[1]))).isEmpty();
    }

    @Test
    void a_retried_letter_is_queued_and_its_failure_is_deleted() {
        letters.add(letter);
        fixture.fail();

        assertThat(dead.retry(fixture.artifact.digest())).isEqualTo(DeadRequests.Retried.QUEUED);
        assertThat(fixture.queue.holds(fixture.artifact)).isTrue();
        assertThat(fixture.outcomes.find(fixture.artifact)).isEmpty();
        assertThat(dead.list()).isEmpty();
        assertThat(dead.retry(fixture.artifact.digest())).isEqualTo(DeadRequests.Retried.UNKNOWN);
    }

    @Test
    void a_letter_stays_while_the_queue_is_full() {
        letters.add(letter);
        for (int i = 0; i < 2; i++) {
            fixture.queue.enqueue(new CompileRequest(
                    fixture.lane.id().key(ModuleDigest.of(new byte[] {(byte) i})), Priority.WARM));
        }

        assertThat(dead.retry(fixture.artifact.digest())).isEqualTo(DeadRequests.Retried.QUEUE_FULL);
        assertThat(dead.list()).containsExactly(letter);
    }
}
