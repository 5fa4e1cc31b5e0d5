package dev.precast.engine.endive.load;

import org.jspecify.annotations.Nullable;
import run.endive.runtime.CallResult;
import run.endive.runtime.Instance;
import run.endive.runtime.Machine;

/** Runs generated code, and interprets functions without generated code. */
final class MixedMachine implements Machine {
    private final Machine compiled;
    private final Machine interpreter;
    private final InterpretedBodies bodies;

    MixedMachine(Machine compiled, Instance instance, InterpretedBodies bodies) {
        this.compiled = compiled;
        this.interpreter = new LazyInterpreterMachine(instance, bodies);
        this.bodies = bodies;
    }

    @Override
    public long @Nullable [] call(int function, long[] args) {
        return machine(function).call(function, args);
    }

    @Override
    public long @Nullable [] call(int function, long[] args, @Nullable Object @Nullable [] refs) {
        return machine(function).call(function, args, refs);
    }

    @Override
    public CallResult callWithRefs(int function, long[] args, @Nullable Object @Nullable [] refs) {
        return machine(function).callWithRefs(function, args, refs);
    }

    private Machine machine(int function) {
        return bodies.contains(function) ? interpreter : compiled;
    }
}
