package dev.precast.precompiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.artifact.ArtifactKey;
import dev.precast.attestation.SigningKey;
import dev.precast.cache.outcome.CompileOutcome;
import dev.precast.cache.outcome.OutcomeRecord;
import dev.precast.cache.store.UnfinishedStarts.Starts;
import dev.precast.module.EmptyModule;
import dev.precast.module.StaticCaps;
import dev.precast.protocol.KeyState;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Workers that end during a compilation: what it costs the module. */
class EvictionsTest {
    private static final byte[] MODULE = Worker.module("a module");
    private static final String STARTED = "started shell@1.0.0+1";

    @TempDir
    Path folder;

    private final SigningKey key = SigningKey.generate();

    @Test
    void a_start_is_counted_before_the_child_and_forgotten_with_the_result() throws Exception {
        pack("sleep 2; cat $1 > $2");
        try (Worker worker = worker(Duration.ofSeconds(20))) {
            ArtifactKey asked = worker.upload("shell", MODULE);
            worker.ask(asked);
            await().until(() -> worker.starts(asked) == 1);
            assertThat(worker.stores.outcomes().find(asked)).isEmpty();
            await().atMost(Duration.ofSeconds(30)).until(() -> worker.isAnswered(asked));
            assertThat(worker.starts(asked)).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void killed_workers_cost_neither_an_attempt_nor_a_back_off(int killed) throws Exception {
        pack("echo bad >&2; exit 7");
        try (Worker worker = worker(Duration.ZERO)) {
            ArtifactKey asked = upload(worker, new Starts(killed, Instant.now()));
            worker.compile(asked);
            assertThat(worker.heard).containsExactly(STARTED, "failed-crash");
            assertThat(worker.failure(asked).state().attempts()).isEqualTo(1);
            assertThat(worker.starts(asked)).isZero();
        }
    }

    @Test
    void if_one_worker_after_the_other_ends_the_next_start_waits_but_no_attempt_counts() throws Exception {
        pack("cat $1 > $2");
        try (Worker worker = worker(Duration.ZERO)) {
            ArtifactKey asked = upload(worker, new Starts(12, Instant.now()));
            worker.ask(asked);
            await().until(() -> worker.heard.contains("handed-back"));
            assertThat(worker.queue.holds(asked)).isTrue();
            assertThat(worker.stores.outcomes().find(asked)).isEmpty();
            assertThat(worker.deadLetters.list(1)).isEmpty();

            worker.ahead = Duration.ofMinutes(1 << 9).plusSeconds(1);
            await().atMost(Duration.ofSeconds(30)).until(() -> worker.isAnswered(asked));
            assertThat(worker.attestation(asked)).isNotNull();
            assertThat(worker.starts(asked)).isZero();
        }
    }

    @Test
    void starts_in_the_future_delay_nothing() throws Exception {
        pack("cat $1 > $2");
        try (Worker worker = worker(Duration.ZERO)) {
            ArtifactKey asked = upload(worker, new Starts(40, Instant.now().plusSeconds(3600)));
            worker.compile(asked);
            assertThat(worker.heard).containsExactly(STARTED, "compiled");
        }
    }

    @Test
    void what_an_earlier_version_stored_before_a_child_is_no_attempt() throws Exception {
        EnginePack pack = pack("echo bad >&2; exit 7");
        try (Worker worker = worker(Duration.ZERO)) {
            ArtifactKey asked = worker.upload("shell", MODULE);
            Instant now = Instant.now();
            CompileOutcome before = new CompileOutcome.Failed(
                    asked,
                    pack.digest(),
                    Worker.LIMITS,
                    new KeyState.Failed("crash", "worker: did not finish the compilation", 3, now.plusSeconds(600)),
                    now);
            worker.stores.outcomes().put(asked, OutcomeRecord.sign(before, key));
            worker.compile(asked);
            assertThat(worker.heard).containsExactly(STARTED, "failed-crash");
            assertThat(worker.failure(asked).state().attempts()).isEqualTo(3);
        }
    }

    /** 128 and the numbers of SIGHUP, SIGINT and SIGTERM. */
    @ParameterizedTest
    @ValueSource(ints = {129, 130, 143})
    void a_child_that_is_asked_to_end_is_no_crash_of_the_module(int code) throws Exception {
        assertThatTheThirdStartWaits(code, MODULE);
    }

    @Test
    void a_compiler_that_ends_itself_is_not_restarted_at_once_for_the_empty_module_either() throws Exception {
        assertThatTheThirdStartWaits(143, EmptyModule.wasm());
    }

    private void assertThatTheThirdStartWaits(int code, byte[] module) throws InterruptedException {
        pack("exit " + code);
        try (Worker worker = worker(Duration.ZERO)) {
            ArtifactKey asked = worker.upload("shell", module);
            worker.ask(asked);
            // The third start waits, so that a compiler that ends itself does not keep a worker busy.
            await().atMost(Duration.ofSeconds(30)).until(() -> worker.starts(asked) == 3);
            await().until(() -> worker.heard.size() > 6);
            assertThat(Set.copyOf(worker.heard)).containsExactlyInAnyOrder(STARTED, "handed-back");
            assertThat(worker.stores.outcomes().find(asked)).isEmpty();
            assertThat(worker.starts(asked)).isEqualTo(3);
        }
    }

    @Test
    void a_stopped_worker_returns_its_requests_at_once_without_counting_a_start() throws Exception {
        pack("sleep 60");
        Worker worker = worker(Duration.ZERO);
        ArtifactKey asked = upload(worker, new Starts(1, Instant.now()));
        worker.ask(asked);
        await().until(() -> worker.starts(asked) == 2);
        worker.close();
        assertThat(worker.stores.outcomes().find(asked)).isEmpty();
        assertThat(worker.starts(asked)).isEqualTo(1);
        assertThat(worker.heard).containsExactly(STARTED, "handed-back");
        assertThat(worker.queue.depth()).isEqualTo(1);
        assertThat(worker.queue.take(Set.of(asked.lane()), Duration.ZERO)).isPresent();
    }

    @Test
    void the_time_to_finish_begins_when_a_worker_stops_taking() throws Exception {
        pack("sleep 60");
        Worker worker = worker(Duration.ofSeconds(2));
        ArtifactKey asked = worker.upload("shell", MODULE);
        worker.ask(asked);
        await().until(() -> worker.starts(asked) == 1);
        worker.precompiler.stopTaking();
        ArtifactKey later = worker.upload("shell", Worker.module("another module"));
        worker.ask(later);
        Thread.sleep(2000);
        assertThat(worker.heard).containsExactly(STARTED);
        long closing = System.nanoTime();
        worker.close();
        assertThat(Duration.ofNanos(System.nanoTime() - closing)).isLessThan(Duration.ofSeconds(2));
        assertThat(worker.heard).containsExactly(STARTED, "handed-back");
        assertThat(worker.queue.depth()).isEqualTo(2);
    }

    @Test
    void a_worker_that_is_stopped_lets_work_finish_within_its_time() throws Exception {
        pack("sleep 1; cat $1 > $2");
        Worker worker = worker(Duration.ofSeconds(20));
        ArtifactKey asked = worker.upload("shell", MODULE);
        worker.ask(asked);
        await().until(() -> worker.starts(asked) == 1);
        worker.close();
        assertThat(worker.heard).containsExactly(STARTED, "compiled");
    }

    /** Uploads the module, which workers have started to compile before. */
    private static ArtifactKey upload(Worker worker, Starts unfinished) {
        ArtifactKey asked = worker.upload("shell", MODULE);
        worker.stores.starts().put(asked, unfinished);
        return asked;
    }

    private EnginePack pack(String script) {
        return ShellPack.write(folder.resolve("packs"), "shell", script);
    }

    private Worker worker(Duration drain) {
        return new Worker(
                Worker.config(folder, 1, Worker.LIMITS, StaticCaps.DEFAULT, drain), folder.resolve("store"), key);
    }
}
