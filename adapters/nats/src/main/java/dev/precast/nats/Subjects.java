package dev.precast.nats;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.LaneId;
import dev.precast.cache.queue.Priority;
import java.util.Locale;

/** Subjects and names on NATS. Lanes, modules and keys appear as the 64 hexadecimal digits of their digests. */
final class Subjects {
    /** All requests. */
    static final String REQUESTS = "precast.compile.*.*.*";
    /** All dead letters. */
    static final String DEAD = "precast.dead.*.*";
    /** All events. */
    static final String EVENTS = "precast.events.*.*";
    /** All heartbeats of workers. */
    static final String WORKERS = "precast.workers.*";
    /** Asks all workers for a heartbeat; no worker has this name. */
    static final String ASK_WORKERS = "precast.workers.ask";
    /** Announcements of changed documents. */
    static final String CHANGES = "precast.changes";

    private Subjects() {}

    static String request(ArtifactKey key, Priority priority) {
        return "precast.compile." + label(priority) + "." + lane(key.lane()) + "." + module(key);
    }

    /** The subjects of a key, hot and warm. */
    static String requests(ArtifactKey key) {
        return "precast.compile.*." + lane(key.lane()) + "." + module(key);
    }

    static String requests(LaneId lane, Priority priority) {
        return "precast.compile." + label(priority) + "." + lane(lane) + ".*";
    }

    /** The subjects of a lane, hot and warm. */
    static String requests(LaneId lane) {
        return "precast.compile.*." + lane(lane) + ".*";
    }

    /** The name of the durable consumer of a lane and priority. */
    static String consumer(LaneId lane, Priority priority) {
        return label(priority) + "-" + lane(lane);
    }

    static String lease(ArtifactKey key) {
        return lane(key.lane()) + "." + module(key);
    }

    static String dead(ArtifactKey key) {
        return "precast.dead." + lane(key.lane()) + "." + module(key);
    }

    static String event(ArtifactKey key) {
        return "precast.events." + lane(key.lane()) + "." + module(key);
    }

    static String worker(String name) {
        return "precast.workers." + name;
    }

    static String label(Priority priority) {
        return priority.name().toLowerCase(Locale.ROOT);
    }

    private static String lane(LaneId lane) {
        return lane.digest().hex();
    }

    private static String module(ArtifactKey key) {
        return key.module().digest().hex();
    }
}
