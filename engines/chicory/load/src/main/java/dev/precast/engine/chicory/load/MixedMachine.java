package dev.precast.engine.chicory.load;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import org.jspecify.annotations.Nullable;

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

    private Machine machine(int function) {
        return bodies.contains(function) ? interpreter : compiled;
    }
}
