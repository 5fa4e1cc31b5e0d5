package dev.precast.nats;

import java.nio.file.Path;

/** How a connection proves who it is. */
public sealed interface NatsLogin {
    /** Not at all. */
    record Anonymous() implements NatsLogin {}

    /** A name and a password; neither is ever printed. */
    record UserPassword(String user, String password) implements NatsLogin {
        /** @throws IllegalArgumentException if one of them is empty */
        public UserPassword {
            if (user.isEmpty() || password.isEmpty()) {
                throw new IllegalArgumentException("NATS login: expected a user and a password, found an empty one");
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
                throw new IllegalArgumentException("NATS login: expected a token, found an empty one");
            }
        }

        @Override
        public String toString() {
            return "a token";
        }
    }

    /** @param seed file with the seed of a user's key, {@code SU…}; read at each connect */
    record Nkey(Path seed) implements NatsLogin {}

    /** @param file with a user's JWT and seed; read at each connect */
    record Credentials(Path file) implements NatsLogin {}
}
