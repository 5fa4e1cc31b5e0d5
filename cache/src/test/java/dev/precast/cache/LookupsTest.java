package dev.precast.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.store.Artifacts;
import dev.precast.cache.store.MeteredContentStore;
import dev.precast.cache.store.MeteredDocumentStore;
import dev.precast.cache.store.StoreException;
import dev.precast.protocol.KeyState;
import dev.precast.protocol.LookupRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LookupsTest {
    private final Fixture fixture = new Fixture();
    private final Lookups lookups = new Lookups(fixture.states, fixture.modules, fixture.usages);
    private final List<LaneId> lanes = List.of(fixture.lane.id());

    @Test
    void many_modules_are_looked_at_side_by_side_and_answered_in_order() throws Exception {
        List<ModuleDigest> wanted = new ArrayList<>();
        for (byte i = 0; i < 40; i++) {
            byte[] wasm = {0, 'a', 's', 'm', 1, 0, 0, 0, i};
            wanted.add(ModuleDigest.of(wasm));
            if (i % 3 == 0) {
                fixture.publish(wasm);
            }
        }
        CountDownLatch atATime = new CountDownLatch(4);
        fixture.documents.onFind = () -> {
            atATime.countDown();
            await(atATime);
        };

        List<LookupRequest.Result> found = lookups.find(new LookupRequest(wanted, lanes));

        assertThat(found).extracting(LookupRequest.Result::module).isEqualTo(wanted);
        for (int i = 0; i < found.size(); i++) {
            assertThat(found.get(i).state() instanceof KeyState.Present)
                    .as("module " + i)
                    .isEqualTo(i % 3 == 0);
        }
    }

    @Test
    void a_thousand_modules_that_another_host_asked_for_cost_no_read() throws Exception {
        CountedReads reads = new CountedReads();
        Artifacts artifacts = new Artifacts(
                new MeteredDocumentStore(fixture.documents, reads, System::nanoTime),
                new MeteredContentStore(fixture.payloads, reads, System::nanoTime),
                fixture.verifier);
        Lookups counted = new Lookups(fixture.replica(artifacts), fixture.modules, fixture.usages);
        List<ModuleDigest> wanted = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            byte[] wasm = {0, 'a', 's', 'm', 1, 0, 0, 0, (byte) i, (byte) (i >> 8)};
            wanted.add(ModuleDigest.of(wasm));
            fixture.publish(wasm);
        }
        reads.take();

        assertThat(counted.find(new LookupRequest(wanted, lanes)))
                .allMatch(result -> result.state() instanceof KeyState.Present);
        assertThat(reads.take()).as("an attestation and a payload each").isEqualTo(2000);

        fixture.after(Duration.ofMinutes(9));
        assertThat(counted.find(new LookupRequest(wanted, lanes)))
                .allMatch(result -> result.state() instanceof KeyState.Present);
        assertThat(reads.take()).isZero();
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(30, TimeUnit.SECONDS)) {
                throw new StoreException("nobody else looked at that time", false, null);
            }
        } catch (InterruptedException e) {
            throw new StoreException("interrupted", true, e);
        }
    }

    @Test
    void a_failing_store_fails_the_lookup() {
        fixture.documents.failing = true;

        assertThatThrownBy(() -> lookups.find(new LookupRequest(List.of(fixture.artifact.module()), lanes)))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("told to fail");
    }
}
