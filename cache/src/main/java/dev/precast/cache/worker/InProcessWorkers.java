package dev.precast.cache.worker;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Live workers, in memory. */
public final class InProcessWorkers implements Workers {
    /** Maximum number of workers, which is limited because heartbeats may be forged. */
    private static final int MOST = 10_000;

    private final InstantSource clock;
    private final Map<String, Heard> heard = new ConcurrentHashMap<>();

    private record Heard(WorkerNotice notice, Instant at) {}

    public InProcessWorkers(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public void announce(WorkerNotice notice) {
        if (notice.lanes().isEmpty()) {
            heard.remove(notice.worker());
        } else if (heard.size() < MOST || heard.containsKey(notice.worker())) {
            heard.put(notice.worker(), new Heard(notice, clock.instant()));
        }
    }

    /** Does nothing, because all heartbeats are received from the beginning. */
    @Override
    public void listen() {}

    @Override
    public List<WorkerNotice> alive() {
        Instant oldest = clock.instant().minus(HEARTBEAT_TIMEOUT);
        heard.values().removeIf(each -> each.at.isBefore(oldest));
        return heard.values().stream()
                .map(Heard::notice)
                .sorted(Comparator.comparing(WorkerNotice::worker))
                .toList();
    }
}
