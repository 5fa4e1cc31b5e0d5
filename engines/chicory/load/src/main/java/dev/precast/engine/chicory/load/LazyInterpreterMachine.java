package dev.precast.engine.chicory.load;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.MStack;
import com.dylibso.chicory.runtime.StackFrame;
import com.dylibso.chicory.runtime.internal.CompilerInterpreterMachine;
import com.dylibso.chicory.wasm.types.FunctionType;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Interprets functions whose bodies are not part of the instance.
 *
 * <p>The engine takes a body from the given instance and then evaluates it with the same instance. This class passes an
 * instance with the body to the first step and the real instance to the second. If interpreted bodies use tail calls or
 * calls through references, the bundle contains the whole module, because such bodies run other bodies directly; then the
 * real instance has all bodies.
 */
final class LazyInterpreterMachine extends CompilerInterpreterMachine {
    private final InterpretedBodies bodies;

    LazyInterpreterMachine(Instance instance, InterpretedBodies bodies) {
        super(instance, bodies.functions());
        this.bodies = bodies;
    }

    @Override
    protected long @Nullable [] call(
            MStack stack,
            Instance instance,
            Deque<StackFrame> callStack,
            int funcId,
            long[] args,
            @Nullable FunctionType callType,
            boolean popResults) {
        if (bodies.isWhole() || !bodies.contains(funcId)) {
            return super.call(stack, instance, callStack, funcId, args, callType, popResults);
        }
        return super.call(stack, bodies.carrier(funcId), callStack, 0, args, callType, popResults);
    }

    @Override
    protected void eval(MStack stack, Instance carrier, Deque<StackFrame> callStack) {
        super.eval(stack, bodies.isWhole() ? carrier : instance(), callStack);
    }
}
