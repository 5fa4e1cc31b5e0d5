package dev.precast.cache.store;

import org.jspecify.annotations.Nullable;

/** The store failed or does not answer. The message names the object. Stored data is not lost. */
public class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean retryable;

    /** @param retryable whether the same call may succeed later */
    public StoreException(String message, boolean retryable, @Nullable Throwable cause) {
        super(message, cause);
        this.retryable = retryable;
    }

    /** Whether the same call may succeed later. */
    public boolean retryable() {
        return retryable;
    }
}
