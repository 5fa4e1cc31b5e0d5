package dev.precast.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.Compilations.Requested;
import dev.precast.cache.event.CompileEvent;
import dev.precast.cache.outcome.Limits;
import dev.precast.cache.queue.CompileQueue;
import dev.precast.cache.queue.CompileRequest;
import dev.precast.cache.queue.Priority;
import dev.precast.cache.worker.Trouble;
import dev.precast.json.JsonObject;
import dev.precast.protocol.KeyState;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CompilationsTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final Fixture fixture = new Fixture();
    /** Waits by the real clock. */
    private final Compilations compilations = fixture.compilations(InstantSource.system());

    @BeforeEach
    void store() throws Exception {
        fixture.moduleStore.put(new ByteArrayInputStream(Fixture.WASM), null, 100);
    }

    @AfterEach
    void close() {
        compilations.close();
    }

    private Requested ask(Duration wait) throws InterruptedException {
        return compilations.request(fixture.artifact, Priority.HOT, wait);
    }

    private Requested state(KeyState state) {
        return new Requested.State(fixture.artifact, state);
    }

    @Test
    void without_a_wait_the_answer_is_compiling() throws Exception {
        assertThat(ask(Duration.ZERO)).isEqualTo(state(new KeyState.Compiling()));
        assertThat(fixture.queue.holds(fixture.artifact)).isTrue();
        assertThat(compilations.find(fixture.artifact.digest(), Duration.ZERO))
                .isEqualTo(state(new KeyState.Compiling()));
    }

    @Test
    void a_repeated_request_reads_neither_the_module_nor_the_key_again() throws Exception {
        ask(Duration.ZERO);
        int finds = fixture.documents.finds;
        fixture.moduleStore.delete(fixture.artifact.module().digest());

        assertThat(ask(Duration.ZERO)).isEqualTo(state(new KeyState.Compiling()));
        assertThat(compilations.find(fixture.artifact.digest(), Duration.ZERO))
                .isEqualTo(state(new KeyState.Compiling()));
        assertThat(fixture.documents.finds).isEqualTo(finds);
    }

    @Test
    void a_request_that_ends_because_its_module_is_gone_is_answered_so_although_the_kind_was_kept() throws Exception {
        ask(Duration.ZERO);
        fixture.moduleStore.delete(fixture.artifact.module().digest());
        Thread worker = Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    fixture.queue.take(Set.of(fixture.lane.id()), LONG).ifPresent(CompileQueue.Delivery::ack);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });

        assertThat(ask(LONG)).isEqualTo(new Requested.ModuleUnknown(fixture.artifact.module()));
        worker.interrupt();
        worker.join();
    }

    @Test
    void a_damaged_key_document_is_unknown_and_written_again_after_ten_minutes() throws Exception {
        String name = "keys/" + fixture.artifact.digest().hex();
        ask(Duration.ZERO);
        byte[] good = fixture.documents.find(name).orElseThrow().bytes();
        byte[] other = new String(good, StandardCharsets.UTF_8)
                .replace("copy@1.0.0+1", "copy@1.0.0+3")
                .getBytes(StandardCharsets.UTF_8);
        assertThat(other).isNotEqualTo(good);

        for (byte[] bad : List.of(new byte[] {'{'}, other)) {
            fixture.documents.put(name, bad, "*");
            fixture.after(Duration.ofMinutes(10));
            assertThat(compilations.find(fixture.artifact.digest(), Duration.ZERO))
                    .isEqualTo(new Requested.Unknown(fixture.artifact.digest()));

            ask(Duration.ZERO);

            assertThat(fixture.documents.find(name).orElseThrow().bytes()).isEqualTo(good);
        }
    }

    @Test
    void a_waiting_request_gets_the_result() throws Exception {
        Thread worker = Thread.ofVirtual().start(() -> work(true));

        assertThat(((Requested.State) ask(LONG)).state()).isInstanceOf(KeyState.Present.class);
        worker.join();
    }

    @Test
    void an_event_that_is_lost_costs_two_seconds_at_most() throws Exception {
        Thread worker = Thread.ofVirtual().start(() -> work(false));
        long start = System.nanoTime();
        // Cached states of the key expire by the fixture's clock.
        Thread aging = Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep(500);
                fixture.after(Duration.ofSeconds(3));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });

        assertThat(((Requested.State) ask(LONG)).state()).isInstanceOf(KeyState.Present.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
        worker.join();
        aging.join();
    }

    @Test
    void a_request_that_the_queue_loses_is_queued_again() throws Exception {
        Thread losing = Thread.ofVirtual().start(() -> take().ack());
        Thread asking = Thread.ofVirtual().start(() -> {
            try {
                ask(LONG);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        losing.join();

        work(true);

        asking.join();
        assertThat(fixture.queue.holds(fixture.artifact)).isFalse();
    }

    @Test
    void an_existing_outcome_enqueues_nothing() throws Exception {
        fixture.reject();
        assertThat(ask(Duration.ZERO)).isEqualTo(state(new KeyState.Rejected("invalid-module", "it is")));
        assertThat(fixture.queue.depth()).isZero();
    }

    @Test
    void a_key_whose_outcome_does_not_count_is_queued_once_in_five_seconds() throws Exception {
        try (Compilations often = fixture.compilations(fixture.clock)) {
            fixture.reject();
            fixture.alive("wider", Limits.DEFAULT, JsonObject.EMPTY.with("functions", 11));
            for (int i = 0; i < 3; i++) {
                assertThat(often.request(fixture.artifact, Priority.HOT, Duration.ZERO))
                        .isEqualTo(state(new KeyState.Compiling()));
                assertThat(fixture.queue.depth()).as("after %s answers", i).isEqualTo(i == 0 ? 1 : 0);
                fixture.queue
                        .take(Set.of(fixture.lane.id()), Duration.ZERO)
                        .ifPresent(CompileQueue.Delivery::ack); // As an older worker does, although it may not count.
            }

            fixture.after(Duration.ofSeconds(5));

            often.request(fixture.artifact, Priority.HOT, Duration.ZERO);
            assertThat(fixture.queue.depth()).isEqualTo(1);
        }
    }

    @Test
    void a_full_queue_says_so() throws Exception {
        for (int i = 0; i < 2; i++) {
            fixture.queue.enqueue(new CompileRequest(
                    fixture.lane.id().key(ModuleDigest.of(new byte[] {(byte) i})), Priority.WARM));
        }

        assertThat(ask(Duration.ZERO)).isEqualTo(new Requested.QueueFull());
    }

    @Test
    void a_lane_whose_workers_are_all_in_trouble_says_why_and_keeps_the_request() throws Exception {
        fixture.troubled("one", new Trouble(Trouble.Kind.DISK, "no space left"));
        assertThat(ask(LONG))
                .isInstanceOfSatisfying(
                        Requested.NoWorker.class,
                        none -> assertThat(none.why()).contains("no worker takes requests now (disk: no space left)"));
        assertThat(fixture.queue.holds(fixture.artifact)).isTrue();
        assertThat(compilations.find(fixture.artifact.digest(), LONG)).isInstanceOf(Requested.NoWorker.class);
    }

    @Test
    void one_worker_without_trouble_or_none_at_all_is_worth_waiting_for() throws Exception {
        assertThat(ask(Duration.ZERO)).isEqualTo(state(new KeyState.Compiling()));
        fixture.troubled("one", new Trouble(Trouble.Kind.STORE, "403"));
        fixture.alive("two", Limits.DEFAULT, JsonObject.EMPTY);
        assertThat(ask(Duration.ZERO)).isEqualTo(state(new KeyState.Compiling()));
    }

    @Test
    void after_the_expiry_of_the_policy_what_exists_is_served_and_nothing_new_is_compiled() throws Exception {
        assertThat(ask(Duration.ZERO)).isEqualTo(state(new KeyState.Compiling()));
        take().ack();
        fixture.expirePolicy();
        fixture.after(Duration.ofMinutes(1));
        assertThat(ask(LONG))
                .isInstanceOfSatisfying(
                        Requested.NoWorker.class,
                        none -> assertThat(none.why()).contains("expired at", "artifacts that exist are still served"));
        assertThat(fixture.queue.depth()).isZero();

        fixture.publish();
        fixture.after(Duration.ofSeconds(3));
        assertThat(((Requested.State) ask(Duration.ZERO)).state()).isInstanceOf(KeyState.Present.class);
        fixture.after(Duration.ofHours(1));
        assertThat(ask(Duration.ZERO)).isInstanceOf(Requested.NoWorker.class);
    }

    private CompileQueue.Delivery take() {
        try {
            return fixture.queue.take(Set.of(fixture.lane.id()), LONG).orElseThrow();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void work(boolean tell) {
        CompileQueue.Delivery delivery = take();
        try {
            fixture.publish();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (tell) {
            fixture.events.publish(new CompileEvent(fixture.artifact, CompileEvent.Kind.COMPILED));
        }
        delivery.ack();
    }
}
