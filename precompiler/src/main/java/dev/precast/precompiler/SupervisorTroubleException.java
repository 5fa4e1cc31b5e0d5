package dev.precast.precompiler;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The worker could not start or watch a child, because this machine lacks a process, a thread, memory, a file
 * descriptor or disk space. Says nothing about the module.
 */
final class SupervisorTroubleException extends IOException {
    private static final long serialVersionUID = 1;

    SupervisorTroubleException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
