package dev.precast.nats;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.artifact.LaneId;
import dev.precast.cache.queue.Priority;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A stream of requests: its name and its subjects, {@code <prefix>.<priority>.<lane digest>.<module digest>}. A key has a
 * subject for each priority.
 */
enum QueueLayout {
    /** The stream that workers read with one consumer for each priority of all their lanes. */
    BY_WORKER("PRECAST_QUEUE", "precast.queue", List.of(Priority.values())),
    /**
     * The stream of versions whose workers have consumers for each lane. Used while it exists, so that processes of both
     * versions work together.
     */
    BY_LANE("PRECAST_COMPILE", "precast.compile", List.of(Priority.HOT, Priority.WARM));

    private static final int LANE_TOKEN = 3;

    private final String stream;
    private final String prefix;
    private final List<Priority> priorities;

    QueueLayout(String stream, String prefix, List<Priority> priorities) {
        this.stream = stream;
        this.prefix = prefix;
        this.priorities = priorities;
    }

    /** The name of the stream. */
    String stream() {
        return stream;
    }

    /** The priorities that the stream knows, the most urgent first. */
    List<Priority> priorities() {
        return priorities;
    }

    /** The subjects of all requests. */
    String requests() {
        return prefix + ".*.*.*";
    }

    /** The subject of a request. */
    String request(ArtifactKey key, Priority priority) {
        return prefix + "." + label(priority) + "." + Subjects.lane(key.lane()) + "." + Subjects.module(key);
    }

    /** The subjects of a key, in all priorities. */
    String requests(ArtifactKey key) {
        return prefix + ".*." + Subjects.lane(key.lane()) + "." + Subjects.module(key);
    }

    /** The subjects of a lane, in all priorities. */
    String requests(LaneId lane) {
        return requests(lane.digest());
    }

    /** The subjects of the lane with this digest, in all priorities. */
    String requests(Digest lane) {
        return prefix + ".*." + lane.hex() + ".*";
    }

    /** The digest of the lane in the subject of a request. */
    static Digest lane(String subject) {
        return new Digest(subject.split("\\.")[LANE_TOKEN]);
    }

    String requests(LaneId lane, Priority priority) {
        return prefix + "." + label(priority) + "." + Subjects.lane(lane) + ".*";
    }

    /** The priority in a subject of this stream; empty if the subject is none. */
    Optional<Priority> priority(String subject) {
        return priorities.stream()
                .filter(priority -> subject.startsWith(prefix + "." + label(priority) + "."))
                .findFirst();
    }

    /** The name of a priority in subjects; the nearest more urgent one if the stream does not know the priority. */
    String label(Priority priority) {
        Priority known = priorities.contains(priority) ? priority : Priority.HOT;
        return known.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The stream with this name; empty if it holds no requests. */
    static Optional<QueueLayout> ofStream(String name) {
        return Arrays.stream(values())
                .filter(layout -> layout.stream.equals(name))
                .findFirst();
    }
}
