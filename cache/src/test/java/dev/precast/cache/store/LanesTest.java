package dev.precast.cache.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.EngineId;
import dev.precast.artifact.Lane;
import dev.precast.attestation.Samples;
import dev.precast.cache.outcome.Limits;
import dev.precast.cache.worker.LaneOffer;
import dev.precast.module.StaticCaps;
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

    @Test
    void a_damaged_document_is_a_fault_that_says_so() {
        documents.put("lanes", new byte[] {'{'}, null);

        assertThatThrownBy(lanes::list)
                .isInstanceOf(StoreException.class)
                .hasMessageStartingWith("lanes: stored document is damaged");
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
