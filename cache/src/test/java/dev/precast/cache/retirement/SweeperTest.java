package dev.precast.cache.retirement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.precast.artifact.Digest;
import dev.precast.cache.Fixture;
import dev.precast.cache.Withdrawals;
import dev.precast.cache.store.FileContentStore;
import dev.precast.cache.store.FileDocumentStore;
import dev.precast.cache.store.RetiredArtifacts;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two replicas share stores on files. File times follow the system clock; the replicas' clock is ahead of it. */
class SweeperTest {
    private static final Duration EVERY = Duration.ofHours(24);

    @TempDir
    private Path folder;

    private final Fixture fixture = new Fixture();
    private Duration ahead = Duration.ZERO;
    private final InstantSource clock = () -> InstantSource.system().instant().plus(ahead);
    private FileDocumentStore documents;
    private FileContentStore payloads;
    private Sweeper one;
    private Sweeper other;

    @BeforeEach
    void start() {
        documents = new FileDocumentStore(folder.resolve("documents"));
        payloads = new FileContentStore(folder.resolve("payloads"));
        one = sweeper(EVERY);
        other = sweeper(EVERY);
    }

    @AfterEach
    void stop() throws InterruptedException {
        one.close();
        other.close();
    }

    private Sweeper sweeper(Duration every) {
        RetiredArtifacts retired =
                new RetiredArtifacts(documents, documents, payloads, payloads, fixture.verifier, clock);
        Retirement retirement = new Retirement(
                retired,
                documents,
                documents,
                fixture.usages,
                new Withdrawals(fixture.states, fixture.events),
                new IdleLanes(fixture.lanes, fixture.workers, fixture.queue::retire, clock),
                clock);
        return new Sweeper(retirement, documents, clock, every);
    }

    private Digest payload(String text) throws Exception {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        payloads.put(new ByteArrayInputStream(bytes), null, 100);
        return Digest.of(bytes);
    }

    @Test
    void one_replica_sweeps_at_each_interval() throws Exception {
        payload("first");
        assertThat(one.sweepIfDue()).contains(new RetiredArtifacts.Swept(0, 0));
        ahead = Duration.ofHours(23);
        payload("second");
        assertThat(one.sweepIfDue()).isEmpty();
        assertThat(other.sweepIfDue()).isEmpty();

        ahead = Duration.ofHours(26);
        assertThat(other.sweepIfDue()).map(RetiredArtifacts.Swept::payloads).contains(2L);
        assertThat(one.sweepIfDue()).isEmpty();
    }

    @Test
    void a_damaged_note_does_not_stop_sweeps() {
        documents.put("sweeps/last", new byte[] {'{'}, null);

        assertThat(one.sweepIfDue()).isPresent();
        assertThat(other.sweepIfDue()).isEmpty();
    }

    @Test
    void damaged_warm_ups_and_lists_do_not_stop_a_sweep_and_are_deleted() {
        List<String> names = List.of("warmups/jobs/" + "0".repeat(64), "module-lists/" + "0".repeat(64));
        names.forEach(name -> documents.put(name, new byte[] {'{'}, null));

        assertThat(one.sweepIfDue()).isPresent();

        assertThat(names).noneMatch(name -> documents.find(name).isPresent());
    }

    @Test
    void the_sweeper_runs_by_itself() throws Exception {
        Digest orphan = payload("orphan");
        ahead = Duration.ofDays(2);

        try (Sweeper often = sweeper(Sweeper.SHORTEST)) {
            assertThat(often).isNotNull();
            while (payloads.find(orphan).isPresent()) {
                Thread.sleep(10);
            }
        }
        assertThat(payloads.find(orphan)).isEqualTo(Optional.empty());
    }

    @Test
    void too_short_an_interval_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sweeper(Duration.ofMillis(999)))
                .withMessage("sweep interval: expected at least PT1S, found PT0.999S");
    }
}
