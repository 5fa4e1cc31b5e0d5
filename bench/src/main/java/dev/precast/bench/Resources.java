package dev.precast.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** What this process has used, read from {@code /proc} where there is one, since that costs least. */
final class Resources {
    private static final Path STATUS = Path.of("/proc/self/status");

    private Resources() {}

    /** Largest resident size so far ({@code VmHWM}); 0 where the system does not tell. */
    static long peakResidentKib() throws IOException {
        if (!Files.isReadable(STATUS)) {
            return 0;
        }
        String status = new String(Files.readAllBytes(STATUS), StandardCharsets.US_ASCII);
        int at = status.indexOf("VmHWM:") + 6;
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
}
