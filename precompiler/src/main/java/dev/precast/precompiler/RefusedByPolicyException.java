package dev.precast.precompiler;

import dev.precast.cache.store.StoreException;

/** The trust policy would not accept the attestation of this worker for this key. Other keys may be accepted. */
final class RefusedByPolicyException extends StoreException {
    private static final long serialVersionUID = 1L;

    RefusedByPolicyException(String message) {
        super(message, false, null);
    }
}
