package dev.precast.api.auth;

import java.util.Optional;

/** Identifies callers by their bearer tokens. Implementations are thread safe and fast enough for an event loop. */
@FunctionalInterface
public interface Tokens {
    /** The caller with this token; empty if the token is not valid. */
    Optional<Caller> caller(String token);

    /** Combines two implementations: asks {@code next} about tokens that this one does not know. */
    default Tokens or(Tokens next) {
        return token -> caller(token).or(() -> next.caller(token));
    }
}
