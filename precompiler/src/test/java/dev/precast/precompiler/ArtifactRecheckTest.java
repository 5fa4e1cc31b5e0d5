package dev.precast.precompiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.attestation.SigningKey;
import dev.precast.cache.damage.Recheck;
import dev.precast.cache.damage.Recheck.Verdict;
import dev.precast.cache.damage.RecheckRequests;
import dev.precast.cache.damage.Rechecks.Opened;
import dev.precast.cache.event.CompileEvent;
import dev.precast.cache.outcome.Limits;
import dev.precast.cache.worker.InProcessWorkers;
import dev.precast.cache.worker.WorkerNotice;
import dev.precast.json.JsonObject;
import dev.precast.module.StaticCaps;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What workers do about an artifact that a host could not load. */
class ArtifactRecheckTest {
    private static final String STARTED = "started shell@1.0.0+1";
    private static final byte[] MODULE = Worker.module("a module");
    private static final String REFUSE = "echo '{\"code\":\"unloadable\",\"message\":\"no\"}' >&2; exit 65";
    private static final String COPY = "cat $1 > $2";
    /** Workers with other heaps compile to other bytes. */
    private static final String COPY_AND_HEAP = "cat $1 > $2; echo -$4- >> $2";

    private static final int HEAP = 64;
    private static final int OTHER_HEAP = 65;

    @TempDir
    Path folder;

    private final SigningKey key = SigningKey.generate();

    private void pack(String compile, String check) {
        ShellPack.writeChecked(folder.resolve("packs"), "shell", compile, check);
    }

    private Worker worker(String work, int heapMb) {
        Limits limits = new Limits(heapMb, 256, 20, 120, 4);
        PrecompilerConfig config = Worker.config(folder, 1, limits, StaticCaps.DEFAULT, Duration.ofSeconds(5));
        return new Worker(
                new PrecompilerConfig(
                        config.packs(),
                        folder.resolve(work),
                        config.builder(),
                        config.slots(),
                        config.limits(),
                        config.caps(),
                        config.times()),
                folder.resolve("store"),
                key);
    }

    private Worker worker() {
        return worker("one", HEAP);
    }

    private static ArtifactKey compiled(Worker worker) {
        ArtifactKey asked = worker.upload("shell", MODULE);
        worker.compile(asked);
        assertThat(worker.stores.artifacts().find(asked)).isPresent();
        worker.heard.clear();
        worker.events.clear();
        return asked;
    }

    /** Requests a recheck as the API does, in a fleet with this number of workers. */
    private static void report(Worker worker, ArtifactKey asked, Digest payload, int workers) {
        InProcessWorkers alive = new InProcessWorkers(InstantSource.system());
        for (int i = 0; i < workers; i++) {
            alive.announce(new WorkerNotice(
                    "worker-" + i, Set.of(asked.lane().digest()), 1, Limits.DEFAULT, JsonObject.EMPTY));
        }
        assertThat(new RecheckRequests(worker.stores.rechecks(), alive, worker.queue, 1)
                        .request(asked, payload, "host"))
                .isEqualTo(Opened.OPEN);
    }

    private static void report(Worker worker, ArtifactKey asked, int workers) {
        report(worker, asked, worker.attestation(asked).payload().digest(), workers);
    }

    private static void reported(Worker worker, ArtifactKey asked) {
        report(worker, asked, 1);
        await().atMost(Duration.ofSeconds(30)).until(() -> worker.isAnswered(asked));
    }

    private static Recheck last(Worker worker, ArtifactKey asked) {
        return worker.stores.rechecks().last(asked).orElseThrow();
    }

    @Test
    void an_artifact_that_loads_stays() throws Exception {
        pack(COPY, "exit 0");
        try (Worker worker = worker()) {
            ArtifactKey asked = compiled(worker);

            reported(worker, asked);

            assertThat(worker.heard).containsExactly(STARTED, "recheck-loads");
            assertThat(worker.stores.artifacts().find(asked)).isPresent();
            assertThat(last(worker, asked).verdict()).contains(Verdict.LOADS);
        }
    }

    @Test
    void an_artifact_that_does_not_load_is_withdrawn_and_its_module_rejected() throws Exception {
        pack(COPY, REFUSE);
        try (Worker worker = worker()) {
            ArtifactKey asked = compiled(worker);

            reported(worker, asked);

            assertThat(worker.heard).containsExactly(STARTED, "recheck-rejected");
            assertThat(worker.stores.artifacts().find(asked)).isEmpty();
            assertThat(worker.rejection(asked).state().code()).isEqualTo("unloadable");
            assertThat(worker.rejection(asked).state().message()).isEqualTo("no");
            assertThat(worker.events).containsExactly(new CompileEvent(asked, CompileEvent.Kind.REJECTED));
            assertThat(last(worker, asked).verdict()).contains(Verdict.REJECTED);

            worker.heard.clear();
            worker.compile(asked);
            assertThat(worker.heard).containsExactly(STARTED, "known");
        }
    }

