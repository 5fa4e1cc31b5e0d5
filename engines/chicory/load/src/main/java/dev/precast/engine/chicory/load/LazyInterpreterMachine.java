package dev.precast.engine.chicory.load;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.MStack;
import com.dylibso.chicory.runtime.StackFrame;
import com.dylibso.chicory.runtime.WasmException;
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
 *
 * <p>Three steps of the engine's interpreter suit a module that is interpreted as a whole, and are replaced. It interprets
 * what is called through a reference, even if there is generated code. A frame of a function that ends with a tail call stays
 * on the call stack. An exception of a function that is called through a table does not reach the handlers of its caller.
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
        if (!bodies.contains(funcId) && instance.function(funcId) != null) {
            callGenerated(stack, funcId, args);
            return null;
        }
        int frames = callStack.size();
        long @Nullable [] results = bodies.isWhole() || !bodies.contains(funcId)
                ? super.call(stack, instance, callStack, funcId, args, callType, popResults)
                : super.call(stack, bodies.carrier(funcId), callStack, 0, args, callType, popResults);
        while (callStack.size() > frames) {
            callStack.pop();
        }
        return results;
    }

    private void callGenerated(MStack stack, int function, long[] args) {
        long @Nullable [] results = instance().getMachine().call(function, args);
        if (results != null) {
            for (long result : results) {
                stack.push(result);
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
                    // The engine looked for a handler and removed the frames without one.
                    throw e;
                }
                THROW_REF(instance, instance.registerException(e), stack, callStack.element(), callStack);
            }
        }
    }
}
