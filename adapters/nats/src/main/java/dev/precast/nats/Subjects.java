package dev.precast.nats;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.LaneId;

/** Subjects on NATS, except those of requests ({@link QueueLayout}). Lanes, modules and keys appear as the 64 hexadecimal digits of their digests. */
final class Subjects {
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

    static String lane(LaneId lane) {
        return lane.digest().hex();
    }

    static String module(ArtifactKey key) {
        return key.module().digest().hex();
    }
}
