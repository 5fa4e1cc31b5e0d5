package dev.precast.engine.endive.load;

import java.util.Deque;
import org.jspecify.annotations.Nullable;
import run.endive.runtime.CallResult;
import run.endive.runtime.Instance;
import run.endive.runtime.MStack;
import run.endive.runtime.StackFrame;
import run.endive.runtime.WasmException;
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
        if (!bodies.contains(funcId) && instance.function(funcId) != null) {
            callGenerated(stack, funcId, args, refArgs);
            return null;
        }
        int frames = callStack.size();
        long @Nullable [] results = bodies.isWhole() || !bodies.contains(funcId)
                ? super.call(stack, instance, callStack, funcId, args, refArgs, callType, popResults)
                : super.call(stack, bodies.carrier(funcId), callStack, 0, args, refArgs, callType, popResults);
        while (callStack.size() > frames) {
            callStack.pop();
        }
        return results;
    }

    private void callGenerated(MStack stack, int function, long[] args, @Nullable Object @Nullable [] refs) {
        FunctionType type = instance().type(instance().functionType(function));
        if (!type.hasObjectRefReturns()) {
            long @Nullable [] results = instance().getMachine().call(function, args, refs);
            if (results != null) {
                for (long result : results) {
                    stack.push(result);
                }
            }
            return;
        }
        CallResult results = instance().getMachine().callWithRefs(function, args, refs);
        for (int i = 0; i < type.returns().size(); i++) {
            if (type.returns().get(i).isObjectRef()) {
                stack.pushRef(results.refResult(i));
            } else {
                stack.push(results.longResult(i));
            }
        }
    }

    @Override
    protected void eval(MStack stack, Instance carrier, Deque<StackFrame> callStack) {
        Instance instance = bodies.isWhole() ? carrier : instance();
        while (true) {
            try {
                super.eval(stack, instance, callStack);
                return;
            } catch (WasmException e) {
                if (callStack.isEmpty()) {
                    throw e;
                }
                THROW_REF(instance, instance.registerException(e), stack, callStack.element(), callStack);
            }
        }
    }
}
