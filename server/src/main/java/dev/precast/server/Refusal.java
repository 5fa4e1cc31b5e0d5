package dev.precast.server;

import io.quarkus.runtime.configuration.ConfigurationException;
import java.util.function.Supplier;

/** Why the server does not start, where its configuration or its folder can change that: one line, no stack trace. */
final class Refusal {
    private Refusal() {}

    static ConfigurationException because(String reason) {
        return new ConfigurationException("precast: " + reason);
    }

    /**
     * What {@code made} makes of the configuration.
     *
     * @param part of the configuration, for the message
     * @throws ConfigurationException if that finds a value out of its range
     */
    static <T> T ifOutOfRange(String part, Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw because(part + ": " + e.getMessage());
        }
    }
}
