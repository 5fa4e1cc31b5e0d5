package dev.precast.engine.chicory.load;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.MStack;
import com.dylibso.chicory.runtime.StackFrame;
import com.dylibso.chicory.runtime.internal.CompilerInterpreterMachine;
import com.dylibso.chicory.wasm.types.FunctionType;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Interprets functions whose bodies the instance does not have.
 *
 * <p>The engine takes a body from the instance that it is handed, and hands the same one on to the evaluation. So the
 * first step gets an instance that carries the body, and the second the real one. Bodies that tail-call, or call
 * through a reference, take other bodies in other ways: modules with such ones are stored whole and do not come here.
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
        if (!bodies.contains(funcId)) {
            return super.call(stack, instance, callStack, funcId, args, callType, popResults);
        }
        return super.call(stack, bodies.carrier(funcId), callStack, 0, args, callType, popResults);
    }

    @Override
    protected void eval(MStack stack, Instance carrier, Deque<StackFrame> callStack) {
        super.eval(stack, instance(), callStack);
    }
}
