package dev.precast.cache.store;

/** Is told of each call to a metered store, on the caller's thread. Must return quickly and must not throw. */
@FunctionalInterface
public interface StoreListener {
    /**
     * @param operation the called method
     * @param result its result
     * @param bytes number of bytes that a put wrote, or size of the object that a find found; otherwise 0
     * @param nanos duration in nanoseconds
     */
    void called(Operation operation, Result result, long bytes, long nanos);

    /** A listener that tells this one, then {@code other}. */
    default StoreListener and(StoreListener other) {
        return (operation, result, bytes, nanos) -> {
            called(operation, result, bytes, nanos);
            other.called(operation, result, bytes, nanos);
        };
    }

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
        /** There was no such object; for a put: the store already had the content. */
        NOTHING,
        /** A put replaced damaged content. */
        REPAIRED,
        /** The document had another version, or the content had another digest or exceeded a size limit. */
        REFUSED,
        /** An exception was thrown. */
        FAILED
    }
}
