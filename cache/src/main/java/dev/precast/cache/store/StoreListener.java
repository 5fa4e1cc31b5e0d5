package dev.precast.cache.store;

/** Hears of each call to a metered store. Must be quick and must not throw; called on the caller's thread. */
@FunctionalInterface
public interface StoreListener {
    /**
     * @param operation what was called
     * @param result what came of it
     * @param bytes written by a put that was done, or size of what a find found; else 0
     * @param nanos how long it took
     */
    void called(Operation operation, Result result, long bytes, long nanos);

    /** The verbs of the stores. */
    enum Operation {
        PUT,
        FIND,
        DELETE
    }

    /** What came of a call. */
    enum Result {
        /** Written, found or deleted. */
        DONE,
        /** It was not there; for a put, that the content was there before. */
        NOTHING,
        /** A condition, digest or size did not hold. */
        REFUSED,
        /** An exception was thrown. */
        FAILED
    }
}
