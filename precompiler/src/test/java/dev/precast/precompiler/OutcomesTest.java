package dev.precast.precompiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.SigningKey;
import dev.precast.bundle.BundleFormat;
import dev.precast.cache.event.CompileEvent;
import dev.precast.cache.outcome.CompileOutcome;
import dev.precast.cache.outcome.CompileOutcome.Cause;
import dev.precast.cache.outcome.Limits;
import dev.precast.cache.queue.DeadLetter;
import dev.precast.module.Cap;
import dev.precast.module.StaticCaps;
import dev.precast.pack.PackList;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a worker starts a child, and which outcome it stores. */
class OutcomesTest {
    private static final byte[] MODULE = Worker.module("a module");

    @TempDir
    Path folder;

    private final SigningKey key = SigningKey.generate();

    @Test
    void a_rejection_by_the_child_is_final() throws Exception {
        EnginePack pack = pack("echo noise >&2; echo '{\"code\":\"invalid-module\",\"message\":\"no\"}' >&2; exit 65");
        try (Worker worker = worker()) {
            ArtifactKey asked = worker.upload("shell", MODULE);
            worker.compile(asked);
            worker.compile(asked);

            CompileOutcome.Rejected rejected = worker.rejection(asked);
            assertThat(rejected.state().code()).isEqualTo("invalid-module");
            assertThat(rejected.state().message()).isEqualTo("no");
            assertThat(rejected.pack()).isEqualTo(pack.digest());
            assertThat(rejected.caps()).isEqualTo(StaticCaps.DEFAULT.toJson());
            assertThat(worker.heard).containsExactly(STARTED, "rejected", STARTED, "known");
            assertThat(worker.events)
                    .containsOnly(new CompileEvent(asked, CompileEvent.Kind.REJECTED))
                    .hasSize(2);
        }
    }

    @Test
    void a_damaged_module_is_deleted_and_unknown_until_it_is_uploaded_again() throws Exception {
        pack("cat $1 > $2");
        try (Worker worker = worker()) {
            ArtifactKey asked = worker.upload("shell", MODULE);
            worker.damage(asked.module());

            worker.compile(asked);

            assertThat(worker.stores.modules().find(asked.module().digest())).isEmpty();
            assertThat(worker.stores.outcomes().find(asked)).isEmpty();
            assertThat(worker.heard).containsExactly(STARTED, "module-unknown");
            worker.upload("shell", MODULE);
            worker.compile(asked);
            assertThat(worker.attestation(asked)).isNotNull();
        }
    }

    @Test
    void a_rejection_that_cannot_be_read_is_a_crash() throws Exception {
        pack("echo 'no JSON' >&2; exit 65");
        try (Worker worker = worker()) {
            ArtifactKey asked = worker.upload("shell", MODULE);
            worker.compile(asked);
            assertThat(worker.failure(asked).cause()).isEqualTo(Cause.CRASH);
            assertThat(worker.failure(asked).state().message()).contains("no JSON");
        }
    }

    @Test
    void a_component_is_rejected_without_a_child() throws Exception {
        assertRejectedUnseen(new byte[] {0, 'a', 's', 'm', 0x0d, 0, 1, 0}, "component-unsupported");
    }

    @Test
    void bytes_that_are_not_wasm_are_rejected_without_a_child() throws Exception {
        assertRejectedUnseen(new byte[] {1, 2, 3}, "not-wasm");
    }

    private void assertRejectedUnseen(byte[] module, String code) throws Exception {
        pack("exit 1");
        try (Worker worker = worker()) {
            ArtifactKey asked = worker.upload("shell", module);
            worker.compile(asked);
            assertThat(worker.rejection(asked).state().code()).isEqualTo(code);
        }
    }

    @Test
    void a_module_over_a_cap_is_rejected_until_a_worker_has_wider_caps() throws Exception {
        pack("cat $1 > $2");
        ArtifactKey asked;
        try (Worker worker = worker(StaticCaps.DEFAULT.with(Cap.MODULE_BYTES, 5))) {
            asked = worker.upload("shell", MODULE);
            worker.compile(asked);
            assertThat(worker.rejection(asked).state().code()).isEqualTo("over-cap");
            assertThat(worker.rejection(asked).state().message()).contains("at most 5");
        }
        try (Worker wider = worker()) {
            wider.compile(asked);
            assertThat(wider.attestation(asked)).isNotNull();
            assertThat(wider.stores.outcomes().find(asked)).isEmpty();
        }
    }

