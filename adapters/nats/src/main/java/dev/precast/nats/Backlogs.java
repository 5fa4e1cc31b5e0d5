package dev.precast.nats;

import dev.precast.artifact.Digest;
import dev.precast.cache.queue.LaneBacklog;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.StreamInfoOptions;
import io.nats.client.api.Subject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads from the streams of requests what they hold for each lane. */
final class Backlogs {
    /** Lanes whose oldest request is looked up, which takes one call for each stream. */
    private static final int MOST_AGES = 100;

    private Backlogs() {}

    /** @param layouts the streams to read */
    static List<LaneBacklog> read(JetStreamManagement management, List<QueueLayout> layouts, Instant now)
            throws IOException, JetStreamApiException {
        Map<Digest, Long> counts = new HashMap<>();
        for (QueueLayout layout : layouts) {
            StreamInfoOptions all = StreamInfoOptions.filterSubjects(layout.requests());
            Optional<StreamInfo> stream = Streams.orMissing(() -> management.getStreamInfo(layout.stream(), all));
            if (stream.isPresent()) {
                for (Subject subject : stream.get().getStreamState().getSubjects()) {
                    counts.merge(QueueLayout.lane(subject.getName()), subject.getCount(), Long::sum);
                }
            }
        }
        List<Map.Entry<Digest, Long>> lanes = new ArrayList<>(counts.entrySet());
        lanes.sort(Map.Entry.comparingByValue(Comparator.reverseOrder()));
        List<LaneBacklog> backlog = new ArrayList<>();
        for (Map.Entry<Digest, Long> lane : lanes) {
            Duration oldest = backlog.size() < MOST_AGES ? age(management, layouts, lane.getKey(), now) : Duration.ZERO;
            backlog.add(new LaneBacklog(lane.getKey(), lane.getValue(), oldest));
        }
        return backlog;
    }

    private static Duration age(JetStreamManagement management, List<QueueLayout> layouts, Digest lane, Instant now)
            throws IOException, JetStreamApiException {
        Duration oldest = Duration.ZERO;
        for (QueueLayout layout : layouts) {
            Duration age = Streams.orMissing(() -> management.getFirstMessage(layout.stream(), layout.requests(lane)))
                    .flatMap(first -> Optional.ofNullable(first.getTime()))
                    .map(added -> Duration.between(added.toInstant(), now))
                    .orElse(Duration.ZERO);
            oldest = age.compareTo(oldest) > 0 ? age : oldest;
        }
        return oldest;
    }
}
