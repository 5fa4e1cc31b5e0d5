package dev.precast.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.Digest;
import dev.precast.cache.outcome.Limits;
import dev.precast.cache.queue.CompileRequest;
import dev.precast.cache.queue.Priority;
import dev.precast.cache.store.StoreException;
import dev.precast.cache.worker.Workers;
import dev.precast.json.JsonObject;
import dev.precast.protocol.KeyState;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KeyStatesTest {
    private static final JsonObject CAPS = JsonObject.EMPTY.with("functions", 10);

    private static final Digest REBUILT = Digest.of(new byte[] {2});

    private final Fixture fixture = new Fixture();

    private KeyState look() {
        return fixture.states.of(fixture.artifact);
    }

    @Test
    void a_verified_attestation_is_kept_for_ten_minutes() throws Exception {
        fixture.publish();
        assertThat(look()).isInstanceOf(KeyState.Present.class);
        int finds = fixture.documents.finds;

        fixture.after(Duration.ofMinutes(10).minusSeconds(1));
        assertThat(look()).isInstanceOf(KeyState.Present.class);
        assertThat(fixture.documents.finds).isEqualTo(finds);

        fixture.after(Duration.ofSeconds(1));
        look();
        assertThat(fixture.documents.finds).isGreaterThan(finds);
    }

    @Test
    void an_artifact_retired_by_another_replica_is_found_for_at_most_ten_minutes() throws Exception {
        fixture.publish();
        assertThat(look()).isInstanceOf(KeyState.Present.class);

        fixture.retire();

        fixture.after(Duration.ofMinutes(10).minusSeconds(1));
        assertThat(look()).isInstanceOf(KeyState.Present.class);
        fixture.after(Duration.ofSeconds(1));
        assertThat(look()).isEqualTo(new KeyState.Absent(false));
    }

    @Test
    void a_request_notices_a_retirement_by_another_replica_within_a_minute() throws Exception {
        fixture.publish();
        assertThat(look()).isInstanceOf(KeyState.Present.class);

        fixture.retire();

        fixture.after(Duration.ofMinutes(1).minusSeconds(1));
        assertThat(fixture.states.recent(fixture.artifact)).isInstanceOf(KeyState.Present.class);
        fixture.after(Duration.ofSeconds(1));
        assertThat(fixture.states.recent(fixture.artifact)).isEqualTo(new KeyState.Absent(false));
        assertThat(look()).as("the plain read after that is as fresh").isEqualTo(new KeyState.Absent(false));
    }

    @Test
    void an_event_drops_what_is_kept_of_an_artifact() throws Exception {
        fixture.publish();
        assertThat(look()).isInstanceOf(KeyState.Present.class);
        fixture.retire();

        fixture.states.forget(fixture.artifact);

        assertThat(look()).isEqualTo(new KeyState.Absent(false));
    }

    @Test
    void an_attestation_counts_no_longer_than_its_key() throws Exception {
        fixture.trustUntil(fixture.clock.instant().plus(Duration.ofMinutes(5)));
        fixture.publish();
        assertThat(look()).isInstanceOf(KeyState.Present.class);

        fixture.after(Duration.ofMinutes(5).minusSeconds(1));
        assertThat(look()).isInstanceOf(KeyState.Present.class);
        fixture.after(Duration.ofSeconds(1));
        assertThat(look()).isEqualTo(new KeyState.Absent(false));
    }

    @Test
    void when_the_policy_is_expired_absence_is_kept_all_the_same() throws Exception {
        fixture.publish();
        fixture.after(Duration.between(fixture.clock.instant(), Instant.parse("2027-09-28T00:00:00Z")));
        assertThat(look()).isEqualTo(new KeyState.Absent(false));
        int finds = fixture.documents.finds;

        assertThat(look()).isEqualTo(new KeyState.Absent(false));

        assertThat(fixture.documents.finds).isEqualTo(finds);
    }

    @Test
    void a_new_policy_counts_at_once() throws Exception {
        fixture.publish();
        assertThat(look()).isInstanceOf(KeyState.Present.class);

        fixture.trustNobody();

        assertThat(look()).isEqualTo(new KeyState.Absent(false));
    }

    @Test
    void an_expired_policy_counts_at_once() throws Exception {
        fixture.publish();
        fixture.after(Duration.between(fixture.clock.instant(), Instant.parse("2027-09-27T23:59:59Z")));
        assertThat(look()).isInstanceOf(KeyState.Present.class);

        fixture.after(Duration.ofSeconds(1));

        assertThat(look()).isEqualTo(new KeyState.Absent(false));
    }

    @Test
    void an_absent_key_is_read_again_after_two_seconds_or_an_event() throws Exception {
        assertThat(look()).isEqualTo(new KeyState.Absent(false));
        fixture.publish();
        assertThat(look()).isEqualTo(new KeyState.Absent(false));

        fixture.states.forget(fixture.artifact);
        assertThat(look()).isInstanceOf(KeyState.Present.class);
    }

    @Test
    void absence_is_kept_for_two_seconds_only() throws Exception {
        assertThat(look()).isEqualTo(new KeyState.Absent(false));
        fixture.publish();
        fixture.after(Duration.ofSeconds(2));

        assertThat(look()).isInstanceOf(KeyState.Present.class);
    }

    @Test
    void a_load_that_fails_is_not_kept() throws Exception {
        fixture.publish();
        fixture.documents.failing = true;
        assertThatThrownBy(this::look).isInstanceOf(StoreException.class);

        fixture.documents.failing = false;

        assertThat(look()).isInstanceOf(KeyState.Present.class);
    }

    @Test
    void while_the_queue_does_not_answer_a_failure_may_belong_to_a_running_compilation() {
        fixture.fail();
        assertThat(look()).isInstanceOf(KeyState.Failed.class);

        fixture.queueAnswers = false;
        assertThat(look()).isEqualTo(new KeyState.Compiling());

        fixture.queueAnswers = true;
        assertThat(look()).isInstanceOf(KeyState.Failed.class);
    }

    @Test
    void an_attestation_beats_a_rejection() throws Exception {
        fixture.reject();
        fixture.publish();

        assertThat(look()).isInstanceOf(KeyState.Present.class);
    }

    @Test
    void a_rejection_counts_while_its_pack_is_offered_with_caps_no_wider() {
        fixture.reject();
        assertThat(look()).isInstanceOf(KeyState.Rejected.class);

        fixture.offer(Fixture.PACK, Limits.DEFAULT, JsonObject.EMPTY.with("functions", 9));
        assertThat(look()).isInstanceOf(KeyState.Rejected.class);
        fixture.offer(Fixture.PACK, Limits.DEFAULT, JsonObject.EMPTY.with("functions", 11));
        assertThat(look()).isEqualTo(new KeyState.Absent(false));
        fixture.offer(Digest.of(new byte[0]), Limits.DEFAULT, CAPS);
        assertThat(look()).isEqualTo(new KeyState.Absent(false));
    }

    @Test
    void a_failure_counts_until_it_is_tried_again_or_a_worker_offers_more() {
        fixture.fail();
        assertThat(look()).isInstanceOf(KeyState.Failed.class);
        Limits d = Limits.DEFAULT;

        fixture.offer(
                Fixture.PACK,
                new Limits(d.heapMb(), d.memoryMb(), d.cpuSeconds() + 1, d.wallSeconds(), d.outputMb()),
                CAPS);
        assertThat(look()).isInstanceOf(KeyState.Failed.class);
        fixture.offer(
                Fixture.PACK,
                new Limits(d.heapMb() + 1, d.memoryMb(), d.cpuSeconds(), d.wallSeconds(), d.outputMb()),
                CAPS);
        assertThat(look()).isEqualTo(new KeyState.Absent(false));

        fixture.offer(Fixture.PACK, d, CAPS);
        assertThat(look()).isInstanceOf(KeyState.Failed.class);
        fixture.after(Duration.ofSeconds(60));
        assertThat(look()).isEqualTo(new KeyState.Absent(false));
    }

    @Test
    void the_live_worker_with_the_highest_limits_decides() {
        fixture.fail();
        Limits d = Limits.DEFAULT;
        Limits more = new Limits(d.heapMb() + 1, d.memoryMb(), d.cpuSeconds(), d.wallSeconds(), d.outputMb());
        fixture.alive("big", more, CAPS);
        fixture.alive("small", d, CAPS);
        assertThat(look()).isEqualTo(new KeyState.Absent(false));

        fixture.offer(Fixture.PACK, d, CAPS);
        assertThat(look()).as("the small worker registered last").isEqualTo(new KeyState.Absent(false));

        fixture.offer(Fixture.PACK, more, CAPS);
        fixture.after(Workers.HEARTBEAT_TIMEOUT);
        fixture.alive("small", d, CAPS);
        assertThat(look()).as("the big worker registered last and is gone").isInstanceOf(KeyState.Failed.class);
    }

    @Test
    void a_rejection_does_not_count_while_a_worker_with_wider_caps_is_alive() {
        fixture.reject();
        fixture.alive("narrow", Limits.DEFAULT, CAPS);
        assertThat(look()).isInstanceOf(KeyState.Rejected.class);

        fixture.alive("wide", Limits.DEFAULT, JsonObject.EMPTY.with("functions", 11));
        assertThat(look()).isEqualTo(new KeyState.Absent(false));
    }

    @Test
    void a_rejection_counts_while_a_worker_has_its_pack_whichever_build_was_registered_last() {
        fixture.reject();
        fixture.alive("stays", Fixture.PACK, Limits.DEFAULT, CAPS);
        fixture.alive("canary", REBUILT, Limits.DEFAULT, CAPS);
        fixture.offer(REBUILT, Limits.DEFAULT, CAPS);
        assertThat(look()).isInstanceOf(KeyState.Rejected.class);

        fixture.leaves("canary");
        assertThat(look()).as("after the rollback").isInstanceOf(KeyState.Rejected.class);

        fixture.alive("canary", REBUILT, Limits.DEFAULT, CAPS);
        fixture.leaves("stays");
        assertThat(look()).as("after the rollout").isEqualTo(new KeyState.Absent(false));
    }

    @Test
    void a_failure_counts_while_a_worker_has_its_pack() {
        fixture.fail();
        fixture.alive("old", Fixture.PACK, Limits.DEFAULT, CAPS);
        fixture.alive("new", REBUILT, Limits.DEFAULT, CAPS);
        assertThat(look()).isInstanceOf(KeyState.Failed.class);

        fixture.leaves("old");
        assertThat(look()).isEqualTo(new KeyState.Absent(false));
    }

    @Test
    void a_key_in_the_queue_is_compiling_whatever_failed_before() {
        fixture.fail();
        fixture.queue.enqueue(new CompileRequest(fixture.artifact, Priority.HOT));

        assertThat(look()).isEqualTo(new KeyState.Compiling());
    }

    @Test
    void the_provisional_failure_ends_with_the_compilation() throws Exception {
        fixture.fail();
        fixture.queue.enqueue(new CompileRequest(fixture.artifact, Priority.HOT));
        assertThat(look()).isEqualTo(new KeyState.Compiling());

        fixture.publish();
        fixture.outcomes.delete(fixture.artifact);
        fixture.queue
                .take(Set.of(fixture.artifact.lane()), Duration.ZERO)
                .orElseThrow()
                .ack();

        assertThat(look()).as("state after the ack, although no event came").isInstanceOf(KeyState.Present.class);
    }
}
