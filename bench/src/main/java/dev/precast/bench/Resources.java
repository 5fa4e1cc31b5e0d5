package dev.precast.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Resources that this process has used. Reads {@code /proc} if it exists, because that takes the least time. */
final class Resources {
    private static final Path STATUS = Path.of("/proc/self/status");

    /** {@code USER_HZ}, the same on every Linux that Java runs on. */
    private static final long TICKS_A_SECOND = 100;

    private Resources() {}

    /** Present memory of this process in KiB; zeros if unknown. */
    static Memory memory() throws IOException {
        if (!Files.isReadable(STATUS)) {
            return new Memory(0, 0, 0);
        }
        String status = new String(Files.readAllBytes(STATUS), StandardCharsets.US_ASCII);
        return new Memory(kib(status, "VmHWM:"), kib(status, "RssAnon:"), kib(status, "RssFile:"));
    }

    private static long kib(String status, String name) {
        int at = status.indexOf(name) + name.length();
        int end = status.indexOf("kB", at);
        return Long.parseLong(status.substring(at, end).strip());
    }

    /** CPU time of all threads, in steps of 10 ms. */
    static long cpuMillis() {
        return ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .orElse(Duration.ZERO)
                .toMillis();
    }

    /**
     * CPU time of another process and its ended children, in seconds, with a resolution of 10 ms.
     *
     * @throws IOException if the process has ended, or the system has no {@code /proc}
     */
    static double cpuSeconds(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
        // Fields 14 to 17 of proc(5), counted after the name, which may contain any characters.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        long ticks = 0;
        for (int field = 14; field <= 17; field++) {
            ticks += Long.parseLong(fields[field - 3]);
        }
        return ticks / (double) TICKS_A_SECOND;
    }
}
