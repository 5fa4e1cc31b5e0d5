package dev.precast.cache.damage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.Fixture;
import dev.precast.cache.damage.Recheck.Verdict;
import dev.precast.cache.damage.Rechecks.Opened;
import dev.precast.cache.outcome.Limits;
import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.worker.WorkerNotice;
import dev.precast.json.JsonObject;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RechecksTest {
    private static final Digest PAYLOAD = Digest.of(new byte[] {1});

    private final Fixture fixture = new Fixture();
    private final Rechecks rechecks = new Rechecks(fixture.documents, fixture.clock);

    private ArtifactKey key(int number) {
        return fixture.lane.id().key(ModuleDigest.of(new byte[] {(byte) number}));
    }

    private Opened open(int number, String caller, int most) {
        return rechecks.open(key(number), PAYLOAD, caller, most, 2);
    }

    @Test
    void the_fleet_has_a_limited_number_of_open_rechecks() {
        assertThat(open(1, "a", 2)).isEqualTo(Opened.OPEN);
        assertThat(open(2, "b", 2)).isEqualTo(Opened.OPEN);
        assertThat(open(3, "c", 2)).isEqualTo(Opened.BUSY);

        rechecks.close(key(1), Verdict.LOADS);

        assertThat(open(3, "c", 2)).isEqualTo(Opened.OPEN);
    }

    @Test
    void a_caller_has_one_open_recheck() {
        assertThat(open(1, "a", 10)).isEqualTo(Opened.OPEN);
        assertThat(open(1, "a", 10)).as("the same one").isEqualTo(Opened.OPEN);
        assertThat(open(2, "a", 10)).isEqualTo(Opened.BUSY);
        assertThat(open(2, "b", 10)).isEqualTo(Opened.OPEN);
    }

    @Test
    void a_recheck_ends_after_an_hour() {
        open(1, "a", 1);

        fixture.after(Rechecks.OPEN);

        assertThat(rechecks.find(key(1))).isEmpty();
        assertThat(rechecks.refused(key(1), "worker")).isEmpty();
        assertThat(open(2, "b", 1)).isEqualTo(Opened.OPEN);
        assertThat(open(1, "a", 2)).as("it had no verdict").isEqualTo(Opened.OPEN);
    }

    @Test
    void a_verdict_stands_for_a_day_and_for_one_payload() {
        open(1, "a", 10);
        rechecks.close(key(1), Verdict.LOADS);

        assertThat(open(1, "a", 10)).isEqualTo(Opened.CLOSED);
        assertThat(rechecks.open(key(1), Digest.of(new byte[0]), "b", 10, 1)).isEqualTo(Opened.OPEN);
        rechecks.close(key(1), Verdict.LOADS);

        fixture.after(Rechecks.QUIET);
        assertThat(open(1, "a", 10)).isEqualTo(Opened.OPEN);
    }

    @Test
    void two_different_workers_must_refuse() {
        open(1, "a", 1);

        assertThat(rechecks.refused(key(1), "one").orElseThrow().isRefused()).isFalse();
        assertThat(rechecks.refused(key(1), "one").orElseThrow().isRefused()).isFalse();
        assertThat(rechecks.refused(key(1), "two").orElseThrow().isRefused()).isTrue();
        assertThat(rechecks.find(key(1)).orElseThrow().refusedBy()).containsExactly("one", "two");
    }

    @Test
    void tests_without_a_result_are_counted() {
        open(1, "a", 1);

        rechecks.undecided(key(1));
        assertThat(rechecks.undecided(key(1)).orElseThrow().tries()).isEqualTo(2);
    }

    @Test
    void damaged_documents_count_as_absent() {
        open(1, "a", 1);
        String name = Rechecks.FOLDER + "/" + key(1).digest().hex();
        fixture.documents.put(name, new byte[] {'{'}, DocumentStore.ANY);
        fixture.documents.put(Rechecks.FOLDER + "/active", new byte[] {'{'}, DocumentStore.ANY);

        assertThat(rechecks.find(key(1))).isEmpty();
        assertThat(open(1, "a", 1)).isEqualTo(Opened.OPEN);
    }

    @Test
    void old_and_damaged_documents_may_be_deleted() {
        open(1, "a", 1);
        String name = Rechecks.FOLDER + "/" + key(1).digest().hex();
        DocumentStore.Document document = fixture.documents.find(name).orElseThrow();

        assertThat(Rechecks.isOlder(name, document, fixture.clock.instant())).isFalse();
        assertThat(Rechecks.isOlder(name, document, fixture.clock.instant().plusSeconds(1)))
                .isTrue();
        String active = Rechecks.FOLDER + "/active";
        assertThat(Rechecks.isOlder(active, fixture.documents.find(active).orElseThrow(), fixture.clock.instant()))
                .isFalse();
    }

    @Test
    void rechecks_use_a_share_of_the_slots_and_at_least_one() {
        workers(3, 100);

        assertThat(requests(1).request(key(1), PAYLOAD, "a")).isEqualTo(Opened.OPEN);
        assertThat(requests(1).request(key(2), PAYLOAD, "b")).isEqualTo(Opened.OPEN);
        assertThat(rechecks.find(key(1)).orElseThrow().workers()).isEqualTo(2);
        rechecks.close(key(1), Verdict.LOADS);
        rechecks.close(key(2), Verdict.LOADS);

        workers(1, 1);
        assertThat(requests(0).request(key(3), PAYLOAD, "c")).isEqualTo(Opened.BUSY);
        assertThat(requests(1).request(key(3), PAYLOAD, "c")).isEqualTo(Opened.OPEN);
        assertThat(requests(1).request(key(4), PAYLOAD, "d")).isEqualTo(Opened.BUSY);
        assertThat(rechecks.find(key(3)).orElseThrow().workers()).isEqualTo(1);
    }

    private RecheckRequests requests(int percent) {
        return new RecheckRequests(rechecks, fixture.workers, fixture.queue, percent);
    }

    private void workers(int number, int slots) {
        fixture.after(Duration.ofMinutes(1)); // The others count as stopped.
        for (int i = 0; i < number; i++) {
            fixture.workers.announce(new WorkerNotice(
                    "worker-" + i, Set.of(fixture.lane.id().digest()), slots, Limits.DEFAULT, JsonObject.EMPTY));
        }
    }
}
