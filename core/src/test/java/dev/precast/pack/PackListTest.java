package dev.precast.pack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackListTest {
    @TempDir
    private Path folder;

    @Test
    void builds_that_list_their_packs_at_once_lose_none() throws Exception {
        int builds = 8;
        ExecutorService threads = Executors.newFixedThreadPool(builds);
        try {
            List<Callable<Path>> all = new ArrayList<>();
            for (int i = 0; i < builds; i++) {
                String name = "pack-" + i;
                all.add(() -> {
                    pack(name);
                    PackList.write(packs());
                    return packs();
                });
            }
            for (Future<Path> build : threads.invokeAll(all)) {
                build.get();
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(Files.readAllLines(packs().resolve(PackList.FILE))).hasSize(builds);
    }

    @Test
    void a_line_is_the_digest_and_the_folder_and_what_is_no_pack_is_left_out() throws Exception {
        Path pack = pack("one");
        Files.createDirectories(packs().resolve("two"));

        PackList.write(packs());

        assertThat(packs().resolve(PackList.FILE))
                .content()
                .isEqualTo(PackFolder.of(pack).digest().hex() + "  one\n");
    }

    private Path packs() {
        return folder.resolve("packs");
    }

    private Path pack(String name) throws IOException {
        Path pack =
                Files.createDirectories(packs().resolve(name).resolve("lib")).getParent();
        Files.writeString(pack.resolve("lib/a.jar"), name);
        Files.writeString(pack.resolve(PackFolder.DESCRIPTION), "{}");
        return pack;
    }
}
