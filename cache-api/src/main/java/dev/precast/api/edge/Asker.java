package dev.precast.api.edge;

import java.util.Optional;

/**
 * The host whose request an edge answers.
 *
 * @param authorization the header {@code Authorization} of its request, if it has one
 */
public record Asker(Optional<String> authorization) {
    /** Hides the token. */
    @Override
    public String toString() {
        return authorization.isPresent() ? "host with a token" : "host without a token";
    }
}
