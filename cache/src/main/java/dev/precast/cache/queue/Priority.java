package dev.precast.cache.queue;

/** How urgent a request is, the most urgent first. Workers take the requests of one priority before those of the next. */
public enum Priority {
    /** A client is waiting, and has no other request in the queue. */
    HOT,
    /** A client is waiting, and has up to 16 requests in the queue. */
    HOT_FEW,
    /** A client is waiting, and has more than 16 requests in the queue. */
    HOT_MANY,
    /** Part of a warm-up; delivered only if no hot request waits. */
    WARM
}
