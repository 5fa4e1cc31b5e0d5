package dev.precast.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What one artifact costs several hosts that have it open at once. A proportional set size counts a page that n
 * processes share as the n-th part of a page in each.
 *
 * @param hosts how many
 * @param processesKib proportional set size of all of them
 * @param codeKib that of the artifact's file in all of them
 * @param residentKib resident size of the artifact's file in one of them
 */
record Sharing(int hosts, long processesKib, long codeKib, long residentKib) {
    /**
     * Reads the memory of processes.
     *
     * @param file part of the path of the artifact's file
     */
    static Sharing of(List<Long> pids, String file) throws IOException {
        long processes = 0;
        long code = 0;
        long resident = 0;
        for (long pid : pids) {
            processes += sum(pid, "", "Pss:");
            code += sum(pid, file, "Pss:");
            resident = sum(pid, file, "Rss:");
        }
        return new Sharing(pids.size(), processes, code, resident);
    }

    /** The sum of one figure over a process's mappings; each begins with a line that ends with its path. */
    private static long sum(long pid, String file, String figure) throws IOException {
        long sum = 0;
        boolean counts = false;
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/smaps"), StandardCharsets.ISO_8859_1)) {
            if (Character.isUpperCase(line.charAt(0))) {
                if (counts && line.startsWith(figure)) {
                    sum += Long.parseLong(
                            line.substring(figure.length(), line.length() - 2).strip());
                }
            } else {
                counts = line.contains(file);
            }
        }
        return sum;
    }

    Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("hosts", hosts);
        json.put("processesPssMb", processesKib * 1024 / 1e6);
        json.put("codePssMb", codeKib * 1024 / 1e6);
        json.put("codeResidentMb", residentKib * 1024 / 1e6);
        return json;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d hosts at once: proportional set sizes %.1f MB in all, %.2f MB of it the artifact, of which each has %.2f"
                        + " MB resident",
                hosts,
                processesKib * 1024 / 1e6,
                codeKib * 1024 / 1e6,
                residentKib * 1024 / 1e6);
    }
}