    @Test
    void a_failure_stands_for_a_time_that_doubles_with_each_child() throws Exception {
        pack("echo bad >&2; exit 7");
        try (Worker worker = worker()) {
            ArtifactKey asked = worker.upload("shell", MODULE);
            worker.compile(asked);
            CompileOutcome.Failed first = worker.failure(asked);
            assertThat(first.state().message()).isEqualTo("exit code 7: bad");
            assertThat(first.state().attempts()).isEqualTo(1);
            assertThat(Duration.between(first.at(), first.state().retryAt())).isEqualTo(Duration.ofMinutes(1));

            for (int i = 0; i < 3; i++) {
                worker.compile(asked);
            }
            assertThat(worker.failure(asked)).isEqualTo(first);
            assertThat(worker.heard)
                    .as("requests during the back-off start no child")
                    .containsExactly(STARTED, "failed-crash", STARTED, "known", STARTED, "known", STARTED, "known");

            worker.ahead = Duration.ofSeconds(61);
            worker.compile(asked);
            CompileOutcome.Failed second = worker.failure(asked);
            assertThat(second.state().attempts()).isEqualTo(2);
            assertThat(Duration.between(second.at(), second.state().retryAt())).isEqualTo(Duration.ofMinutes(2));
        }
    }

    @Test
    void after_five_children_a_request_is_a_dead_letter_and_does_not_come_back_by_itself() throws Exception {
        pack("echo bad >&2; exit 7");
        try (Worker worker = worker()) {
            ArtifactKey asked = worker.upload("shell", MODULE);
            for (int attempt = 1; attempt <= 5; attempt++) {
                assertThat(worker.deadLetters.list(1)).isEmpty();
                worker.compile(asked);
                assertThat(worker.failure(asked).state().attempts()).isEqualTo(attempt);
                worker.ahead = worker.ahead.plusMinutes(attempt < 5 ? 20 : 0);
            }
            CompileOutcome.Failed last = worker.failure(asked);
            assertThat(worker.deadLetters.list(2))
                    .containsExactly(new DeadLetter(asked, "crash: exit code 7: bad", 5, last.at()));

            worker.deadLetters.remove(asked);
            worker.compile(asked);
            assertThat(worker.heard).endsWith("given-up");
            assertThat(worker.failure(asked)).isEqualTo(last);
            assertThat(worker.deadLetters.list(2)).hasSize(1);
        }
    }

    @Test
    void an_error_in_the_worker_itself_is_a_failure_that_names_it_and_frees_the_key() throws Exception {
        pack("cat $1 > $2");
        try (Worker worker = worker()) {
            ArtifactKey asked = worker.upload("shell", MODULE);
            worker.fault = new UnsatisfiedLinkError("libmissing.so");
            worker.compile(asked);
            assertThat(worker.failure(asked).cause()).isEqualTo(Cause.CRASH);
            assertThat(worker.failure(asked).state().message())
                    .isEqualTo("worker: failed: java.lang.UnsatisfiedLinkError: libmissing.so");
            assertThat(worker.failure(asked).state().attempts()).isEqualTo(1);

            worker.fault = null;
            worker.ahead = Duration.ofSeconds(61);
            worker.compile(asked);
            assertThat(worker.heard).containsExactly(STARTED, "failed-crash", STARTED, "compiled");
        }
    }

