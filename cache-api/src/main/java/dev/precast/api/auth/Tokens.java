package dev.precast.api.auth;

import java.util.Optional;

/** Tells who carries a bearer token. Implementations are thread safe and quick enough for an event loop. */
@FunctionalInterface
public interface Tokens {
    /** Who it is; empty if the token proves nothing. */
    Optional<Caller> caller(String token);

    /** Asks {@code next} where this does not know the token. */
    default Tokens or(Tokens next) {
        return token -> caller(token).or(() -> next.caller(token));
    }
}
