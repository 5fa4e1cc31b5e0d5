package dev.precast.server;

import dev.precast.artifact.Digest;
import dev.precast.cache.Engines;
import dev.precast.cache.queue.LaneBacklog;
import dev.precast.cache.queue.QueueUnavailableException;
import dev.precast.cache.worker.LaneOffer;
import dev.precast.cache.worker.WorkerNotice;
import dev.precast.cache.worker.Workers;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** Metrics of each registered lane, by which a pool of workers for one engine can scale. A background task updates them. */
@Singleton
final class LaneMetrics implements Runnable {
    private static final int LANE_DIGITS = 12;

    private final Engines engines;
    private final Workers workers;
    private final Supplier<List<LaneBacklog>> backlog;
    private final MultiGauge requests;
    private final MultiGauge oldest;
    private final MultiGauge slots;

    LaneMetrics(MeterRegistry registry, Engines engines, Workers workers, Backend backend) {
        this.engines = engines;
        this.workers = workers;
        this.backlog = backend.signs().backlog();
        this.requests = MultiGauge.builder("precast.lane.queue.depth")
                .description("Requests of a lane in the queue, waiting and in progress; absent while the queue does not"
                        + " answer.")
                .register(registry);
        this.oldest = MultiGauge.builder("precast.lane.queue.oldest")
                .description("Time since the oldest request of a lane in the queue was added.")
                .baseUnit("seconds")
                .register(registry);
        this.slots = MultiGauge.builder("precast.lane.slots")
                .description("Slots for a lane, of live workers that take requests. A slot for several lanes counts"
                        + " in each of them.")
                .register(registry);
    }

    @Override
    public void run() {
        List<LaneOffer> lanes = new ArrayList<>(engines.list());
        List<WorkerNotice> alive = workers.alive();
        update(
                slots,
                lanes,
                lane -> alive.stream()
                        .filter(worker ->
                                worker.trouble().isEmpty() && worker.lanes().contains(lane))
                        .mapToInt(WorkerNotice::slots)
                        .sum());
        try {
            Map<Digest, LaneBacklog> held =
                    backlog.get().stream().collect(Collectors.toMap(LaneBacklog::lane, Function.identity()));
            update(
                    requests,
                    lanes,
                    lane -> held.containsKey(lane) ? held.get(lane).requests() : 0);
            update(
                    oldest,
                    lanes,
                    lane -> held.containsKey(lane) ? seconds(held.get(lane).oldest()) : 0);
        } catch (QueueUnavailableException e) {
            update(requests, List.of(), lane -> 0);
            update(oldest, List.of(), lane -> 0);
        }
    }

    private static double seconds(Duration time) {
        return time.toMillis() / 1e3;
    }

    private static void update(MultiGauge gauge, List<LaneOffer> lanes, ToDoubleFunction<Digest> value) {
        gauge.register(
                lanes.stream()
                        .map(offer -> {
                            Digest lane = offer.lane().id().digest();
                            return MultiGauge.Row.of(tags(offer, lane), value.applyAsDouble(lane));
                        })
                        .toList(),
                true);
    }

    private static Tags tags(LaneOffer offer, Digest lane) {
        return Tags.of(
                "engine", offer.lane().engine().toString(),
                "profile", offer.profile(),
                "target", offer.lane().target().toString(),
                "lane", lane.hex().substring(0, LANE_DIGITS));
    }
}
