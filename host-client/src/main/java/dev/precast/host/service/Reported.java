package dev.precast.host.service;

import dev.precast.artifact.Digest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The payloads that were reported in the last hour, so that each is reported once. Thread safe. */
final class Reported {
    private static final long QUIET_NANOS = TimeUnit.HOURS.toNanos(1);
    private static final int MAX_KEPT = 1000;

    /** The time of each report, oldest first. */
    private final Map<Digest, Long> times = new LinkedHashMap<>();

    /** Whether the payload was not reported in the last hour; then it counts as reported now. */
    synchronized boolean isNew(Digest payload) {
        long now = System.nanoTime();
        times.values().removeIf(at -> now - at >= QUIET_NANOS);
        if (times.containsKey(payload) || times.size() >= MAX_KEPT) {
            return false;
        }
        times.put(payload, now);
        return true;
    }
}
