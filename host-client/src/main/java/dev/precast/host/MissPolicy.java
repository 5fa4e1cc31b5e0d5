package dev.precast.host;

import dev.precast.load.LocalCompiler;
import java.time.Duration;

/**
 * Decides what a load does if there is no usable artifact.
 *
 * @param <M> the engine's own type of a loaded module
 */
public sealed interface MissPolicy<M> {
    /**
     * A policy that requests a compilation from the service and waits for its end.
     *
     * @param time maximum wait, above zero
     * @param then the policy to apply if the wait ends or the compilation fails; not another {@code waitFor}
     */
    static <M> MissPolicy<M> waitFor(Duration time, MissPolicy<M> then) {
        return new WaitFor<>(time, then);
    }

    /**
     * A policy that makes a load return an interpreted module at once and requests a compilation in the background.
     * Later loads return the compiled module.
     */
    static <M> MissPolicy<M> interpretAndSwap() {
        return new InterpretAndSwap<>();
    }

    /** A policy that compiles the module in this process. */
    static <M> MissPolicy<M> compileLocally(LocalCompiler<M> compiler) {
        return new CompileLocally<>(compiler);
    }

    /** A policy that makes a load throw {@link ArtifactMissingException}. */
    static <M> MissPolicy<M> fail() {
        return new Fail<>();
    }

    /** See {@link MissPolicy#waitFor}. */
    record WaitFor<M>(Duration time, MissPolicy<M> then) implements MissPolicy<M> {
        /** @throws IllegalArgumentException if the time is not above zero, or {@code then} is a {@code waitFor} too */
        public WaitFor {
            if (time.isNegative() || time.isZero()) {
                throw new IllegalArgumentException("miss policy: expected a time above zero, found " + time);
            }
            if (then instanceof WaitFor<M>) {
                throw new IllegalArgumentException(
                        "miss policy: expected a policy other than waitFor after a waitFor, found " + then);
            }
        }
    }

    /** See {@link MissPolicy#interpretAndSwap}. */
    record InterpretAndSwap<M>() implements MissPolicy<M> {}

    /** See {@link MissPolicy#compileLocally}. */
    record CompileLocally<M>(LocalCompiler<M> compiler) implements MissPolicy<M> {}

    /** See {@link MissPolicy#fail}. */
    record Fail<M>() implements MissPolicy<M> {}
}
