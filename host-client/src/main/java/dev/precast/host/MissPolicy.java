package dev.precast.host;

import dev.precast.load.LocalCompiler;
import java.time.Duration;

/**
 * What a load does when there is no artifact.
 *
 * @param <M> the engine's own type of a loaded module
 */
public sealed interface MissPolicy<M> {
    /**
     * Has it compiled by the service and waits.
     *
     * @param time how long, above zero
     * @param then what to do after that, or at once if the service says that it will not come; no other waiting
     */
    static <M> MissPolicy<M> waitFor(Duration time, MissPolicy<M> then) {
        return new WaitFor<>(time, then);
    }

    /** Gives an interpreted module, has it compiled in the background, and gives the compiled one to later loads. */
    static <M> MissPolicy<M> interpretAndSwap() {
        return new InterpretAndSwap<>();
    }

    /** Compiles in this process. */
    static <M> MissPolicy<M> compileLocally(LocalCompiler<M> compiler) {
        return new CompileLocally<>(compiler);
    }

    /** Throws {@link ArtifactMissingException}. */
    static <M> MissPolicy<M> fail() {
        return new Fail<>();
    }

    /** See {@link MissPolicy#waitFor}. */
    record WaitFor<M>(Duration time, MissPolicy<M> then) implements MissPolicy<M> {
        /** @throws IllegalArgumentException if the time is not above zero, or the next policy waits too */
        public WaitFor {
            if (time.isNegative() || time.isZero()) {
                throw new IllegalArgumentException("miss policy: expected a time above zero, found " + time);
            }
            if (then instanceof WaitFor<M>) {
                throw new IllegalArgumentException("miss policy: after waiting comes another policy, found " + then);
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
