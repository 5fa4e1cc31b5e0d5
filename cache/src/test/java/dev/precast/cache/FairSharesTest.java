package dev.precast.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.Compilations.Requested;
import dev.precast.cache.event.CompileEvent;
import dev.precast.cache.queue.CompileQueue.Delivery;
import dev.precast.cache.queue.InProcessQueue;
import dev.precast.cache.queue.Priority;
import dev.precast.protocol.KeyState;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FairSharesTest {
    private final Fixture fixture = new Fixture();
    private final FairShares shares = new FairShares();

    private static byte[] wasm(int number) {
        return new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0, 0, 3, 1, (byte) number, (byte) (number >> 8)};
    }

    private ArtifactKey key(int number) {
        return fixture.lane.id().key(ModuleDigest.of(wasm(number)));
    }

    @Test
    void the_more_requests_a_client_has_the_less_urgent_is_the_next() {
        assertThat(shares.priority("one", key(0))).isEqualTo(Priority.HOT);
        for (int i = 1; i < 16; i++) {
            assertThat(shares.priority("one", key(i))).isEqualTo(Priority.HOT_FEW);
        }
        assertThat(shares.priority("one", key(16))).isEqualTo(Priority.HOT_MANY);
        assertThat(shares.priority("two", key(16))).isEqualTo(Priority.HOT);
        assertThat(shares.priority("one", key(16))).as("the same request again").isEqualTo(Priority.HOT_MANY);
    }

    @Test
    void requests_that_ended_do_not_count_for_any_of_their_clients() {
        for (int i = 0; i < 100; i++) {
            shares.priority("one", key(i));
            shares.priority("two", key(i));
        }
        for (int i = 0; i < 100; i++) {
            shares.ended(key(i));
            shares.ended(key(i));
        }

        assertThat(shares.priority("one", key(200))).isEqualTo(Priority.HOT);
        assertThat(shares.priority("two", key(200))).isEqualTo(Priority.HOT);
    }

    @Test
    void ten_thousand_requests_of_one_client_do_not_delay_the_first_of_another() throws Exception {
        InProcessQueue queue = new InProcessQueue(20_000, fixture.clock);
        try (Compilations compilations = fixture.compilations(queue)) {
            for (int i = 0; i < 10_000; i++) {
                ask(compilations, i, "greedy");
            }
            Delivery running = take(queue);
            ask(compilations, 20_000, "modest");
            for (int i = 0; i < 3; i++) {
                ask(compilations, 30_000 + i, "second modest");
            }

            running.ack();
            assertThat(take(queue).request().key()).isEqualTo(key(20_000));
            assertThat(take(queue).request().key()).isEqualTo(key(30_000));
            // The second requests of clients come in turn, before the many of one.
            Set<ArtifactKey> few = Set.of(key(30_001), key(30_002));
            assertThat(Stream.generate(() -> take(queue).request().key()).limit(17))
                    .containsAll(few);
            assertThat(queue.depth()).isEqualTo(10_003);
        }
    }

    @Test
    void the_end_of_a_compilation_frees_its_clients_share() throws Exception {
        InProcessQueue queue = new InProcessQueue(100, fixture.clock);
        try (Compilations compilations = fixture.compilations(queue)) {
            ask(compilations, 1, "one");
            Delivery delivery = take(queue);
            fixture.publish(wasm(1));
            fixture.events.publish(new CompileEvent(key(1), CompileEvent.Kind.COMPILED));
            delivery.ack();
            ask(compilations, 2, "one");

            assertThat(take(queue).request().priority()).isEqualTo(Priority.HOT);
        }
    }

    private void ask(Compilations compilations, int number, String client) throws IOException, InterruptedException {
        fixture.moduleStore.put(new ByteArrayInputStream(wasm(number)), null, 100);
        assertThat(compilations.request(key(number), client, Duration.ZERO))
                .isEqualTo(new Requested.State(key(number), new KeyState.Compiling()));
    }

    private Delivery take(InProcessQueue queue) {
        try {
            return queue.take(Set.of(fixture.lane.id()), Duration.ZERO).orElseThrow();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
