package dev.precast.host.usage;

import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.host.ArtifactSource;
import dev.precast.host.UsageService;
import dev.precast.host.background.Background;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Reports this host's loads to the service, for warm-ups and retirement. Reports periodically, each module about once a
 * day, at most 256 modules (18 kB) per report. A load only increments a counter; a background thread sends the reports
 * and retries a failed one with the next report. Thread safe.
 */
public final class UsageReporter implements Runnable, AutoCloseable {
    private static final Duration ONCE = Duration.ofHours(20);
    private static final Duration FIRST = Duration.ofMinutes(1);
    private static final int MAX_MODULES = 10_000;

    private final List<UsageService> services = new ArrayList<>();
    private final Optional<String> group;
    private final Duration every;
    private final InstantSource clock;
    private final ConcurrentHashMap<ModuleDigest, Uses> uses = new ConcurrentHashMap<>();
    private final Background background = new Background(1);
    private volatile boolean started;

    /** @param every interval of reports; zero disables them */
    public UsageReporter(List<ArtifactSource> sources, Optional<String> group, Duration every, InstantSource clock) {
        for (ArtifactSource source : sources) {
            if (source instanceof UsageService service && !every.isZero()) {
                services.add(service);
            }
        }
        this.group = group;
        this.every = every;
        this.clock = clock;
    }

    /** The loads of one module since its last report. */
    private static final class Uses {
        final LaneId lane;
        final AtomicInteger loads = new AtomicInteger();
        volatile @Nullable Instant reportedAt;

        Uses(LaneId lane) {
            this.lane = lane;
        }
    }

    /** Counts a load from disk or a source. Returns quickly and never fails. */
    public void loaded(ModuleDigest module, LaneId lane) {
        if (services.isEmpty() || uses.size() >= MAX_MODULES) {
            return;
        }
        Uses known = uses.get(module);
        if (known == null || !known.lane.equals(lane)) {
            known = new Uses(lane);
            uses.put(module, known);
        }
        known.loads.incrementAndGet();
        if (!started) {
            started = true;
            // A random delay, so that hosts that start together do not report together. Uses the clock's last digits,
            // because loading a random generator would slow the first load.
            double jitter = 0.8 + 0.4 * (System.nanoTime() & 1023) / 1024;
            Duration pause = Duration.ofMillis(Math.max(1, (long) (every.toMillis() * jitter)));
            background.repeat(this, pause.compareTo(FIRST) < 0 ? pause : FIRST, pause);
        }
    }

    /** Counts a load from memory. */
    public void loadedAgain(ModuleDigest module) {
        Uses known = uses.get(module);
        if (known != null) {
            known.loads.incrementAndGet();
        }
    }

    @Override
    public void run() {
        Instant now = clock.instant();
        Map<LaneId, Map<ModuleDigest, Integer>> report = new HashMap<>();
        List<Uses> reported = new ArrayList<>();
        for (Map.Entry<ModuleDigest, Uses> entry : uses.entrySet()) {
            Uses known = entry.getValue();
            Instant before = known.reportedAt;
            boolean due = before == null || !now.isBefore(before.plus(ONCE));
            int loads = known.loads.get();
            if (due && loads > 0 && reported.size() < UsageService.MAX_REPORTED) {
                report.computeIfAbsent(known.lane, lane -> new HashMap<>()).put(entry.getKey(), loads);
                reported.add(known);
            }
        }
        if (!reported.isEmpty() && sent(report)) {
            for (Uses known : reported) {
                known.loads.set(0);
                known.reportedAt = now;
            }
        }
    }

    /**
     * Sends the report to all services; false if one failed. The next report then repeats these loads to all services;
     * some services count them twice, which is acceptable because usage is approximate.
     */
    private boolean sent(Map<LaneId, Map<ModuleDigest, Integer>> report) {
        boolean sent = true;
        for (UsageService service : services) {
            try {
                service.report(group, report);
            } catch (IOException | RuntimeException e) {
                System.getLogger("dev.precast.host")
                        .log(
                                System.Logger.Level.DEBUG,
                                "usage report: failed; retrying with the next report: " + e.getMessage());
                sent = false;
            }
        }
        return sent;
    }

    @Override
    public void close() {
        background.close();
    }
}
