package dev.precast.cache.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.EngineId;
import dev.precast.artifact.Lane;
import dev.precast.attestation.Samples;
import dev.precast.cache.outcome.Limits;
import dev.precast.cache.worker.LaneOffer;
import dev.precast.module.StaticCaps;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Gatherers;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LanesTest {
    private final MemoryDocumentStore documents = new MemoryDocumentStore();
    private final Lanes lanes = new Lanes(documents);

    @Test
    void nothing_is_registered_at_first() {
        assertThat(lanes.list()).isEmpty();
    }

    @Test
    void lanes_stay_in_the_order_of_their_registration() {
        lanes.register(List.of(offer(2), offer(1)));
        lanes.register(List.of(offer(3)));

        assertThat(lanes.list()).containsExactly(offer(2), offer(1), offer(3));
    }

    @Test
    void an_offer_of_the_same_lane_replaces_the_one_before() {
        LaneOffer more = new LaneOffer(
                offer(1).lane(),
                "other",
                "jvm-bundle/1",
                Samples.digest("pack 2"),
                Limits.DEFAULT,
                StaticCaps.DEFAULT.toJson());
        lanes.register(List.of(offer(1), offer(2)));
        lanes.register(List.of(more));

        assertThat(lanes.list()).containsExactly(more, offer(2));
    }

    @Test
    void a_lane_that_is_removed_leaves_the_others() {
        lanes.register(List.of(offer(1), offer(2), offer(3)));

        lanes.unregister(offer(2).lane().id());
        lanes.unregister(offer(2).lane().id());

        assertThat(lanes.list()).containsExactly(offer(1), offer(3));
        lanes.registerMissing(List.of(offer(2), offer(3)));
        assertThat(lanes.list()).containsExactly(offer(1), offer(3), offer(2));
    }

    @Test
    void registering_the_same_again_writes_nothing() {
        lanes.register(List.of(offer(1)));
        AtomicInteger writes = new AtomicInteger();
        new Lanes(new MeteredDocumentStore(
                        documents,
                        (operation, result, bytes, nanos) -> {
                            if (operation == StoreListener.Operation.PUT) {
                                writes.incrementAndGet();
                            }
                        },
                        System::nanoTime))
                .register(List.of(offer(1)));

        assertThat(writes).hasValue(0);
    }

    @Test
    void many_workers_at_once_lose_no_lane() throws Exception {
        IntStream.rangeClosed(1, 16)
                .boxed()
                .gather(Gatherers.mapConcurrent(16, (Integer number) -> {
                    lanes.register(List.of(offer(number)));
                    return number;
                }))
                .forEach(number -> {});

        assertThat(lanes.list()).hasSize(16).doesNotHaveDuplicates();
    }

    /** A flip in the name of the checksum hides the checksum, but not a lane. */
    @Test
    void a_flipped_bit_anywhere_leaves_either_the_lanes_or_none() {
        lanes.register(List.of(offer(1), offer(2)));
        byte[] good = documents.find("lanes").orElseThrow().bytes();

        for (int i = 0; i < good.length; i++) {
            byte[] bad = good.clone();
            bad[i] ^= (byte) (1 << (i % 8));
            documents.put("lanes", bad, DocumentStore.ANY);

            assertThat(lanes.list()).as("flip of byte %s", i).isIn(List.of(), List.of(offer(1), offer(2)));
        }
    }

    @Test
    void a_damaged_document_is_written_anew() {
        lanes.register(List.of(offer(1), offer(2)));
        byte[] bad = documents.find("lanes").orElseThrow().bytes().clone();
        bad[bad.length / 2] ^= 1;
        documents.put("lanes", bad, DocumentStore.ANY);
        assertThat(lanes.undamaged()).isEmpty();

        lanes.registerMissing(List.of(offer(2)));

        assertThat(lanes.undamaged()).contains(List.of(offer(2)));
    }

    @Test
    void lanes_of_older_workers_have_no_checksum_and_count() {
        lanes.register(List.of(offer(1)));
        String json = new String(documents.find("lanes").orElseThrow().bytes(), StandardCharsets.UTF_8);
        String older = json.replaceFirst(",\"sha256\":\"[0-9a-f]{64}\"", "");
        assertThat(older).isNotEqualTo(json);
        documents.put("lanes", older.getBytes(StandardCharsets.UTF_8), DocumentStore.ANY);

        assertThat(lanes.list()).containsExactly(offer(1));
    }

    private static LaneOffer offer(int revision) {
        Lane lane = new Lane(
                new EngineId("chicory", "1.7.5", revision),
                Samples.LANE.engineHash(),
                Samples.LANE.config(),
                Samples.LANE.target());
        return new LaneOffer(
                lane, "default", "jvm-bundle/1", Samples.digest("pack"), Limits.DEFAULT, StaticCaps.DEFAULT.toJson());
    }
}
