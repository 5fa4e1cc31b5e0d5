package dev.precast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SyncCommandTest {
    private static final String OLD = "fake@1.0+1";
    private static final String NEW = "fake@1.0+2";

    @TempDir
    private Path folder;

    private SyncService service;
    private Path list;
    private Path out;
    private Path ready;

    @BeforeEach
    void start() throws Exception {
        service = new SyncService();
        service.serve(OLD);
        list = folder.resolve("list");
        out = folder.resolve("out");
        ready = folder.resolve("ready");
        want(1);
    }

    @AfterEach
    void stop() {
        service.close();
    }

    private void want(int... modules) throws Exception {
        List<String> lines = new ArrayList<>();
        for (int module : modules) {
            lines.add(SyncService.module(module).toString());
        }
        listSays(String.join("\n", lines));
    }

    private void listSays(String text) throws Exception {
        Path fresh = Files.writeString(folder.resolve("list.fresh"), text);
        Files.move(fresh, list, StandardCopyOption.REPLACE_EXISTING);
    }

    private CommandLineRun sync(String... more) {
        List<String> words = new ArrayList<>(
                List.of("sync", "--json", "--engine", "fake@1.0", "--list", list.toString(), "--out", out.toString()));
        words.addAll(List.of("--ready", ready.toString(), "--trust-root", service.root()));
        words.addAll(List.of(more));
        return CommandLineRun.at(
                CommandLineRun.NOW, Map.of("PRECAST_URL", service.url()), words.toArray(String[]::new));
    }

    /** Module, engine and file of each entry of synced.json. */
    private List<String> synced() throws Exception {
        List<String> synced = new ArrayList<>();
        for (Json each : Json.parse(Files.readAllBytes(out.resolve("synced.json")))
                .asObject("index")
                .array("modules")) {
            JsonObject module = each.asObject("module");
            synced.add(module.string("module") + " " + module.string("engine") + " " + module.string("file"));
        }
        return synced;
    }

    private static String entry(int module, String engine, String file) {
        return SyncService.module(module) + " " + engine + " " + file;
    }

    @Test
    void files_of_an_older_lane_stay_until_the_newest_has_the_module() throws Exception {
        String old = service.compiled(OLD, 1);
        assertThat(sync("--once").exit()).isZero();

        service.serve(NEW);
        CommandLineRun without = sync("--once");

        assertThat(without.exit()).isEqualTo(3);
        assertThat(without.json().array("missing").getFirst().asString("missing"))
                .contains(SyncService.module(1).toString())
                .endsWith("the file of " + OLD + " stays");
        assertThat(synced()).containsExactly(entry(1, OLD, old));
        assertThat(out.resolve(old)).exists();
        assertThat(ready).exists();

        String fresh = service.compiled(NEW, 1);
        assertThat(sync("--once").exit()).isZero();
        assertThat(synced()).containsExactly(entry(1, NEW, fresh));
        assertThat(out.resolve(old)).doesNotExist();
        assertThat(out.toFile().list()).hasSize(5);
        assertThat(ready).exists();
    }

    @Test
    void files_of_an_older_lane_are_deleted_if_unlisted_or_denied() throws Exception {
        String first = service.compiled(OLD, 1);
        String second = service.compiled(OLD, 2);
        want(1, 2);
        assertThat(sync("--once").exit()).isZero();

        service.serve(NEW);
        service.denied = Set.of(new Digest(first));
        assertThat(sync("--once").exit()).isEqualTo(3);
        assertThat(synced()).containsExactly(entry(2, OLD, second));
        assertThat(out.resolve(first)).doesNotExist();
        assertThat(ready).doesNotExist();

        want(1);
        assertThat(sync("--once").exit()).isEqualTo(3);
        assertThat(out.toFile().list())
                .containsExactlyInAnyOrder("synced.json", "trust-policy.dsse.json", "trust-current.json");
    }

    @Test
    void a_new_folder_demands_a_proof_that_the_policy_is_current() throws Exception {
        service.compiled(OLD, 1);
        service.proves = false;

        CommandLineRun refused = sync("--once");
        assertThat(refused.exit()).isEqualTo(5);
        assertThat(refused.json().array("missing").getFirst().asString("missing"))
                .contains("trust policy 1 is not proven to be current (the source has no proof)");
        assertThat(out).doesNotExist();

        assertThat(sync("--once", "--freshness", "off").exit()).isZero();
        assertThat(out.resolve("trust-current.json")).doesNotExist();
        assertThat(sync("--once").exit()).as("the folder has the policy").isZero();
        service.proves = true;
        assertThat(sync("--once").exit()).isZero();
        assertThat(out.resolve("trust-current.json")).exists();
    }

    @Test
    void while_the_service_is_down_the_folder_says_whether_it_is_ready() throws Exception {
        String file = service.compiled(OLD, 1);
        assertThat(sync("--once").exit()).isZero();
        service.down = true;

        assertThat(sync("--once").exit()).isEqualTo(6);
        assertThat(ready).as("the ready file of a complete folder").exists();

        Files.delete(out.resolve(file));
        Files.write(out.resolve(file), new byte[] {1});
        assertThat(sync("--once").exit()).isEqualTo(6);
        assertThat(ready).as("the ready file of a folder with a damaged file").doesNotExist();
    }

    @Test
    void a_payload_that_is_cut_off_is_the_services_fault_and_the_others_are_kept() throws Exception {
        String first = service.compiled(OLD, 1);
        assertThat(sync("--once").exit()).isZero();
        service.compiled(OLD, 2);
        service.cutsPayloads = true;
        want(1, 2);

        assertThat(sync("--once").exit()).isEqualTo(6);

        assertThat(synced()).containsExactly(entry(1, OLD, first));
        assertThat(ready).doesNotExist();
    }

    @Test
    void a_rejected_module_does_not_end_the_wait_for_the_others() throws Exception {
        service.rejected = Set.of(SyncService.module(1));
        want(1, 2);
        CompletableFuture<CommandLineRun> waiting =
                CompletableFuture.supplyAsync(() -> sync("--once", "--timeout", "60", "--every", "1"));
        await(() -> service.lookups.get() > 1);

        String second = service.compiled(OLD, 2);

        assertThat(waiting.get(30, TimeUnit.SECONDS).exit()).isEqualTo(4);
        assertThat(synced()).containsExactly(entry(2, OLD, second));
    }

    @Test
    void a_comment_may_follow_a_module_on_the_list() throws Exception {
        String file = service.compiled(OLD, 1);
        listSays("# ours\n\n" + SyncService.module(1) + "# the first\n");

        assertThat(sync("--once").exit()).isZero();
        assertThat(synced()).containsExactly(entry(1, OLD, file));
    }

    @Test
    void a_list_that_cannot_be_read_ends_a_run_that_is_meant_to_end() throws Exception {
        listSays("nonsense");
        assertThat(sync("--once").exit()).isEqualTo(2);

        Files.delete(list);
        assertThat(sync("--once").exit()).isEqualTo(3);
    }

    @Test
    void a_sidecar_outlives_a_bad_list_and_the_service() throws Exception {
        Files.delete(list);
        service.compiled(OLD, 1);
        service.compiled(OLD, 2);
        Thread sidecar = new Thread(() -> sync("--every", "1"));
        sidecar.start();
        try {
            want(1);
            await(() -> Files.exists(ready));

            listSays("nonsense");
            int before = service.lookups.get();
            await(() -> service.lookups.get() > before + 1);
            assertThat(synced()).as("the modules of the last readable list").hasSize(1);
            assertThat(ready).exists();

            Files.delete(list);
            service.down = true;
            Files.delete(ready);
            await(() -> Files.exists(ready)); // A whole pass has ended.

            service.down = false;
            want(1, 2);
            await(() -> synced().size() == 2);
            assertThat(sidecar.isAlive()).isTrue();
        } finally {
            sidecar.interrupt();
            sidecar.join();
        }
    }

    private static void await(Callable<Boolean> what) throws Exception {
        long end = System.nanoTime() + 60_000_000_000L;
        while (!what.call()) {
            assertThat(System.nanoTime()).as("within a minute").isLessThan(end);
            Thread.sleep(50);
        }
    }
}
