package dev.precast.precompiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.precast.artifact.ArtifactKey;
import dev.precast.attestation.AttestationVerifier;
import dev.precast.attestation.SigningKey;
import dev.precast.cache.Compilations;
import dev.precast.cache.Engines;
import dev.precast.cache.KeyStates;
import dev.precast.cache.Modules;
import dev.precast.cache.RequestedKeys;
import dev.precast.cache.outcome.CompileOutcome;
import dev.precast.cache.outcome.CompileOutcome.Cause;
import dev.precast.cache.outcome.Limits;
import dev.precast.cache.outcome.OutcomeRecord;
import dev.precast.cache.queue.Priority;
import dev.precast.cache.store.Artifacts;
import dev.precast.cache.store.FileContentStore;
import dev.precast.cache.store.FileDocumentStore;
import dev.precast.cache.store.Lanes;
import dev.precast.cache.store.Outcomes;
import dev.precast.module.Cap;
import dev.precast.module.StaticCaps;
import dev.precast.protocol.KeyState;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Workers of one lane that differ in packs, caps or limits, with an API replica: a request gets one answer, and no worker
 * compiles more often than necessary for it.
 */
@Timeout(120)
@Execution(ExecutionMode.CONCURRENT)
class SideBySideTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String REJECT = "echo '{\"code\":\"invalid-module\",\"message\":\"no\"}' >&2; exit 65";
    /** Needs two seconds for a module whose text contains "slow". */
    private static final String COPY = "grep -q slow $1 && sleep 2; cat $1 > $2";

    private static final byte[] MODULE = Worker.module("a module");
    private static final StaticCaps NARROW = StaticCaps.DEFAULT.with(Cap.MODULE_BYTES, 5);
    private static final Limits SMALL = new Limits(64, 256, 20, 120, 4);
    private static final Limits BIG = new Limits(128, 512, 20, 120, 4);
    private static final String STARTED = "started shell@1.0.0+1";

    @TempDir
    Path folder;

    private final SigningKey key = SigningKey.generate();
    private final Fleet shared = Fleet.of(InstantSource.system());
    private final List<Worker> workers = new ArrayList<>();
    private Outcomes outcomes;
    private Compilations api;

    @BeforeEach
    void startApi() {
        InstantSource clock = InstantSource.system();
        var policy = Worker.policy(key);
        AttestationVerifier verifier = new AttestationVerifier(() -> policy, clock);
        FileDocumentStore documents = new FileDocumentStore(store().resolve("documents"));
        FileContentStore payloads = new FileContentStore(store().resolve("payloads"));
        outcomes = new Outcomes(documents, verifier, clock);
        Engines engines = new Engines(new Lanes(documents), shared.workers(), Ticker.systemTicker());
        KeyStates states = new KeyStates(
                new Artifacts(documents, payloads, verifier),
                outcomes,
                engines,
                shared.queue(),
                () -> policy,
                clock,
                Ticker.systemTicker());
        api = new Compilations(
                states,
                engines,
                new Modules(new FileContentStore(store().resolve("modules")), 1 << 20, Ticker.systemTicker()),
                shared.queue(),
                shared.events(),
                new RequestedKeys(documents, Ticker.systemTicker()),
                clock);
    }

    @AfterEach
    void stop() throws Exception {
        for (Worker worker : workers) {
            worker.close();
        }
        api.close();
    }

    private Path store() {
        return folder.resolve("store");
    }

    /** Starts a worker with a pack of its own, and announces it. */
    private Worker worker(String name, String script, Limits limits, StaticCaps caps) {
        ShellPack.write(folder.resolve(name).resolve("packs"), "shell", script);
        Worker worker =
                new Worker(Worker.config(folder.resolve(name), 1, limits, caps, Duration.ZERO), store(), key, shared);
        workers.add(worker);
        worker.beat(name);
        return worker;
    }

    private KeyState ask(ArtifactKey asked) throws InterruptedException {
        return ((Compilations.Requested.State) api.request(asked, Priority.HOT, LONG)).state();
    }

    /** Waits until the request has left the queue and all workers have told what they did: the event is first. */
    private void awaitEnd(ArtifactKey asked) {
        await().atMost(LONG).until(() -> workers.stream().allMatch(worker -> worker.isAnswered(asked)));
    }

    /** Starts a worker, and lets it compile a module for a while. */
    private Worker busy(String name, Limits limits) {
        Worker worker = worker(name, COPY, limits, StaticCaps.DEFAULT);
        worker.ask(worker.upload("shell", Worker.module("slow")));
        await().atMost(LONG).until(() -> worker.heard.contains(STARTED));
        return worker;
    }

    /** Starts a worker that gets few requests beside another one. */
    private Worker asksSeldom(String name, StaticCaps caps) {
        Worker worker = worker(name, COPY, SMALL, caps);
        worker.asksSeldom = true;
        return worker;
    }

    private void fail(ArtifactKey asked, CompileOutcome.Failed failed) {
        outcomes.put(asked, OutcomeRecord.sign(failed, key));
    }

    /** A failure of the pack of {@code worker} by lack of memory, in force for an hour. */
    private static CompileOutcome.Failed failure(Worker worker, ArtifactKey asked, int attempts) {
        Instant now = Instant.now();
        return new CompileOutcome.Failed(
                asked,
                worker.precompiler.offers().getFirst().pack(),
                SMALL,
                new KeyState.Failed(Cause.MEMORY.label(), "too little", attempts, now.plusSeconds(3600)),
                now);
    }

    @Test
    void after_the_rollback_of_a_rebuilt_pack_the_rejections_of_the_first_build_count() throws Exception {
        Worker stays = worker("stays", REJECT, SMALL, StaticCaps.DEFAULT);
        Worker canary = worker("canary", REJECT + " # rebuilt", SMALL, StaticCaps.DEFAULT);
        canary.leave("canary");
        ArtifactKey asked = stays.upload("shell", MODULE);

        for (int i = 0; i < 3; i++) {
            assertThat(ask(asked)).isInstanceOf(KeyState.Rejected.class);
        }

        awaitEnd(asked);
        assertThat(stays.heard).containsExactly(STARTED, "rejected");
    }

    @Test
    void a_rejection_by_a_pack_that_was_rolled_back_is_compiled_once_by_the_other_build() throws Exception {
        Worker canary = worker("canary", REJECT + " # rebuilt", SMALL, StaticCaps.DEFAULT);
        ArtifactKey asked = canary.upload("shell", MODULE);
        assertThat(ask(asked)).isInstanceOf(KeyState.Rejected.class);
        Worker stays = worker("stays", COPY, SMALL, StaticCaps.DEFAULT);
        assertThat(ask(asked)).as("with both builds").isInstanceOf(KeyState.Rejected.class);

        canary.leave("canary");

        assertThat(ask(asked)).isInstanceOf(KeyState.Present.class);
        awaitEnd(asked);
        assertThat(stays.heard).containsExactly(STARTED, "compiled");
    }

    @Test
    void a_narrow_worker_leaves_a_module_over_its_caps_to_a_wide_one() throws Exception {
        Worker wide = busy("wide", SMALL);
        Worker narrow = asksSeldom("narrow", NARROW);
        ArtifactKey asked = wide.upload("shell", MODULE);
        Instant start = Instant.now();

        assertThat(ask(asked)).isInstanceOf(KeyState.Present.class);

        awaitEnd(asked);
        Duration took = Duration.between(start, Instant.now());
        assertThat(narrow.heard).contains("handed-back").containsOnly(STARTED, "handed-back");
        LeftToOthers delays = new LeftToOthers();
        Duration between = Stream.generate(() -> delays.delay(asked))
                .limit(Collections.frequency(narrow.heard, STARTED) - 1)
                .reduce(Duration.ZERO, Duration::plus);
        assertThat(between).as("delays between the deliveries").isLessThanOrEqualTo(took);
        assertThat(wide.heard).containsExactly(STARTED, "compiled", STARTED, "compiled");
    }

    @Test
    void when_the_wide_worker_is_gone_the_rejection_of_the_narrow_one_is_the_answer() throws Exception {
        Worker wide = busy("wide", SMALL);
        Worker narrow = asksSeldom("narrow", NARROW);
        ArtifactKey asked = wide.upload("shell", MODULE);
        Thread leaving = Thread.ofVirtual().start(() -> {
            try {
                await().atMost(LONG).until(() -> narrow.heard.contains("handed-back"));
                wide.leave("wide");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });

        assertThat(ask(asked)).isInstanceOf(KeyState.Rejected.class);

        leaving.join();
        awaitEnd(asked);
    }

    @Test
    void after_an_answer_the_delays_of_a_request_that_is_left_to_others_begin_anew() throws Exception {
        Worker narrow = worker("narrow", COPY, SMALL, NARROW);
        ArtifactKey asked = narrow.upload("shell", MODULE);
        narrow.beat("wide", StaticCaps.DEFAULT);
        narrow.ask(asked);
        await().atMost(LONG).until(() -> narrow.naks.size() == 2);
        narrow.lastBeat("wide");
        awaitEnd(asked);
        int before = narrow.naks.size();
        assertThat(narrow.naks.get(1)).isEqualTo(narrow.naks.getFirst().multipliedBy(2));

        narrow.beat("wide", StaticCaps.DEFAULT);
        narrow.ask(asked);
        await().atMost(LONG).until(() -> narrow.naks.size() > before);

        assertThat(narrow.naks.get(before)).isEqualTo(narrow.naks.getFirst());
    }

    @Test
    void a_small_worker_leaves_a_key_that_was_given_up_to_a_big_one() throws Exception {
        busy("big", BIG);
        Worker small = asksSeldom("small", StaticCaps.DEFAULT);
        ArtifactKey asked = small.upload("shell", MODULE);
        fail(asked, failure(small, asked, 5));

        assertThat(ask(asked)).isInstanceOf(KeyState.Present.class);

        awaitEnd(asked);
        assertThat(small.heard).contains("handed-back").containsOnly(STARTED, "handed-back");
        assertThat(shared.deadLetters().list(1)).isEmpty();
    }

    @Test
    void a_key_that_a_small_worker_gave_up_is_answered_when_no_big_one_is_alive() throws Exception {
        Worker small = worker("small", COPY, SMALL, StaticCaps.DEFAULT);
        ArtifactKey asked = small.upload("shell", MODULE);
        CompileOutcome.Failed failed = failure(small, asked, 5);
        fail(asked, failed);

        assertThat(ask(asked)).isEqualTo(failed.state());
        small.compile(asked);

        assertThat(small.heard).containsExactly(STARTED, "given-up");
        assertThat(shared.deadLetters().list(2)).hasSize(1);
        assertThat(ask(asked)).isEqualTo(failed.state());
    }

    @Test
    void a_failure_for_lack_of_memory_goes_to_a_worker_with_more_without_a_second_request() throws Exception {
        String script = "test $4 -ge 100 && cat $1 > $2 || exit 3";
        Worker big = worker("big", script, BIG, StaticCaps.DEFAULT);
        Worker small = worker("small", script, SMALL, StaticCaps.DEFAULT);
        ArtifactKey asked = small.upload("shell", MODULE);

        small.ask(asked);

        awaitEnd(asked);
        assertThat(ask(asked)).isInstanceOf(KeyState.Present.class);
        assertThat(big.heard).containsExactly(STARTED, "compiled");
    }
}
