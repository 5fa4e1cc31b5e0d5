package dev.precast.engine.endive.load;

import java.util.Deque;
import org.jspecify.annotations.Nullable;
import run.endive.runtime.Instance;
import run.endive.runtime.MStack;
import run.endive.runtime.StackFrame;
import run.endive.runtime.internal.CompilerInterpreterMachine;
import run.endive.wasm.types.FunctionType;

/**
 * The counterpart of Chicory's {@code LazyInterpreterMachine}, whose javadoc explains both classes. Endive passes
 * references separately from numbers.
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
            @Nullable Object @Nullable [] refArgs,
            @Nullable FunctionType callType,
            boolean popResults) {
        if (bodies.isWhole() || !bodies.contains(funcId)) {
            return super.call(stack, instance, callStack, funcId, args, refArgs, callType, popResults);
        }
        return super.call(stack, bodies.carrier(funcId), callStack, 0, args, refArgs, callType, popResults);
    }

    @Override
    protected void eval(MStack stack, Instance carrier, Deque<StackFrame> callStack) {
        super.eval(stack, bodies.isWhole() ? carrier : instance(), callStack);
    }
}
