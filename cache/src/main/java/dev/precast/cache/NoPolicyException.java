package dev.precast.cache;

import dev.precast.cache.store.StoreException;

/** No trust policy was read yet, so that nothing can be verified; one may be published later. */
public final class NoPolicyException extends StoreException {
    private static final long serialVersionUID = 1L;

    NoPolicyException(String message) {
        super(message, true, null);
    }
}
