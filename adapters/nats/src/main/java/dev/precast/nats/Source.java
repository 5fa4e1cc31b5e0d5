package dev.precast.nats;

import dev.precast.artifact.Digest;
import dev.precast.artifact.LaneId;
import dev.precast.cache.queue.Priority;
import io.nats.client.JetStreamOptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Gatherers;

/**
 * A durable consumer from which workers pull requests.
 *
 * @param layout the stream
 * @param priority the priority of its requests
 * @param consumer the consumer's name
 * @param filters the subjects of its requests
 */
record Source(QueueLayout layout, Priority priority, String consumer, List<String> filters) {
    /** Most lanes of a consumer: JetStream compares each filter of a consumer with each other. */
    private static final int LANES = 1000;

    Source {
        filters = List.copyOf(filters);
    }

    /**
     * The consumers of a worker with these lanes, the most urgent first. Workers with the same lanes use the same
     * consumers of {@link QueueLayout#BY_WORKER}, whose names contain a digest of the lanes.
     */
    static List<Source> of(QueueLayout layout, Collection<LaneId> lanes) {
        return switch (layout) {
            case BY_WORKER -> byWorker(lanes);
            case BY_LANE -> byLane(lanes);
        };
    }

    private static List<Source> byWorker(Collection<LaneId> lanes) {
        List<List<LaneId>> groups = lanes.stream()
                .sorted(Comparator.comparing(Subjects::lane))
                .gather(Gatherers.windowFixed(LANES))
                .toList();
        List<Source> sources = new ArrayList<>();
        for (Priority priority : QueueLayout.BY_WORKER.priorities()) {
            for (List<LaneId> group : groups) {
                String names =
                        String.join("\n", group.stream().map(Subjects::lane).toList());
                String digest =
                        Digest.of(names.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 32);
                sources.add(new Source(
                        QueueLayout.BY_WORKER,
                        priority,
                        QueueLayout.BY_WORKER.label(priority) + "-" + digest,
                        group.stream()
                                .map(lane -> QueueLayout.BY_WORKER.requests(lane, priority))
                                .toList()));
            }
        }
        return sources;
    }

    private static List<Source> byLane(Collection<LaneId> lanes) {
        List<Source> sources = new ArrayList<>();
        for (Priority priority : QueueLayout.BY_LANE.priorities()) {
            for (LaneId lane : lanes) {
                sources.add(new Source(
                        QueueLayout.BY_LANE,
                        priority,
                        QueueLayout.BY_LANE.label(priority) + "-" + Subjects.lane(lane),
                        List.of(QueueLayout.BY_LANE.requests(lane, priority))));
            }
        }
        return sources;
    }

    /**
     * The subject to which a worker sends a pull.
     *
     * @param options contain the JetStream domain
     */
    String next(JetStreamOptions options) {
        return options.getPrefix() + "CONSUMER.MSG.NEXT." + layout.stream() + "." + consumer;
    }
}
