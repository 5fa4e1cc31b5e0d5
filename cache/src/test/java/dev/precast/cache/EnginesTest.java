package dev.precast.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.cache.store.Lanes;
import dev.precast.cache.worker.LaneOffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class EnginesTest {
    private final Fixture fixture = new Fixture();

    private void damage() {
        byte[] bad = fixture.documents.find("lanes").orElseThrow().bytes().clone();
        bad[bad.length / 2] ^= 1;
        fixture.documents.put("lanes", bad, "*");
        fixture.after(Duration.ofSeconds(2));
        assertThat(fixture.lanes.undamaged()).isEmpty();
    }

    @Test
    void damaged_lanes_are_stored_again_from_memory() {
        List<LaneOffer> before = List.copyOf(fixture.engines.list());
        assertThat(before).hasSize(1);
        damage();

        assertThat(fixture.engines.list()).containsExactlyElementsOf(before);

        assertThat(fixture.lanes.undamaged()).contains(before);
    }

    @Test
    void damaged_lanes_that_were_never_read_are_none_until_a_worker_registers_its_own() {
        List<LaneOffer> before = fixture.lanes.list();
        damage();
        Engines restarted = new Engines(fixture.lanes, fixture.workers, fixture.ticker);
        assertThat(restarted.list()).isEmpty();

        new Lanes(fixture.documents).registerMissing(before);
        fixture.after(Duration.ofSeconds(2));

        assertThat(restarted.list()).containsExactlyElementsOf(before);
    }
}
