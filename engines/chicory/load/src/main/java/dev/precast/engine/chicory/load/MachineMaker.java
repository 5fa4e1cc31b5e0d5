package dev.precast.engine.chicory.load;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.ChicoryException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.util.function.Function;

/**
 * Creates the machine for an instance of a module: it runs generated code, and interprets functions without generated
 * code.
 */
final class MachineMaker implements Function<Instance, Machine> {
    private final Constructor<? extends Machine> constructor;
    private final InterpretedBodies bodies;

    /** @throws NoSuchMethodException if the class does not have the form of a machine */
    MachineMaker(Class<?> main, InterpretedBodies bodies) throws NoSuchMethodException {
        this.constructor = main.asSubclass(Machine.class).getConstructor(Instance.class);
        this.bodies = bodies;
    }

    @Override
    public Machine apply(Instance instance) {
        Machine compiled = compiled(instance);
        return bodies.isEmpty() ? compiled : new MixedMachine(compiled, instance, bodies);
    }

    private Machine compiled(Instance instance) {
        try {
            return constructor.newInstance(instance);
        } catch (InvocationTargetException e) {
            throw new ChicoryException("generated machine: its constructor failed", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new ChicoryException("generated machine: its constructor failed", e);
        }
    }
}
