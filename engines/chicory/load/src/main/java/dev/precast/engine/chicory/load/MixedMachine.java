package dev.precast.engine.chicory.load;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.jspecify.annotations.Nullable;

/**
 * Runs generated code, and interprets functions without generated code.
 *
 * <p>Each entry into the interpreter has an interpreter with stacks of its own. An exception that leaves an interpreted
 * function is looked up in the interpreter's own frames; with shared stacks, it would find a handler of an outer entry,
 * beyond the generated code in between, and run the rest of the outer function inside the inner one. Thread safe.
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
        if (!bodies.contains(function)) {
            return compiled.call(function, args);
        }
        LazyInterpreterMachine free = idle.pollFirst();
        LazyInterpreterMachine interpreter = free != null ? free : new LazyInterpreterMachine(instance, bodies);
        long[] results = interpreter.call(function, args);
        // Not after an exception, which may leave values on the stacks.
        idle.addFirst(interpreter);
        return results;
    }
}