    @Test
    void two_workers_must_refuse_an_artifact() throws Exception {
        pack(COPY, REFUSE);
        ArtifactKey asked;
        try (Worker worker = worker()) {
            asked = compiled(worker);
            report(worker, asked, 2);
            await().atMost(Duration.ofSeconds(30)).until(() -> worker.heard.contains("handed-back"));

            assertThat(worker.stores.artifacts().find(asked)).isPresent();
            assertThat(worker.stores.outcomes().find(asked)).isEmpty();
            assertThat(last(worker, asked).refusedBy()).hasSize(1);
        }
        try (Worker other = worker("two", HEAP)) {
            other.compile(asked);

            assertThat(other.heard).contains("recheck-rejected");
            assertThat(other.stores.artifacts().find(asked)).isEmpty();
        }
    }

    @Test
    void an_artifact_whose_module_compiles_to_bytes_that_load_is_replaced() throws Exception {
        pack(COPY_AND_HEAP, "grep -q -- -" + HEAP + "- $1 || exit 0; " + REFUSE);
        ArtifactKey asked;
        Digest before;
        try (Worker worker = worker()) {
            asked = compiled(worker);
            before = worker.attestation(asked).payload().digest();
        }
        try (Worker other = worker("two", OTHER_HEAP)) {
            reported(other, asked);

            assertThat(other.heard).contains("compiled");
            assertThat(other.attestation(asked).payload().digest()).isNotEqualTo(before);
            assertThat(other.stores.outcomes().find(asked)).isEmpty();
            assertThat(last(other, asked).verdict()).contains(Verdict.REPLACED);
        }
    }

    @Test
    void an_artifact_that_loads_stays_although_its_module_compiles_to_other_bytes() throws Exception {
        pack(COPY_AND_HEAP, "exit 0");
        ArtifactKey asked;
        try (Worker worker = worker()) {
            asked = compiled(worker);
        }
        try (Worker other = worker("two", OTHER_HEAP)) {
            Digest before = other.attestation(asked).payload().digest();

            reported(other, asked);

            assertThat(other.heard).containsExactly(STARTED, "recheck-loads");
            assertThat(other.attestation(asked).payload().digest()).isEqualTo(before);
        }
    }

    @Test
    void without_a_command_that_loads_artifacts_nothing_is_decided() throws Exception {
        ShellPack.write(folder.resolve("packs"), "shell", COPY);
        assertNothingIsDecided();
    }

    @Test
    void the_artifact_of_another_pack_is_not_judged() throws Exception {
        pack(COPY, "exit 0");
        try (Worker worker = worker()) {
            compiled(worker);
        }
        pack(COPY, REFUSE);
        assertNothingIsDecided();
    }

    private void assertNothingIsDecided() throws InterruptedException {
        try (Worker worker = worker()) {
            ArtifactKey asked = compiled(worker);

            reported(worker, asked);

            assertThat(worker.heard).containsExactly(STARTED, "recheck-undecided");
            assertThat(last(worker, asked).verdict()).contains(Verdict.UNDECIDED);
            assertThat(worker.stores.artifacts().find(asked)).isPresent();
        }
    }

    @Test
    void a_check_that_crashes_is_tried_again_and_counts_as_no_failure_of_the_module() throws Exception {
        pack(COPY, "exit 1");
        try (Worker worker = worker()) {
            ArtifactKey asked = compiled(worker);
            report(worker, asked, 1);
            await().atMost(Duration.ofSeconds(30)).until(() -> worker.heard.contains("handed-back"));

            assertThat(last(worker, asked).tries()).isEqualTo(1);
            assertThat(worker.stores.artifacts().find(asked)).isPresent();
            assertThat(worker.stores.outcomes().find(asked)).isEmpty();
        }
    }

    @Test
    void a_check_that_is_stopped_counts_as_no_try() throws Exception {
        pack(COPY, "exit 143");
        try (Worker worker = worker()) {
            assertThatNoTryCounts(worker, compiled(worker));
        }
    }

    @Test
    void a_compiler_that_is_stopped_during_a_recheck_counts_as_no_try() throws Exception {
        pack("test $4 = " + OTHER_HEAP + " && exit 143; " + COPY, "exit 0");
        ArtifactKey asked;
        try (Worker worker = worker()) {
            asked = compiled(worker);
        }
        try (Worker other = worker("two", OTHER_HEAP)) {
            assertThatNoTryCounts(other, asked);
        }
    }

    private static void assertThatNoTryCounts(Worker worker, ArtifactKey asked) {
        report(worker, asked, 1);
        await().atMost(Duration.ofSeconds(30)).until(() -> worker.heard.contains("handed-back"));

        assertThat(last(worker, asked).tries()).isZero();
        assertThat(last(worker, asked).verdict()).isEmpty();
        assertThat(worker.queue.holds(asked)).isTrue();
    }

    @Test
    void a_recheck_of_another_payload_changes_nothing() throws Exception {
        pack(COPY, REFUSE);
        try (Worker worker = worker()) {
            ArtifactKey asked = compiled(worker);
            report(worker, asked, Digest.of(new byte[0]), 1);
            await().atMost(Duration.ofSeconds(30)).until(() -> worker.isAnswered(asked));

            assertThat(worker.heard).containsExactly(STARTED, "present");
            assertThat(worker.stores.artifacts().find(asked)).isPresent();
        }
    }
}
