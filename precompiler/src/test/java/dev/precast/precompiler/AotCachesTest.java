package dev.precast.precompiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.precast.cache.outcome.Limits;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AotCachesTest {
    @TempDir
    Path folder;

    @Test
    void a_cache_is_trained_after_a_few_compilations_and_then_used() throws Exception {
        assumeTrue(Supervision.ofThisProcess()
                .confinement()
                .missing(Confinement.Mode.BEST_EFFORT)
                .isEmpty());
        EnginePack pack = JavaPack.write(folder.resolve("packs"));
        Path jobs = Files.createDirectories(folder.resolve("jobs"));
        try (AotCaches caches = new AotCaches(folder.resolve("aot"), jobs, List.of(pack))) {
            for (int i = 1; i < AotCaches.COMPILATIONS_BEFORE; i++) {
                assertThat(caches.compiled(pack)).isFalse();
            }
            assertThat(caches.compiled(pack)).isTrue();
            assertThat(caches.compiled(pack)).isFalse();
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> !caches.flag(pack).isEmpty());

            String flag = caches.flag(pack);
            try (ChildFolder child = ChildFolder.in(jobs)) {
                List<String> command = PackCommand.expand(pack.commands().probe(), PackCommand.values(pack, 64, flag));
                List<String> must = new java.util.ArrayList<>(command);
                must.add(1, "-XX:AOTMode=on");
                ChildProcess.Result result =
                        new ChildProcess(child, caches.readable(pack), new Limits(64, 512, 20, 40, 16)).run(must);
                assertThat(result)
                        .isInstanceOfSatisfying(
                                ChildProcess.Exited.class,
                                exited -> assertThat(exited.code())
                                        .as(exited.err())
                                        .isZero());
            }
        }
        try (AotCaches again = new AotCaches(folder.resolve("aot"), jobs, List.of(pack))) {
            assertThat(again.flag(pack)).isNotEmpty();
        }
        try (AotCaches others = new AotCaches(folder.resolve("aot"), jobs, List.of())) {
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                try (var files = Files.list(folder.resolve("aot"))) {
                    return files.findAny().isEmpty();
                }
            });
            assertThat(others.flag(pack)).isEmpty();
        }
    }
}
