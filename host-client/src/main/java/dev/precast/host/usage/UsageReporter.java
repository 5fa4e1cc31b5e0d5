package dev.precast.host.usage;

import dev.precast.host.ArtifactSource;
import dev.precast.host.UsageService;
import dev.precast.host.background.Background;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
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
 * Tells the service what this host loads, so that warm-ups know what is used and retirement what is not: once in a while,
 * each module once a day, at most 256 of them (18 kB) a report. Loads are counted only; what is sent is sent on a thread of
 * its own, and what cannot be sent is sent the next time. Thread safe.
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

    /** @param every how often to report; zero never does */
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

    /** What is known of one module. */
    private static final class Uses {
        final LaneId lane;
        final AtomicInteger loads = new AtomicInteger();
        volatile @Nullable Instant reportedAt;

        Uses(LaneId lane) {
            this.lane = lane;
        }
    }

    /** Counts a load from disk or a source. Quick; never fails. */
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
            // Hosts that were started together do not report together. The clock's last digits are random enough, and a
            // generator would be loaded on the way of the first load.
            double jitter = 0.8 + 0.4 * (System.nanoTime() & 1023) / 1024;
            Duration pause = Duration.ofMillis(Math.max(1, (long) (every.toMillis() * jitter)));
            background.repeat(this, pause.compareTo(FIRST) < 0 ? pause : FIRST, pause);
        }
    }

    /** Counts a load of what stands in memory. */
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

    /** Whether all services took it. One that fails is told again, together with the others: usage is approximate. */
    private boolean sent(Map<LaneId, Map<ModuleDigest, Integer>> report) {
        boolean sent = true;
        for (UsageService service : services) {
            try {
                service.report(group, report);
            } catch (IOException | RuntimeException e) {
                System.getLogger("dev.precast.host")
                        .log(System.Logger.Level.DEBUG, "usage is not reported now: " + e.getMessage());
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
