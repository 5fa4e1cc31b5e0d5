package dev.precast.server;

import io.quarkus.runtime.configuration.ConfigurationException;

/** Why the server does not start, where its configuration or its folder can change that: one line, no stack trace. */
final class Refusal {
    private Refusal() {}

    static ConfigurationException because(String reason) {
        return new ConfigurationException("precast: " + reason);
    }
}
