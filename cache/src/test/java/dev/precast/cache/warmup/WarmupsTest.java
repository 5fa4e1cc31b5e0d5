package dev.precast.cache.warmup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.Lane;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.artifact.Target;
import dev.precast.cache.Compilations;
import dev.precast.cache.Fixture;
import dev.precast.cache.event.CompileEvent;
import dev.precast.cache.outcome.Limits;
import dev.precast.cache.queue.CompileQueue.Delivery;
import dev.precast.cache.queue.InProcessQueue;
import dev.precast.cache.warmup.Warmups.Begun;
import dev.precast.cache.worker.LaneOffer;
import dev.precast.cache.worker.WorkerNotice;
import dev.precast.cache.worker.Workers;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.protocol.KeyState;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.CONCURRENT)
class WarmupsTest {
    private static final Duration SOON = Duration.ofMillis(50);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Fixture fixture = new Fixture();
    private final Compilations compilations = fixture.compilations(fixture.clock);
    private final ModuleLists lists = new ModuleLists(fixture.documents, fixture.clock);
    private final List<Warmups> replicas = new ArrayList<>();
    private final AtomicInteger compiled = new AtomicInteger();
    private volatile Thread worker = Thread.ofVirtual().unstarted(() -> {});

    @AfterEach
    void close() throws Exception {
        worker.interrupt();
        for (Warmups replica : replicas) {
            replica.close();
        }
        compilations.close();
    }

    private Warmups replica() {
        Warmups warmups = fixture.warmups(compilations, lists, SOON);
        replicas.add(warmups);
        return warmups;
    }

