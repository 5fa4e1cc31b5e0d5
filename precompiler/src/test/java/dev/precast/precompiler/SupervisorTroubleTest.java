package dev.precast.precompiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.artifact.ArtifactKey;
import dev.precast.attestation.SigningKey;
import dev.precast.cache.store.StoreException;
import dev.precast.module.StaticCaps;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Errors of the worker's machine, store or code are no attempts. */
class SupervisorTroubleTest {
    private static final String STARTED = "started shell@1.0.0+1";

    @TempDir
    Path folder;

    @Test
    void a_slot_without_a_work_folder_records_nothing_and_takes_nothing_until_a_child_starts() throws Exception {
        ShellPack.write(folder.resolve("packs"), "shell", "cat $1 > $2");
        try (Worker worker = worker()) {
            ArtifactKey asked = worker.upload("shell", Worker.module("a module"));
            ArtifactKey other = worker.upload("shell", Worker.module("another module"));
            Path away = Files.move(worker.config.jobs(), folder.resolve("away"));

            worker.ask(asked);
            worker.ask(other);
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> worker.precompiler.trouble().isPresent());
            assertThat(worker.heard).containsExactly(STARTED, "error machine", "handed-back");
            assertThat(worker.stores.outcomes().find(asked)).isEmpty();
            assertThat(worker.queue.holds(asked)).isTrue();
            assertThat(worker.deadLetters.list(1)).isEmpty();

            Files.move(away, worker.config.jobs());
            worker.ahead = Duration.ofMinutes(2);
            await().atMost(Duration.ofSeconds(60)).until(() -> worker.isAnswered(asked) && worker.isAnswered(other));
            assertThat(worker.precompiler.trouble()).isEmpty();
            assertThat(worker.attestation(asked)).isNotNull();
            assertThat(worker.attestation(other)).isNotNull();
            assertThat(worker.stores.outcomes().find(asked)).isEmpty();
        }
    }

    @Test
    void memory_that_lacks_before_the_child_is_not_the_modules_fault() throws Exception {
        ShellPack.write(folder.resolve("packs"), "shell", "cat $1 > $2");
        try (Worker worker = worker()) {
            ArtifactKey asked = worker.upload("shell", Worker.module("a module"));
            worker.moduleFault = new OutOfMemoryError("unable to create native thread");
            worker.ask(asked);
            await().atMost(Duration.ofSeconds(30)).until(() -> worker.heard.contains("handed-back"));
            worker.moduleFault = null;
            assertThat(worker.heard).containsExactly(STARTED, "error machine", "handed-back");
            assertThat(worker.stores.outcomes().find(asked)).isEmpty();
            assertThat(worker.queue.holds(asked)).isTrue();
        }
    }

    @Test
    void memory_that_lacks_after_the_child_stops_the_worker_and_leaves_an_unfinished_start() throws Exception {
        assertUnfinished(new OutOfMemoryError("Java heap space"), 1);
        assertThat(heard).containsExactly(STARTED, "error machine", "handed-back");
    }

    @Test
    void a_store_that_fails_after_the_child_is_not_the_modules_fault() throws Exception {
        assertUnfinished(new StoreException("payload: refused", false, null), 0);
        assertThat(heard).containsExactly(STARTED, "error store", "handed-back");
    }

    @Test
    void a_disk_that_is_full_after_the_child_is_not_the_modules_fault() throws Exception {
        assertUnfinished(new UncheckedIOException(new IOException("No space left on device")), 0);
        assertThat(heard).containsExactly(STARTED, "error disk", "handed-back");
    }

    @Test
    void a_mistake_of_the_worker_after_the_child_leaves_an_unfinished_start() throws Exception {
        assertUnfinished(new IllegalStateException("mistake"), 1);
        assertThat(heard).containsExactly(STARTED, "error other", "handed-back");
    }

    private List<String> heard = List.of();

    private void assertUnfinished(Throwable fault, int starts) throws Exception {
        ShellPack.write(folder.resolve("packs"), "shell", "cat $1 > $2");
        try (Worker worker = worker()) {
            ArtifactKey asked = worker.upload("shell", Worker.module("a module"));
            worker.fault = fault;
            worker.ask(asked);
            await().atMost(Duration.ofSeconds(30)).until(() -> worker.heard.contains("handed-back"));
            heard = List.copyOf(worker.heard);
            assertThat(worker.stores.outcomes().find(asked)).isEmpty();
            assertThat(worker.starts(asked)).isEqualTo(starts);
            assertThat(worker.queue.holds(asked)).isTrue();
        }
    }

    private Worker worker() {
        return new Worker(
                Worker.config(folder, 1, Worker.LIMITS, StaticCaps.DEFAULT, Duration.ZERO),
                folder.resolve("store"),
                SigningKey.generate());
    }
}
