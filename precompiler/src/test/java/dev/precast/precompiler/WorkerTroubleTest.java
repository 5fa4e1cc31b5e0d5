package dev.precast.precompiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.artifact.ArtifactKey;
import dev.precast.attestation.SigningKey;
import dev.precast.cache.outcome.CompileOutcome;
import dev.precast.cache.store.StoreFullException;
import dev.precast.cache.worker.Trouble;
import dev.precast.cache.worker.Trouble.Kind;
import dev.precast.module.StaticCaps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real worker whose store refuses or whose process must not take requests. */
class WorkerTroubleTest {
    private static final String STARTED = "started shell@1.0.0+1";
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    @Test
    void a_full_store_costs_three_compilations_and_records_nothing_about_modules() throws Exception {
        try (Worker worker = worker()) {
            worker.fault = new StoreFullException("payload: full", new IOException("No space left on device"));
            ArtifactKey[] asked = new ArtifactKey[5];
            for (int i = 0; i < asked.length; i++) {
                asked[i] = worker.upload("shell", Worker.module("module " + i));
                worker.ask(asked[i]);
            }
            await().atMost(SOON).until(() -> worker.precompiler.trouble().isPresent());
            assertThat(worker.precompiler.trouble()).hasValue(new Trouble(Kind.DISK, "payload: full"));
            Thread.sleep(1500); // Longer than a slot waits for a request, and shorter than the first pause.
            assertThat(Collections.frequency(worker.heard, STARTED)).isEqualTo(3);
            assertThat(Collections.frequency(worker.heard, "error disk")).isEqualTo(3);
            for (ArtifactKey key : asked) {
                assertThat(worker.stores.outcomes().find(key)).isEmpty();
                assertThat(worker.queue.holds(key)).isTrue();
            }
            assertThat(worker.deadLetters.list(1)).isEmpty();
        }
    }

    @Test
    void errors_with_one_key_count_no_attempt_however_often_they_come_while_others_are_compiled() throws Exception {
        try (Worker worker = worker()) {
            ArtifactKey large = worker.upload("shell", Worker.module("large"));
            worker.ask(large);
            for (int round = 1; round <= 6; round++) {
                worker.fault = new StoreFullException("payload: full", new IOException("No space left on device"));
                worker.ahead = Duration.ofMinutes(5L * round); // The delay of the request is over.
                int errors = round;
                await().atMost(SOON).until(() -> Collections.frequency(worker.heard, "error disk") == errors);
                worker.fault = null;
                worker.compile(worker.upload("shell", Worker.module("small " + round)));
            }
            assertThat(worker.stores.outcomes().find(large)).isEmpty();
            assertThat(worker.stores.starts().find(large)).isEmpty();
            assertThat(worker.queue.holds(large)).isTrue();
            assertThat(worker.deadLetters.list(1)).isEmpty();
            assertThat(worker.precompiler.trouble()).isEmpty();

            worker.ahead = Duration.ofHours(1);
            await().atMost(SOON).until(() -> worker.isAnswered(large));
            assertThat(worker.attestation(large)).isNotNull();
        }
    }

    @Test
    void a_compiler_that_crashes_on_a_full_disk_says_nothing_about_its_module() throws Exception {
        try (Worker worker = worker("while [ ! -e $5/go ]; do sleep 0.1; done; echo cannot write >&2; exit 1")) {
            ArtifactKey key = worker.upload("shell", Worker.module("a module"));
            worker.ask(key);
            await().atMost(SOON).until(() -> worker.heard.contains(STARTED));
            worker.condition = new Trouble(Kind.DISK, "too little space");
            Files.createFile(folder.resolve("packs/shell/go"));
            await().atMost(SOON).until(() -> worker.heard.contains("error disk"));
            assertThat(worker.stores.outcomes().find(key)).isEmpty();
            assertThat(worker.stores.starts().find(key)).isEmpty();
            assertThat(worker.queue.holds(key)).isTrue();

            worker.condition = null;
            worker.ahead = Duration.ofMinutes(1);
            await().atMost(SOON).until(() -> worker.isAnswered(key));
            assertThat(worker.failure(key).cause()).isEqualTo(CompileOutcome.Cause.CRASH);
        }
    }

    @Test
    void a_worker_takes_nothing_while_its_process_must_not() throws Exception {
        try (Worker worker = worker()) {
            worker.condition = new Trouble(Kind.POLICY, "none in force yet");
            Thread.sleep(1500); // A slot may wait for a request already.
            ArtifactKey asked = worker.upload("shell", Worker.module("a module"));
            worker.ask(asked);
            Thread.sleep(1500);
            assertThat(worker.heard).isEmpty();
            assertThat(worker.precompiler.trouble()).hasValue(worker.condition);
            worker.condition = null;
            await().atMost(SOON).until(() -> worker.isAnswered(asked));
            assertThat(worker.attestation(asked)).isNotNull();
        }
    }

    private Worker worker() throws Exception {
        return worker("cat $1 > $2");
    }

    private Worker worker(String script) throws Exception {
        ShellPack.write(folder.resolve("packs"), "shell", script);
        return new Worker(
                Worker.config(folder, 1, Worker.LIMITS, StaticCaps.DEFAULT, Duration.ZERO),
                folder.resolve("store"),
                SigningKey.generate());
    }
}