    private static byte[] wasm(int number) {
        return new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0, 0, 3, 1, (byte) number, (byte) (number >> 8)};
    }

    /** Modules that are stored. */
    private List<ModuleDigest> modules(int count) throws IOException {
        List<ModuleDigest> modules = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            fixture.moduleStore.put(new ByteArrayInputStream(wasm(i)), null, 100);
            modules.add(ModuleDigest.of(wasm(i)));
        }
        return modules;
    }

    private Warmup begin(Warmups warmups, List<ModuleDigest> modules) {
        return ((Begun.Running) warmups.begin(lists.putAll(modules), List.of())).warmup();
    }

    /** Takes all requests from the queue; rejects the given modules and compiles the others. */
    private void work(ModuleDigest... rejected) {
        worker = Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    Optional<Delivery> delivery = fixture.queue.take(Set.of(fixture.lane.id()), PATIENCE);
                    delivery.ifPresent(d -> compile(d, Set.of(rejected)));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private void compile(Delivery delivery, Set<ModuleDigest> rejected) {
        var key = delivery.request().key();
        try {
            if (rejected.contains(key.module())) {
                fixture.reject(key);
                fixture.events.publish(new CompileEvent(key, CompileEvent.Kind.REJECTED));
            } else {
                fixture.publish(fixture.moduleStore
                        .find(key.module().digest())
                        .orElseThrow()
                        .open()
                        .readAllBytes());
                compiled.incrementAndGet();
                fixture.events.publish(new CompileEvent(key, CompileEvent.Kind.COMPILED));
            }
            delivery.ack();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Warmup ended(Warmups warmups, String id) {
        return await().atMost(PATIENCE)
                .until(() -> warmups.find(id).orElseThrow(), w -> w.state() != Warmup.State.RUNNING);
    }

    @Test
    void many_modules_go_through_a_queue_that_takes_two() throws Exception {
        Warmups warmups = replica();
        work();

        Warmup done = ended(warmups, begin(warmups, modules(150)).id());

        assertThat(done.state()).isEqualTo(Warmup.State.DONE);
        assertThat(done.settled().of(Warmup.Outcome.PRESENT)).isEqualTo(150);
        assertThat(compiled).hasValue(150);
    }

    @Test
    void each_module_has_its_own_outcome() throws Exception {
        Warmups warmups = replica();
        List<ModuleDigest> modules = modules(3);
        ModuleDigest unknown = ModuleDigest.of(new byte[] {9});
        work(modules.get(1));

        Warmup done = ended(
                warmups,
                begin(
                                warmups,
                                Stream.concat(modules.stream(), Stream.of(unknown))
                                        .toList())
                        .id());

        assertThat(done.settled().of(Warmup.Outcome.PRESENT)).isEqualTo(2);
        assertThat(done.settled().of(Warmup.Outcome.REJECTED)).isEqualTo(1);
        assertThat(done.settled().of(Warmup.Outcome.UNKNOWN)).isEqualTo(1);
        List<Warmups.Result> results = warmups.results(done, 1, 2);
        assertThat(results.get(0).state()).isInstanceOf(KeyState.Rejected.class);
        assertThat(results.get(1).key().module()).isEqualTo(modules.get(2));
        assertThat(warmups.results(done, 3, 10).getFirst().state()).isEqualTo(new KeyState.Absent(false));
    }

    @Test
    void the_same_request_finds_the_same_warm_up_and_begins_one_again_that_has_ended() throws Exception {
        Warmups warmups = replica();
        List<Digest> same = lists.putAll(modules(2));
        Begun.Running first = (Begun.Running) warmups.begin(same, List.of());
        Begun.Running second = (Begun.Running) warmups.begin(same, List.of(fixture.lane.id()));
        assertThat(first.fresh()).isTrue();
        assertThat(second.fresh()).isFalse();
        assertThat(second.warmup().id()).isEqualTo(first.warmup().id());
        work();
        ended(warmups, first.warmup().id());

        Begun.Running third = (Begun.Running) warmups.begin(same, List.of());
        assertThat(third.fresh()).isTrue();
        assertThat(ended(warmups, third.warmup().id()).settled().total()).isEqualTo(2);
        assertThat(compiled)
                .as("compilations; existing artifacts are not compiled again")
                .hasValue(2);
    }

    @Test
    void another_replica_continues_the_warm_up_of_a_closed_one() throws Exception {
        Warmups first = replica();
        String id = begin(first, modules(40)).id();
        await().atMost(PATIENCE).until(() -> fixture.queue.depth() > 0);
        Warmups second = replica();
        first.close();
        work();

        assertThat(ended(second, id).settled().of(Warmup.Outcome.PRESENT)).isEqualTo(40);
        assertThat(compiled).hasValue(40);
    }

    @Test
    void a_warm_up_whose_driver_went_silent_is_taken_over_when_its_lease_is_over() throws Exception {
        WarmupDocuments documents = new WarmupDocuments(fixture.documents);
        Warmup stalled = Warmup.of(
                List.of(new Warmup.Part(lists.put(modules(2)), 2)),
                List.of(fixture.lane.id()),
                fixture.clock.instant());
        documents.put(
                stalled.with(new Warmup.Lease("gone", fixture.clock.instant().plusSeconds(20))), null);
        documents.activate(stalled.id());
        Warmups warmups = replica();
        work();

        Thread.sleep(SOON.multipliedBy(5));
        assertThat(compiled)
                .as("compilations while another replica holds the lease")
                .hasValue(0);
        fixture.after(Duration.ofSeconds(21));
        assertThat(ended(warmups, stalled.id()).settled().of(Warmup.Outcome.PRESENT))
                .isEqualTo(2);
    }

    @Test
    void a_store_that_fails_for_a_while_ends_nothing() throws Exception {
        Warmups warmups = replica();
        String id = begin(warmups, modules(5)).id();
        await().atMost(PATIENCE).until(() -> fixture.queue.depth() == 2);
        fixture.documents.failing = true;
        Thread.sleep(500);
        fixture.documents.failing = false;
        work();

        assertThat(ended(warmups, id).settled().of(Warmup.Outcome.PRESENT)).isEqualTo(5);
    }

    @Test
    void a_module_that_several_lists_name_is_compiled_once_and_counts_for_each() throws Exception {
        List<ModuleDigest> modules = modules(6);
        Digest first = lists.put(modules.subList(0, 4));
        Digest second = lists.put(modules.subList(2, 6));
        Warmups warmups = replica();
        Warmup begun = ((Begun.Running) warmups.begin(List.of(first, second, first), List.of())).warmup();
        await().atMost(PATIENCE).until(() -> fixture.queue.depth() == 2);
        work();

        Warmup done = ended(warmups, begun.id());
        assertThat(done.state()).isEqualTo(Warmup.State.DONE);
        assertThat(done.settled().of(Warmup.Outcome.PRESENT)).isEqualTo(12);
        assertThat(compiled).hasValue(6);
    }

    @Test
    void while_a_list_cannot_be_read_earlier_lists_continue_and_no_module_is_skipped() throws Exception {
        List<ModuleDigest> modules = modules(5);
        Digest first = lists.put(modules.subList(0, 2));
        Digest second = lists.put(modules.subList(2, 5));
        Warmup warmup = Warmup.of(
                List.of(new Warmup.Part(first, 2), new Warmup.Part(second, 3)),
                List.of(fixture.lane.id()),
                fixture.clock.instant());
        WarmupDocuments documents = new WarmupDocuments(fixture.documents);
        documents.put(warmup, null);
        documents.activate(warmup.id());
        fixture.documents.failsOn = second.hex();
        Warmups warmups = replica();
        work();

        await().atMost(PATIENCE).until(() -> presentOf(warmups, warmup) == 2);
        fixture.documents.failsOn = "";

        assertThat(ended(warmups, warmup.id()).settled().total()).isEqualTo(5);
        assertThat(presentOf(warmups, warmup)).isEqualTo(5);
        assertThat(compiled).hasValue(5);
    }

    @Test
    void a_damaged_list_of_running_warm_ups_is_completed_when_someone_looks_at_one() throws Exception {
        Warmup warmup = Warmup.of(
                List.of(new Warmup.Part(lists.put(modules(3)), 3)),
                List.of(fixture.lane.id()),
                fixture.clock.instant());
        new WarmupDocuments(fixture.documents).put(warmup, null);
        fixture.documents.put("warmups/active", new byte[] {'{'}, "*");
        Warmups warmups = replica();
        work();

        assertThat(ended(warmups, warmup.id()).settled().of(Warmup.Outcome.PRESENT))
                .isEqualTo(3);
    }

    @Test
    void a_damaged_list_or_warm_up_is_unknown_and_stored_again_by_the_next_request() throws Exception {
        Warmups warmups = replica();
        List<ModuleDigest> modules = modules(2);
        Digest list = lists.put(modules);
        byte[] swapped = new String(
                        fixture.documents
                                .find("module-lists/" + list.hex())
                                .orElseThrow()
                                .bytes(),
                        StandardCharsets.UTF_8)
                .replace(modules.get(0).digest().hex(), "0".repeat(64))
                .getBytes(StandardCharsets.UTF_8);
        fixture.documents.put("module-lists/" + list.hex(), swapped, "*");
        assertThat(warmups.begin(List.of(list), List.of())).isEqualTo(new Begun.ListUnknown(list));

        String id = begin(warmups, modules).id();
        fixture.documents.put("warmups/jobs/" + id, new byte[] {'{'}, "*");
        assertThat(warmups.find(id)).isEmpty();
        work();

        assertThat(ended(warmups, begin(warmups, modules).id()).settled().of(Warmup.Outcome.PRESENT))
                .isEqualTo(2);
    }

    /** Registers a second lane, and moves the clock so far that a lane without a heartbeat has no worker. */
    private Lane otherLane() {
        Lane other = new Lane(
                EngineId.parse("copy@2.0.0+1"),
                fixture.lane.engineHash(),
                fixture.lane.config(),
                fixture.lane.target());
        fixture.lanes.register(List.of(new LaneOffer(
                other, "default", "copy/1", Fixture.PACK, Limits.DEFAULT, JsonObject.EMPTY.with("functions", 10))));
        fixture.after(Workers.HEARTBEAT_TIMEOUT.plusSeconds(1));
        return other;
    }

    private void alive(int slots, Lane... lanes) {
        Set<Digest> digests = Stream.of(lanes).map(lane -> lane.id().digest()).collect(Collectors.toSet());
        fixture.workers.announce(new WorkerNotice("one", digests, slots, Limits.DEFAULT, JsonObject.EMPTY));
    }

    @Test
    void a_lane_without_a_worker_is_set_aside_and_the_other_lane_is_warmed() throws Exception {
        Warmups warmups = replica();
        Lane other = otherLane();
        alive(4, fixture.lane);
        List<Digest> list = lists.putAll(modules(100));
        // The lane without a worker comes first.
        Begun.Running begun = (Begun.Running) warmups.begin(list, List.of(other.id(), fixture.lane.id()));
        work();

        String id = begun.warmup().id();
        await().atMost(PATIENCE).until(() -> presentOf(warmups, begun.warmup()) == 100);
        await().atMost(PATIENCE)
                .until(() -> warmups.find(id).orElseThrow().setAside().equals(List.of(0)));
        assertThat(warmups.find(id).orElseThrow().state()).isEqualTo(Warmup.State.RUNNING);
        assertThat(fixture.queue.depth())
                .as("requests of the lane without a worker")
                .isZero();

        fixture.after(Duration.ofSeconds(61));
        Warmup done = ended(warmups, id);
        assertThat(done.state()).isEqualTo(Warmup.State.DONE);
        assertThat(done.setAside()).containsExactly(0);
        assertThat(done.total() - done.settled().total()).isEqualTo(100);
    }

    @Test
    void a_lane_whose_worker_comes_later_is_warmed_too() throws Exception {
        Warmups warmups = replica();
        Lane other = otherLane();
        alive(4, fixture.lane);
        Begun.Running begun =
                (Begun.Running) warmups.begin(lists.putAll(modules(1)), List.of(other.id(), fixture.lane.id()));
        await().atMost(PATIENCE).until(() -> fixture.queue.depth() == 1);

        alive(4, fixture.lane, other);
        await().atMost(PATIENCE)
                .until(() ->
                        fixture.queue.take(Set.of(other.id()), Duration.ZERO).isPresent());
        assertThat(warmups.find(begun.warmup().id()).orElseThrow().state()).isEqualTo(Warmup.State.RUNNING);
    }

    @Test
    void a_warm_up_keeps_two_requests_for_each_announced_slot_in_the_queue() throws Exception {
        InProcessQueue queue = new InProcessQueue(10_000, fixture.clock);
        try (Compilations wide = fixture.compilations(queue);
                Warmups warmups = fixture.warmups(wide, lists, SOON)) {
            alive(100, fixture.lane);
            begin(warmups, modules(400));

            await().atMost(PATIENCE).until(() -> queue.depth() == 200);
            alive(150, fixture.lane);
            await().atMost(PATIENCE).until(() -> queue.depth() == 300);
            Thread.sleep(500);
            assertThat(queue.depth()).isEqualTo(300);
        }
    }

    @Test
    void a_warm_up_that_an_older_replica_stored_is_continued_and_shows_its_counts() throws Exception {
        List<ModuleDigest> modules = modules(3);
        Digest list = lists.put(modules);
        Warmup warmup =
                Warmup.of(List.of(new Warmup.Part(list, 3)), List.of(fixture.lane.id()), fixture.clock.instant());
        WarmupDocuments documents = new WarmupDocuments(fixture.documents);
        documents.put(warmup, null);
        String name = "warmups/jobs/" + warmup.id();
        JsonObject now =
                Json.parse(fixture.documents.find(name).orElseThrow().bytes()).asObject("warm-up");
        JsonObject old = JsonObject.EMPTY;
        for (String member : List.of("parts", "lanes", "createdAt", "state")) {
            old = old.with(member, now.find(member).orElseThrow());
        }
        old = old.with("cursor", 1)
                .with("counts", JsonObject.EMPTY.with("failed", 1))
                .with("ahead", JsonObject.EMPTY);
        fixture.documents.put(name, old.canonical().getBytes(StandardCharsets.UTF_8), "*");
        assertThat(documents.find(warmup.id()).orElseThrow().warmup().settled().of(Warmup.Outcome.FAILED))
                .isEqualTo(1);
        documents.activate(warmup.id());
        Warmups warmups = replica();
        work();

        Warmup done = ended(warmups, warmup.id());
        assertThat(done.settled().of(Warmup.Outcome.FAILED)).isEqualTo(1);
        assertThat(done.settled().of(Warmup.Outcome.PRESENT)).isEqualTo(2);
        JsonObject after =
                Json.parse(fixture.documents.find(name).orElseThrow().bytes()).asObject("warm-up");
        assertThat(after.object("ahead").integer("present", 0, 10))
                .as("count that an older replica shows")
                .isEqualTo(2);
        assertThat(after.integer("cursor", 0, 10)).isZero();
    }

    private static long presentOf(Warmups warmups, Warmup warmup) {
        return warmups.find(warmup.id()).orElseThrow().settled().of(Warmup.Outcome.PRESENT);
    }

    @Test
    void a_cancelled_warm_up_asks_for_nothing_more() throws Exception {
        Warmups warmups = replica();
        String id = begin(warmups, modules(100)).id();
        await().atMost(PATIENCE).until(() -> fixture.queue.depth() == 2);

        assertThat(warmups.cancel(id).orElseThrow().state()).isEqualTo(Warmup.State.CANCELLED);
        Thread.sleep(3000); // The replica notices the cancellation when it next stores the progress.
        work();
        Thread.sleep(1000);

        assertThat(compiled).hasValue(2);
    }

    @Test
    void an_impossible_warm_up_is_refused_at_once() throws Exception {
        Warmups warmups = replica();
        Digest list = Digest.of(new byte[] {7});
        LaneId other = new LaneId(
                fixture.lane.engine(),
                fixture.lane.engineHash(),
                fixture.lane.config().hash(),
                new Target("pulley64"));

        assertThat(warmups.begin(List.of(list), List.of())).isEqualTo(new Begun.ListUnknown(list));
        assertThat(warmups.begin(List.of(), List.of(other))).isInstanceOf(Begun.LaneUnknown.class);
        assertThat(ended(warmups, begin(warmups, List.of()).id()).state())
                .as("state of a warm-up without modules")
                .isEqualTo(Warmup.State.DONE);
    }
}
