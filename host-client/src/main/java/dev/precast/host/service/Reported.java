package dev.precast.host.service;

import dev.precast.artifact.Digest;
import dev.precast.protocol.ReportReason;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The payloads that were reported in the last hour, so that each is reported once for each reason. Thread safe. */
final class Reported {
    private static final long QUIET_NANOS = TimeUnit.HOURS.toNanos(1);
    private static final int MAX_KEPT = 1000;

    /** The time of each report, oldest first. */
    private final Map<Report, Long> times = new LinkedHashMap<>();

    private record Report(Digest payload, ReportReason reason) {}

    /** Whether the payload was not reported in the last hour; then it counts as reported now. */
    synchronized boolean isNew(Digest payload, ReportReason reason) {
        Report report = new Report(payload, reason);
        long now = System.nanoTime();
        times.values().removeIf(at -> now - at >= QUIET_NANOS);
        if (times.containsKey(report) || times.size() >= MAX_KEPT) {
            return false;
        }
        times.put(report, now);
        return true;
    }
}
