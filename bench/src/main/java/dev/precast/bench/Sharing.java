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
 * Memory of several hosts that have one artifact open. In the proportional set size of a process, a page that n
 * processes share counts as 1/n of a page.
 *
 * @param hosts number of hosts
 * @param processesKib proportional set size of all hosts
 * @param codeKib proportional set size of the artifact's file in all hosts
 * @param residentKib resident size of the artifact's file in one host
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

    /** The sum of one figure over a process's mappings of a file. The first line of each mapping ends with its path. */
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
                "%d concurrent hosts: total proportional set size %.1f MB, of which the artifact %.2f MB; each "
                        + "host has %.2f MB of the artifact resident",
                hosts,
                processesKib * 1024 / 1e6,
                codeKib * 1024 / 1e6,
                residentKib * 1024 / 1e6);
    }
}
