package dev.precast.engine.chicory.compile;

import org.jspecify.annotations.Nullable;

/**
 * The engine's compiler failed at a valid module, or generated a class that hosts would refuse. Interpreting the functions at
 * which it fails may help.
 */
final class CompilerFailedException extends RejectedException {
    private static final long serialVersionUID = 1L;

    CompilerFailedException(String code, String message, @Nullable Throwable cause) {
        super(code, message, cause);
    }
}
