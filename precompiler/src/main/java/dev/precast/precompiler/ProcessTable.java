package dev.precast.precompiler;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads the processes of this machine. */
sealed interface ProcessTable {
    /**
     * The visible processes, by process id.
     *
     * @param except process ids to leave out
     * @throws SupervisorTroubleException if the processes cannot be read at the moment
     */
    Map<Long, Row> read(Set<Long> except) throws SupervisorTroubleException;

    /** Whether rows contain the resident memory. */
    boolean knowsMemory();

    /** The best implementation for this system. */
    static ProcessTable ofThisSystem() {
        return Libc.get().<ProcessTable>map(ProcFs::new).orElseGet(Handles::new);
    }

    /**
     * A process.
     *
     * @param parent process id of its parent, or 0
     * @param started start time in the table's own unit; distinguishes processes with the same id
     * @param ownCpuMillis its own CPU time in milliseconds
     * @param waitedCpuMillis CPU time of the children that it waited for, in milliseconds
     * @param residentBytes resident memory; 0 if unknown
     * @param threads number of threads; 1 if unknown
     * @param ended whether it is a zombie
     */
    record Row(
            long pid,
            long parent,
            long started,
            long ownCpuMillis,
            long waitedCpuMillis,
            long residentBytes,
            int threads,
            boolean ended) {}

    /** Linux: {@code /proc/<pid>/stat}, see proc_pid_stat(5). */
    record ProcFs(Libc libc) implements ProcessTable {
        private static final File PROC = new File("/proc");
        /** USER_HZ is 100 on all Linux systems. */
        private static final long MILLIS_PER_TICK = 10;

        @Override
        public Map<Long, Row> read(Set<Long> except) throws SupervisorTroubleException {
            String[] names = PROC.list();
            if (names == null) {
                throw new SupervisorTroubleException(
                        "/proc: cannot be read; this process may lack file descriptors or memory", null);
            }
            Map<Long, Row> rows = new HashMap<>();
            byte[] buffer = new byte[1 << 12];
            for (String name : names) {
                if (Character.isDigit(name.charAt(0)) && !except.contains(Long.parseLong(name))) {
                    row(name, buffer).ifPresent(row -> rows.put(row.pid(), row));
                }
            }
            return rows;
        }

        private Optional<Row> row(String pid, byte[] buffer) {
            String stat;
            try (FileInputStream in = new FileInputStream(new File(PROC, pid + "/stat"))) {
                stat = new String(buffer, 0, Math.max(0, in.read(buffer)), StandardCharsets.ISO_8859_1);
            } catch (IOException e) {
                return Optional.empty(); // The process has ended.
            }
            if (stat.isEmpty()) {
                return Optional.empty();
            }
            // The name may contain blanks and brackets. The third field follows the last bracket.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).trim().split(" ");
            return Optional.of(new Row(
                    Long.parseLong(pid),
                    field(fields, 4),
                    field(fields, 22),
                    (field(fields, 14) + field(fields, 15)) * MILLIS_PER_TICK,
                    (field(fields, 16) + field(fields, 17)) * MILLIS_PER_TICK,
                    field(fields, 24) * libc.pageBytes(),
                    (int) field(fields, 20),
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

    /** Other systems: the information of Java's process API. */
    record Handles() implements ProcessTable {
        @Override
        public Map<Long, Row> read(Set<Long> except) {
            Map<Long, Row> rows = new HashMap<>();
            ProcessHandle.allProcesses()
                    .filter(handle -> !except.contains(handle.pid()))
                    .forEach(handle -> {
                        ProcessHandle.Info info = handle.info();
                        rows.put(
                                handle.pid(),
                                new Row(
                                        handle.pid(),
                                        handle.parent().map(ProcessHandle::pid).orElse(0L),
                                        info.startInstant()
                                                .map(Instant::toEpochMilli)
                                                .orElse(0L),
                                        info.totalCpuDuration()
                                                .map(Duration::toMillis)
                                                .orElse(0L),
                                        0,
                                        0,
                                        1,
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
