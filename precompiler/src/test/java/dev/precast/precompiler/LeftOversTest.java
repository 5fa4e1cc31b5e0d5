package dev.precast.precompiler;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an earlier worker or a child left is deleted, or set aside, and never stops a worker. */
class LeftOversTest {
    @TempDir
    Path folder;

    @Test
    void files_of_an_earlier_worker_with_the_same_process_id_are_deleted() throws Exception {
        Path jobs = Files.createDirectories(folder.resolve("work/jobs"));
        Files.writeString(ChildFolder.in(jobs).path().resolve("module.wasm"), "left");
        Files.createDirectory(jobs.resolve(ProcessHandle.current().pid() + "-123"));
        Files.writeString(jobs.resolve("payload.theirs"), "left");
        LeftOvers.of(jobs).deleteAllIn(jobs);
        assertThat(jobs).isEmptyDirectory();
        assertThat(folder.resolve("work/aside")).doesNotExist();
    }

    @Test
    void a_worker_starts_although_an_earlier_one_left_paths_that_are_too_long_for_the_kernel() throws Exception {
        ShellPack.write(folder.resolve("packs"), "shell", "cat $1 > $2");
        Path job = Files.createDirectories(folder.resolve("work/jobs/job-1"));
        assertThat(new ProcessBuilder("/bin/sh", "-c", DEEP)
                        .directory(job.toFile())
                        .start()
                        .waitFor())
                .isZero();
        try (Worker worker = Worker.over(folder, Worker.LIMITS)) {
            assertThat(job).doesNotExist();
            worker.compile(worker.upload("shell", Worker.module("a module")));
            assertThat(worker.heard).contains("compiled");
        }
    }

    @Test
    void what_resists_is_set_aside_and_the_rest_is_deleted() throws Exception {
        Path jobs = Files.createDirectories(folder.resolve("work/jobs"));
        Path aside = folder.resolve("work/aside");
        for (String name : List.of("job-1", "resists", "job-2")) {
            Files.writeString(Files.createDirectory(jobs.resolve(name)).resolve("file"), name);
        }
        new LeftOvers(aside, LeftOversTest::resist).deleteAllIn(jobs);
        assertThat(jobs).isEmptyDirectory();
        assertThat(aside).isDirectoryRecursivelyContaining(file -> file.endsWith("file"));

        new LeftOvers(aside, LeftOversTest::alwaysResist).retry();
        assertThat(aside).isNotEmptyDirectory();
        LeftOvers.of(jobs).retry();
        assertThat(aside).isEmptyDirectory();
    }

    @Test
    void what_can_be_neither_deleted_nor_moved_stops_nothing() throws Exception {
        Path jobs = Files.createDirectories(folder.resolve("work/jobs"));
        Files.createDirectory(jobs.resolve("resists"));
        Files.createDirectory(jobs.resolve("job-1"));
        Path aside = Files.writeString(folder.resolve("work/aside"), "no folder");
        LeftOvers leftOvers = new LeftOvers(aside, LeftOversTest::resist);
        leftOvers.deleteAllIn(jobs);
        leftOvers.retry();
        assertThat(jobs).isDirectoryContaining(path -> path.endsWith("resists"));
        assertThat(jobs.resolve("job-1")).doesNotExist();
    }

    /** Nests 60 folders with names of 200 characters. */
    static final String DEEP = "n=$(printf '%0200d' 0); i=0; "
            + "while [ $i -lt 60 ]; do mkdir $n && cd -P $n || exit 1; i=$((i+1)); done; ";

    private static void resist(Path path) throws IOException {
        if (path.endsWith("resists")) {
            alwaysResist(path);
        }
        FolderTree.delete(path);
    }

    private static void alwaysResist(Path path) throws IOException {
        throw new DirectoryNotEmptyException(path.toString());
    }
}
