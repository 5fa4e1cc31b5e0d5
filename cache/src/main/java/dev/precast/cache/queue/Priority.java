package dev.precast.cache.queue;

/** How urgent a request is. */
public enum Priority {
    /** A client is waiting. */
    HOT,
    /** Part of a warm-up; delivered only if no hot request waits. */
    WARM
}
