package dev.precast.precompiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.json.JsonException;
import dev.precast.pack.PackFolder;
import dev.precast.pack.PackList;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PacksTest {
    @TempDir
    Path folder;

    @Test
    void the_digest_of_a_pack_is_that_of_its_listed_files() throws Exception {
        Path pack = Files.createDirectories(folder.resolve("p/lib"));
        Files.writeString(pack.resolve("b"), "bb");
        Files.writeString(folder.resolve("p/a"), "a");
        String listed = "precast/pack/v1\n" + hex("a") + " 1 a\n" + hex("bb") + " 2 lib/b\n";
        assertThat(PackFolder.of(folder.resolve("p")).digest())
                .isEqualTo(Digest.of(listed.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void a_pack_with_a_link_is_refused() throws Exception {
        Path pack = Files.createDirectories(folder.resolve("p"));
        Files.createSymbolicLink(pack.resolve("a"), Path.of("/etc/passwd"));
        assertThatThrownBy(() -> PackFiles.of(PackFolder.of(pack)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not a regular file");
    }

    @Test
    void a_file_that_changed_is_seen_even_with_its_old_times() throws Exception {
        Path pack = Files.createDirectories(folder.resolve("p"));
        Path file = Files.writeString(pack.resolve("a"), "one");
        PackFiles files = PackFiles.of(PackFolder.of(pack));
        var written = Files.getLastModifiedTime(file);
        assertThat(files.unchanged()).isTrue();
        Thread.sleep(20);
        Files.writeString(file, "two");
        Files.setLastModifiedTime(file, written);
        assertThat(files.unchanged()).isFalse();
    }

    @Test
    void only_packs_run_that_are_listed_or_named() throws Exception {
        Path packs = folder.resolve("packs");
        EnginePack listed = ShellPack.write(packs, "listed", "true");
        String list = Files.readString(packs.resolve(PackList.FILE));
        EnginePack named = ShellPack.write(packs, "named", "true");
        ShellPack.write(packs, "unknown", "true");
        Files.writeString(packs.resolve(PackList.FILE), list);

        Set<String> allowed = Set.of(PrecompilerConfig.BUNDLED, named.digest().toString());
        assertThat(Packs.read(packs, allowed))
                .extracting(EnginePack::digest)
                .containsExactly(listed.digest(), named.digest());
    }

    @Test
    void folders_that_are_not_packs_are_ignored() throws Exception {
        Path packs = folder.resolve("packs");
        ShellPack.write(packs, "good", "true");
        Files.createDirectories(packs.resolve("empty"));
        Files.createDirectories(packs.resolve("broken"));
        Files.writeString(packs.resolve("broken/engine.json"), "{");
        assertThat(Packs.read(packs, Set.of(PrecompilerConfig.BUNDLED))).hasSize(1);
        assertThat(Packs.read(folder.resolve("nowhere"), Set.of(PrecompilerConfig.BUNDLED)))
                .isEmpty();
    }

    @Test
    void an_unknown_member_of_engine_json_is_named() throws Exception {
        EnginePack pack = ShellPack.write(folder, "pack", "true");
        Path description = pack.folder().resolve(PackFolder.DESCRIPTION);
        Files.writeString(description, Files.readString(description).replaceFirst("\\{", "{\"speed\": 9, "));
        assertThatThrownBy(() -> EnginePack.read(pack.folder()))
                .isInstanceOf(JsonException.class)
                .hasMessageContaining("\"speed\"");
    }

    @Test
    void a_pack_with_a_failing_or_invalid_probe_is_not_offered() throws Exception {
        Path packs = folder.resolve("packs");
        ShellPack.write(packs, "good", "true");
        Files.writeString(ShellPack.write(packs, "failing", "true").folder().resolve("probe.sh"), "exit 1");
        Path other = ShellPack.write(packs, "other", "true").folder().resolve("probe.sh");
        Files.writeString(other, Files.readString(other).replace("jvm", "pulley64"));
        Files.writeString(ShellPack.write(packs, "babbling", "true").folder().resolve("probe.sh"), "echo hello");
        PackList.write(packs);
        try (Worker worker = Worker.over(folder, Worker.LIMITS)) {
            assertThat(worker.precompiler.offers())
                    .extracting(offer -> offer.lane().engine().name())
                    .containsExactly("good");
            assertThat(worker.stores.lanes().list()).isEqualTo(worker.precompiler.offers());
        }
    }

    @Test
    void a_pack_whose_probe_refuses_one_lane_offers_the_others() throws Exception {
        Path packs = folder.resolve("packs");
        Path probe = ShellPack.write(packs, "good", "true").folder().resolve("probe.sh");
        Files.writeString(
                probe,
                Files.readString(probe)
                        .replace(
                                "]}",
                                "],\"refused\":[{\"profile\":\"default\",\"target\":\"riscv64-linux\",\"why\":\"no\"}]}"));
        PackList.write(packs);
        try (Worker worker = Worker.over(folder, Worker.LIMITS)) {
            assertThat(worker.precompiler.offers())
                    .extracting(offer -> offer.lane().engine().name())
                    .containsExactly("good");
        }
    }

    @Test
    void a_pack_that_was_changed_does_not_run() throws Exception {
        EnginePack pack = ShellPack.write(folder.resolve("packs"), "shell", "cat $1 > $2");
        try (Worker worker = Worker.over(folder, Worker.LIMITS)) {
            ArtifactKey key = worker.upload("shell", Worker.module("x"));
            Files.writeString(pack.folder().resolve("compile.sh"), "echo evil > $2");
            worker.ask(key);
            await().atMost(Duration.ofSeconds(30)).until(() -> worker.heard.contains("handed-back"));
            assertThat(worker.stores.outcomes().find(key)).isEmpty();
            assertThat(worker.queue.holds(key)).isTrue();
        }
    }

    @Test
    void placeholders_are_replaced_and_unknown_ones_named() {
        Map<String, String> values = Map.of("in", "a b", "aot", "");
        assertThat(PackCommand.expand(List.of("x{in}y", "{aot}", "", "{}"), values))
                .containsExactly("xa by", "", "{}");
        assertThatThrownBy(() -> PackCommand.expand(List.of("{secret}"), values))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("{secret}");
    }

    private static String hex(String text) {
        return Digest.of(text.getBytes(StandardCharsets.UTF_8)).hex();
    }
}
