package dev.precast.precompiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.cache.outcome.CompileOutcome.Cause;
import dev.precast.cache.outcome.Limits;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Children that take disk space in ways that a sum of file sizes does not show. */
class DiskUseTest {
    private static final Limits LIMITS = new Limits(64, 400, 60, 120, 4);
    private static final String MORE = "child: more than 4 MiB of output";

    @TempDir
    Path parent;

    private ChildFolder folder;

    @BeforeEach
    void make_a_folder() throws IOException {
        folder = ChildFolder.in(parent);
    }

    @Test
    void what_was_there_before_does_not_count() throws Exception {
        Files.write(folder.path().resolve("in.wasm"), new byte[5 << 20]);
        assertThat(run(LIMITS, "head -c 3000000 /dev/zero > out.bin")).isInstanceOf(ChildProcess.Exited.class);
    }

    @Test
    void open_files_without_a_name_count() throws Exception {
        assertKilled(
                MORE,
                "exec 5<>u 6<>v; rm u v; " + "head -c 3000000 /dev/zero >&5; head -c 3000000 /dev/zero >&6; sleep 60");
    }

    @Test
    void an_open_file_without_a_name_counts_once_and_only_while_it_is_open() throws Exception {
        String hold = "head -c 3000000 /dev/zero > u; exec 5<u 6<u; rm u; (sleep 1) & wait; exec 5<&- 6<&-; ";
        assertThat(run(LIMITS, hold + hold)).isInstanceOf(ChildProcess.Exited.class);
    }

    @Test
    void files_in_unreadable_folders_count() throws Exception {
        assertKilled(
                MORE,
                "mkdir -m 0300 h; mkdir -m 0700 h/i; head -c 3000000 /dev/zero > h/a; head -c 3000000 /dev/zero > h/i/b; sleep 60");
    }

    @Test
    void small_files_count_a_block() throws Exception {
        assertKilled(MORE, "i=0; while [ $i -lt 2000 ]; do : > f$i; i=$((i+1)); done; sleep 60");
    }

    @Test
    void the_number_of_files_is_limited() throws Exception {
        Limits large = new Limits(64, 400, 60, 120, 200);
        assertThat(run(large, "i=0; while [ $i -lt 12000 ]; do : > f$i; i=$((i+1)); done; sleep 60"))
                .isEqualTo(new ChildProcess.Killed(Cause.OUTPUT, "child: more than 10000 files"));
    }

    @Test
    void the_depth_of_folders_is_limited() throws Exception {
        assertKilled("child: folders more than 64 deep", "mkdir -p " + "d/".repeat(70) + "; sleep 60");
    }

    @Test
    void names_that_are_not_text_are_measured() throws Exception {
        assertKilled(
                MORE,
                "f=$(printf '\\377%%zz'); mkdir -p $f/$f; head -c 3000000 /dev/zero > $f/a; "
                        + "head -c 3000000 /dev/zero > $f/$f/b; sleep 60");
    }

    @Test
    void mapped_files_without_a_name_are_refused() throws Exception {
        Path classes = Path.of(
                Mapper.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        List<String> command = List.of(
                PackCommand.java().toString(),
                "-Xmx32m",
                "-XX:+UseSerialGC",
                "-cp",
                classes.toString(),
                Mapper.class.getName());
        assertThat(new ChildProcess(folder, List.of(classes), LIMITS).run(command))
                .isEqualTo(new ChildProcess.Killed(Cause.OUTPUT, "child: deleted files that are mapped but not open"));
    }

    /** Maps a file, deletes it, closes it, and waits. */
    static final class Mapper {
        public static void main(String[] args) throws Exception {
            Path file = Path.of("mapped");
            try (FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                var mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, 3_000_000);
                Files.delete(file);
                channel.close();
                Thread.sleep(60_000);
                System.out.println(mapped);
            }
        }
    }

    private void assertKilled(String why, String script) throws Exception {
        assertThat(run(LIMITS, script)).isEqualTo(new ChildProcess.Killed(Cause.OUTPUT, why));
    }

    private ChildProcess.Result run(Limits limits, String script) throws Exception {
        return new ChildProcess(folder, List.of(), limits).run(List.of("/bin/sh", "-c", script));
    }
}
