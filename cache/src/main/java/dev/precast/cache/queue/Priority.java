package dev.precast.cache.queue;

/** How urgent a request is. */
public enum Priority {
    /** Somebody waits. */
    HOT,
    /** A warm-up; taken where no hot request stands. */
    WARM
}
