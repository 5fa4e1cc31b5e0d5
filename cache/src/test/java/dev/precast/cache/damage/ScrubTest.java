package dev.precast.cache.damage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.ByteRate;
import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.Fixture;
import dev.precast.cache.damage.Scrub.Mode;
import dev.precast.cache.damage.ScrubState.Count;
import dev.precast.cache.damage.ScrubState.Lease;
import dev.precast.cache.damage.ScrubState.Phase;
import dev.precast.cache.store.DocumentNames;
import dev.precast.cache.store.DocumentStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScrubTest {
    private static final String DOCUMENT = "scrubs/last";
    private static final long WASM_BYTES = 9;

    private final Fixture fixture = new Fixture();
    private final List<ArtifactKey> lost = new ArrayList<>();
    private final List<Scrub> scrubs = new ArrayList<>();
    private final Healer healer = new Healer(
            fixture.artifacts,
            fixture.retired(),
            fixture.payloads,
            ByteRate.UNLIMITED,
            fixture.clock,
            lost::add,
            new Silent());

    @AfterEach
    void close() throws Exception {
        for (Scrub scrub : scrubs) {
            scrub.close();
        }
    }

    private static final class Silent implements DamageListener {
        @Override
        public void checked(long bytes) {}

        @Override
        public void found(Result result) {}
    }

    private Scrub scrub(Mode mode) {
        return scrub(mode, ByteRate.UNLIMITED);
    }

    private Scrub scrub(Mode mode, ByteRate rate) {
        ScrubItems items = new ScrubItems(
                healer,
                rate,
                fixture.documents,
                fixture.documents.inner,
                fixture.modules,
                fixture.moduleStore,
                fixture.clock);
        Scrub scrub = new Scrub(mode, items, fixture.documents, fixture.clock);
        scrubs.add(scrub);
        return scrub;
    }

    /** Publishes artifacts of modules that differ in their last byte. */
    private List<ArtifactKey> publish(int number) throws Exception {
        List<ArtifactKey> keys = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            fixture.publish(module(i));
            keys.add(fixture.lane.id().key(ModuleDigest.of(module(i))));
        }
        return keys;
    }

    private static byte[] module(int i) {
        byte[] module = new byte[(int) WASM_BYTES];
        System.arraycopy(Fixture.WASM, 0, module, 0, Fixture.WASM.length);
        module[module.length - 1] = (byte) i;
        return module;
    }

    private ScrubState stored() {
        return fixture.documents.find(DOCUMENT).flatMap(ScrubState::read).orElseThrow();
    }

    @Test
    void a_scrub_finds_damaged_payloads_modules_and_attestations() throws Exception {
        List<ArtifactKey> keys = publish(4);
        assertThat(fixture.modules.holds(keys.get(1).module())).isTrue();
        fixture.payloads.damage(keys.get(0).module().digest(), new byte[] {1});
        fixture.moduleStore.damage(keys.get(1).module().digest(), new byte[] {1});
        fixture.documents.put(
                DocumentNames.attestation(keys.get(2)), "{}".getBytes(StandardCharsets.UTF_8), DocumentStore.ANY);

        scrub(Mode.DAILY).turn();

        assertThat(stored().counts())
                .isEqualTo(Map.of(
                        Count.ARTIFACTS, 3L,
                        Count.DELETED, 1L,
                        Count.ABSENT, 1L,
                        Count.MODULES, 4L,
                        Count.DELETED_MODULES, 1L,
                        Count.BYTES, 3 * WASM_BYTES + 3 * WASM_BYTES + 1));
        assertThat(stored().isRunning()).isFalse();
        assertThat(lost).containsExactly(keys.get(0));
        assertThat(fixture.payloads.find(keys.get(0).module().digest())).isEmpty();
        assertThat(fixture.modules.holds(keys.get(1).module())).isFalse();
        assertThat(fixture.modules.holds(keys.get(2).module())).isTrue();
    }

    @Test
    void a_daily_scrub_starts_a_day_after_the_start_of_the_last_one() throws Exception {
        Scrub scrub = scrub(Mode.DAILY);
        scrub.turn();
        Instant first = stored().startedAt();

        fixture.after(Scrub.DAY.minusSeconds(1));
        scrub.turn();
        assertThat(stored().startedAt()).isEqualTo(first);

        fixture.after(Duration.ofSeconds(1));
        scrub.turn();
        assertThat(stored().startedAt()).isEqualTo(first.plus(Scrub.DAY));
        assertThat(scrub.wholeAt()).contains(first.plus(Scrub.DAY));
    }

    @Test
    void a_continuous_scrub_starts_a_minute_after_the_end_of_the_last_one() throws Exception {
        Scrub scrub = scrub(Mode.CONTINUOUS);
        scrub.turn();
        Instant first = stored().startedAt();

        fixture.after(Scrub.PAUSE.minusSeconds(1));
        scrub.turn();
        assertThat(stored().startedAt()).isEqualTo(first);

        fixture.after(Duration.ofSeconds(1));
        scrub.turn();
        assertThat(stored().startedAt()).isEqualTo(first.plus(Scrub.PAUSE));
    }

    @Test
    void a_scrub_that_is_off_runs_only_when_it_is_requested() throws Exception {
        publish(1);
        Scrub scrub = scrub(Mode.OFF);
        scrub.turn();
        assertThat(scrub.last()).isEmpty();

        assertThat(scrub.start().isRunning()).isTrue();
        for (int i = 0; i < 500 && scrub.last().orElseThrow().isRunning(); i++) {
            Thread.sleep(10); // The scrub's own thread does it.
        }

        assertThat(scrub.last().orElseThrow().count(Count.ARTIFACTS)).isEqualTo(1);
    }

    @Test
    void a_request_does_not_restart_a_running_scrub() {
        ScrubState running = running(publishedBy("another"));
        assertThat(scrub(Mode.OFF).start()).isEqualTo(running);
    }

    private Lease publishedBy(String replica) {
        return new Lease(replica, fixture.clock.instant().plus(Scrub.LEASE));
    }

    private ScrubState running(Lease lease) {
        ScrubState running = ScrubState.started(lease, fixture.clock.instant(), Optional.empty());
        fixture.documents.put(DOCUMENT, running.toJson(), DocumentStore.ANY);
        return running;
    }

    @Test
    void a_replica_continues_the_scrub_of_another_one_only_after_its_lease() throws Exception {
        List<ArtifactKey> keys = publish(3);
        List<String> names =
                keys.stream().map(DocumentNames::attestation).sorted().toList();
        ScrubState half = running(publishedBy("another")).checked(names.get(1), Map.of(Count.ARTIFACTS, 2L));
        fixture.documents.put(DOCUMENT, half.toJson(), DocumentStore.ANY);
        Scrub scrub = scrub(Mode.CONTINUOUS);

        scrub.turn();
        assertThat(stored()).isEqualTo(half);

        fixture.after(Scrub.LEASE);
        scrub.turn();
        assertThat(stored().phase()).isEqualTo(Phase.ENDED);
        assertThat(stored().startedAt()).isEqualTo(half.startedAt());
        assertThat(stored().counts())
                .as("only the third artifact was read, then all modules")
                .isEqualTo(Map.of(Count.ARTIFACTS, 3L, Count.MODULES, 3L, Count.BYTES, 4 * WASM_BYTES));
    }

    @Test
    void a_stopped_scrub_frees_its_lease_and_is_continued_where_it_stopped() throws Exception {
        publish(3);
        int[] reads = {0};
        ByteRate stopping = new ByteRate(1, System::nanoTime, nanos -> {
            // Each payload is read in two pieces, the second of which is empty.
            if (++reads[0] == 3) {
                throw new InterruptedException();
            }
        });

        assertThatThrownBy(() -> scrub(Mode.DAILY, stopping).turn()).isInstanceOf(InterruptedException.class);
        assertThat(stored().isRunning()).isTrue();
        assertThat(stored().count(Count.ARTIFACTS)).isEqualTo(1);

        scrub(Mode.DAILY).turn();
        assertThat(stored().counts())
                .isEqualTo(Map.of(Count.ARTIFACTS, 3L, Count.MODULES, 3L, Count.BYTES, 6 * WASM_BYTES));
    }

    @Test
    void a_damaged_state_begins_a_new_scrub() throws Exception {
        publish(1);
        fixture.documents.put(DOCUMENT, new byte[] {'{'}, DocumentStore.ANY);

        scrub(Mode.DAILY).turn();

        assertThat(stored().count(Count.ARTIFACTS)).isEqualTo(1);
    }
}
