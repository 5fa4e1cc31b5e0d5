package dev.precast.engine.endive.load;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import run.endive.runtime.CallResult;
import run.endive.runtime.Instance;
import run.endive.runtime.Machine;

/**
 * The counterpart of Chicory's {@code MixedMachine}, whose javadoc explains both. Endive passes references separately
 * from numbers.
 */
final class MixedMachine implements Machine {
    private final Machine compiled;
    private final Instance instance;
    private final InterpretedBodies bodies;
    private final ConcurrentLinkedDeque<LazyInterpreterMachine> idle = new ConcurrentLinkedDeque<>();

    MixedMachine(Machine compiled, Instance instance, InterpretedBodies bodies) {
        this.compiled = compiled;
        this.instance = instance;
        this.bodies = bodies;
    }

    @Override
    public long @Nullable [] call(int function, long[] args) {
        return run(function, machine -> machine.call(function, args));
    }

    @Override
    public long @Nullable [] call(int function, long[] args, @Nullable Object @Nullable [] refs) {
        return run(function, machine -> machine.call(function, args, refs));
    }

    @Override
    public CallResult callWithRefs(int function, long[] args, @Nullable Object @Nullable [] refs) {
        return run(function, machine -> machine.callWithRefs(function, args, refs));
    }

    private <T extends @Nullable Object> T run(int function, Function<Machine, T> call) {
        if (!bodies.contains(function)) {
            return call.apply(compiled);
        }
        LazyInterpreterMachine free = idle.pollFirst();
        LazyInterpreterMachine interpreter = free != null ? free : new LazyInterpreterMachine(instance, bodies);
        T results = call.apply(interpreter);
        // Not after an exception, which may leave values on the stacks.
        idle.addFirst(interpreter);
        return results;
    }
}
