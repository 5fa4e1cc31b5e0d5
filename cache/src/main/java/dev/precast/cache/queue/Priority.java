package dev.precast.cache.queue;

/** How urgent a request is. */
public enum Priority {
    /** A client is waiting. */
    HOT,
    /** A warm-up. Delivered if there is no hot request. */
    WARM
}
