package dev.precast.server;

import io.quarkus.runtime.PreventFurtherStepsException;

/** Why the server does not start, where its configuration or its folder can change that: one line, no stack trace. */
final class Refusal {
    private Refusal() {}

    static PreventFurtherStepsException because(String reason) {
        return new PreventFurtherStepsException("precast: " + reason, 1);
    }
}
