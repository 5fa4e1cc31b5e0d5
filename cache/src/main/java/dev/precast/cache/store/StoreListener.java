package dev.precast.cache.store;

/** Receives each call to a metered store, on the caller's thread. Must return quickly and must not throw. */
@FunctionalInterface
public interface StoreListener {
    /**
     * @param operation the called method
     * @param result its result
     * @param bytes bytes that a put wrote, or the size of what a find found; otherwise 0
     * @param nanos duration in nanoseconds
     */
    void called(Operation operation, Result result, long bytes, long nanos);

    /** The methods of the stores. */
    enum Operation {
        PUT,
        FIND,
        DELETE
    }

    /** The result of a call. */
    enum Result {
        /** Written, found or deleted. */
        DONE,
        /** There was no such object; for a put: the content was stored before. */
        NOTHING,
        /** A condition, digest or size did not hold. */
        REFUSED,
        /** An exception was thrown. */
        FAILED
    }
}
