package dev.precast.server;

import io.quarkus.runtime.configuration.ConfigurationException;
import java.util.function.Supplier;

/**
 * Makes errors that the operator can fix in the configuration or the data folder. The server prints the error in one
 * line without a stack trace and does not start.
 */
final class Refusal {
    private Refusal() {}

    static ConfigurationException because(String reason) {
        return new ConfigurationException("precast: " + reason);
    }

    /**
     * Calls {@code made} and converts its exception about an invalid value.
     *
     * @param part the part of the configuration, for the message
     * @throws ConfigurationException if {@code made} throws {@link IllegalArgumentException}
     */
    static <T> T ifInvalid(String part, Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw because(part + ": " + e.getMessage());
        }
    }
}
