package dev.precast.cache;

import dev.precast.cache.store.StoreException;

/** No trust policy is in force yet, so nothing can be verified. A retry may help. */
public final class NoPolicyException extends StoreException {
    private static final long serialVersionUID = 1L;

    NoPolicyException(String message) {
        super(message, true, null);
    }
}