    @Test
    void if_an_error_cannot_be_stored_the_request_returns_to_the_queue() throws Exception {
        pack("cat $1 > $2");
        try (Worker worker = worker()) {
            ArtifactKey asked = worker.upload("shell", MODULE);
            worker.fault = new BrokenError();
            worker.ask(asked);
            await().atMost(Duration.ofSeconds(30)).until(() -> worker.heard.contains("handed-back"));
            worker.fault = null;
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                worker.ahead = worker.ahead.plusMinutes(2);
                return worker.isAnswered(asked);
            });
            assertThat(worker.heard).containsExactly(STARTED, "error machine", "handed-back", STARTED, "compiled");
        }
    }

    /** An error whose text cannot be read either. */
    private static final class BrokenError extends Error {
        @Override
        public String toString() {
            throw new OutOfMemoryError("and again");
        }
    }

    @Test
    void an_attempt_counts_although_the_child_left_paths_that_are_too_long_for_the_kernel() throws Exception {
        pack("(" + LeftOversTest.DEEP + "); exit 7");
        try (Worker worker = worker()) {
            ArtifactKey asked = worker.upload("shell", MODULE);
            worker.compile(asked);
            assertThat(worker.heard).containsExactly(STARTED, "failed-crash");
            assertThat(worker.failure(asked).state().attempts()).isEqualTo(1);
            assertThat(worker.config.jobs()).isEmptyDirectory();
            assertThat(worker.config.outputs()).isEmptyDirectory();
        }
    }

    @Test
    void a_failure_of_a_small_worker_does_not_stop_a_bigger_one() throws Exception {
        pack("test $4 -ge 100 && cat $1 > $2 || exit 3");
        ArtifactKey asked;
        try (Worker small = worker()) {
            asked = small.upload("shell", MODULE);
            small.compile(asked);
            assertThat(small.failure(asked).cause()).isEqualTo(Cause.MEMORY);
        }
        try (Worker bigger = worker(new Limits(128, 256, 20, 120, 4))) {
            bigger.compile(asked);
            assertThat(bigger.heard).containsExactly(STARTED, "compiled");
        }
    }

    @Test
    void an_existing_artifact_is_not_compiled_again() throws Exception {
        pack("cat $1 > $2");
        try (Worker worker = worker()) {
            ArtifactKey asked = worker.upload("shell", MODULE);
            worker.compile(asked);
            worker.compile(asked);
            assertThat(worker.heard).containsExactly(STARTED, "compiled", STARTED, "present");
        }
    }

    @Test
    void a_module_that_is_not_stored_ends_the_request() throws Exception {
        pack("cat $1 > $2");
        try (Worker worker = worker()) {
            ArtifactKey stored = worker.upload("shell", MODULE);
            ArtifactKey unknown = stored.lane().key(ModuleDigest.of(new byte[] {9}));
            worker.compile(unknown);
            assertThat(worker.heard).containsExactly(STARTED, "module-unknown");
        }
    }

    @Test
    void malformed_bundle_output_is_a_crash() throws Exception {
        ShellPack.write(folder.resolve("packs"), "shell", BundleFormat.NAME, "cat $1 > $2");
        try (Worker worker = worker()) {
            ArtifactKey asked = worker.upload("shell", MODULE);
            worker.compile(asked);
            assertThat(worker.failure(asked).cause()).isEqualTo(Cause.CRASH);
            assertThat(worker.failure(asked).state().message()).startsWith("output: hosts would refuse it: index: ");
        }
    }

    @Test
    void the_index_of_a_bundle_is_attested() throws Exception {
        JavaPack.writeBundle(folder.resolve("bundle"));
        ShellPack.write(folder.resolve("packs"), "shell", BundleFormat.NAME, "cat $5/bundle > $2");
        java.nio.file.Files.copy(folder.resolve("bundle"), folder.resolve("packs/shell/bundle"));
        PackList.write(folder.resolve("packs"));
        try (Worker worker = worker()) {
            ArtifactKey asked = worker.upload("shell", MODULE);
            worker.compile(asked);
            var attestation = worker.attestation(asked);
            assertThat(attestation.index().orElseThrow().size()).isEqualTo(32 + 50 + "skeleton.wasm".length());
            assertThat(attestation.payload().digest()).isEqualTo(JavaPack.digestOf(folder.resolve("bundle")));
        }
    }

    @Test
    void a_jvm_with_too_small_a_heap_fails_with_out_of_memory() throws Exception {
        JavaPack.write(folder.resolve("packs"));
        try (Worker worker = worker(new Limits(32, 512, 20, 40, 4))) {
            ArtifactKey asked = worker.upload("copier", Worker.module("hog"));
            worker.compile(asked);
            assertThat(worker.failure(asked).cause()).isEqualTo(Cause.MEMORY);
            assertThat(worker.failure(asked).state().message()).isEqualTo("child: out of heap memory");
        }
    }

    private static final String STARTED = "started shell@1.0.0+1";

    private EnginePack pack(String script) {
        return ShellPack.write(folder.resolve("packs"), "shell", script);
    }

    /** A worker with the shortest grace period. */
    private Worker worker() {
        return worker(Worker.LIMITS, StaticCaps.DEFAULT);
    }

    private Worker worker(Limits limits) {
        return worker(limits, StaticCaps.DEFAULT);
    }

    private Worker worker(StaticCaps caps) {
        return worker(Worker.LIMITS, caps);
    }

    private Worker worker(Limits limits, StaticCaps caps) {
        return new Worker(Worker.config(folder, 1, limits, caps, Duration.ZERO), folder.resolve("store"), key);
    }
}
