package dev.precast.nats;

import java.nio.file.Path;

/** The authentication of a connection. */
public sealed interface NatsLogin {
    /** No authentication. */
    record Anonymous() implements NatsLogin {}

    /** A name and a password. {@code toString} shows neither. */
    record UserPassword(String user, String password) implements NatsLogin {
        /** @throws IllegalArgumentException if one is empty */
        public UserPassword {
            if (user.isEmpty() || password.isEmpty()) {
                throw new IllegalArgumentException("NATS login: expected a user and a password, found an empty text");
            }
        }

        @Override
        public String toString() {
            return "user " + user;
        }
    }

    /** A token. */
    record Token(String token) implements NatsLogin {
        /** @throws IllegalArgumentException if it is empty */
        public Token {
            if (token.isEmpty()) {
                throw new IllegalArgumentException("NATS login: expected a token, found an empty text");
            }
        }

        @Override
        public String toString() {
            return "a token";
        }
    }

    /** @param seed file with the seed of a user's key, {@code SU…}; read at each connection */
    record Nkey(Path seed) implements NatsLogin {}

    /** @param file with a user's JWT and seed; read at each connection */
    record Credentials(Path file) implements NatsLogin {}
}
