package dev.precast.precompiler;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The processes of this machine at a moment. */
sealed interface ProcessTable {
    /** All that can be seen, by process id. */
    Map<Long, Row> read();

    /** Whether memory can be told. */
    boolean knowsMemory();

    /** The best table of this system. */
    static ProcessTable ofThisSystem() {
        return Libc.get().<ProcessTable>map(ProcFs::new).orElseGet(Handles::new);
    }

    /**
     * A process.
     *
     * @param parent process id of its parent, or 0
     * @param started when it was started, in the table's own unit: tells processes with one id apart
     * @param ownCpuMillis CPU time of its own
     * @param waitedCpuMillis CPU time of the children that it waited for
     * @param residentBytes memory; 0 where it cannot be told
     * @param ended whether only its entry is left
     */
    record Row(
            long pid,
            long parent,
            long started,
            long ownCpuMillis,
            long waitedCpuMillis,
            long residentBytes,
            boolean ended) {}

    /** Linux: {@code /proc/<pid>/stat}, see proc_pid_stat(5). */
    record ProcFs(Libc libc) implements ProcessTable {
        private static final Path PROC = Path.of("/proc");
        /** USER_HZ is 100 on every Linux. */
        private static final long MILLIS_PER_TICK = 10;

        @Override
        public Map<Long, Row> read() {
            Map<Long, Row> rows = new HashMap<>();
            try (DirectoryStream<Path> folders = Files.newDirectoryStream(PROC, "[1-9]*")) {
                for (Path folder : folders) {
                    row(folder).ifPresent(row -> rows.put(row.pid(), row));
                }
            } catch (IOException e) {
                throw new IllegalStateException("reading /proc: " + e.getMessage(), e);
            }
            return rows;
        }

        private Optional<Row> row(Path folder) {
            String stat;
            try {
                stat = Files.readString(folder.resolve("stat"), StandardCharsets.ISO_8859_1);
            } catch (IOException e) {
                return Optional.empty(); // It ended meanwhile.
            }
            // The name may hold anything, also blanks and brackets; the third field stands after the last bracket.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).trim().split(" ");
            return Optional.of(new Row(
                    Long.parseLong(String.valueOf(folder.getFileName())),
                    field(fields, 4),
                    field(fields, 22),
                    (field(fields, 14) + field(fields, 15)) * MILLIS_PER_TICK,
                    (field(fields, 16) + field(fields, 17)) * MILLIS_PER_TICK,
                    field(fields, 24) * libc.pageBytes(),
                    fields[0].equals("Z") || fields[0].equals("X")));
        }

        private static long field(String[] fromThird, int number) {
            return Long.parseLong(fromThird[number - 3]);
        }

        @Override
        public boolean knowsMemory() {
            return true;
        }
    }

    /** Elsewhere: what Java tells. */
    record Handles() implements ProcessTable {
        @Override
        public Map<Long, Row> read() {
            Map<Long, Row> rows = new HashMap<>();
            ProcessHandle.allProcesses().forEach(handle -> {
                ProcessHandle.Info info = handle.info();
                rows.put(
                        handle.pid(),
                        new Row(
                                handle.pid(),
                                handle.parent().map(ProcessHandle::pid).orElse(0L),
                                info.startInstant().map(Instant::toEpochMilli).orElse(0L),
                                info.totalCpuDuration().map(Duration::toMillis).orElse(0L),
                                0,
                                0,
                                !handle.isAlive()));
            });
            return rows;
        }

        @Override
        public boolean knowsMemory() {
            return false;
        }
    }
}
