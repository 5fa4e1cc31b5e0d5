package dev.precast.bench;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.nio.file.Path;
import java.util.Objects;

/** Makes modules ready with Chicory alone, in each way that Chicory offers and with its default settings. */
final class ChicoryWays {
    /** The class that {@link BuildTime} generates. */
    static final String BUILT = "precast.bench.built.Module";

    private ChicoryWays() {}

    static ChicoryReady compiled(Path file) {
        WasmModule module = Parser.parse(file);
        return new ChicoryReady(
                module,
                MachineFactoryCompiler.builder(module)
                        .withInterpreterFallback(InterpreterFallback.SILENT)
                        .compile());
    }

    static ChicoryReady cached(Path file, Path folder) {
        WasmModule module = Parser.parse(file);
        return new ChicoryReady(
                module,
                MachineFactoryCompiler.builder(module)
                        .withInterpreterFallback(InterpreterFallback.SILENT)
                        .withCache(new FolderCache(folder))
                        .compile());
    }

    static ChicoryReady interpreted(Path file) {
        return new ChicoryReady(Parser.parse(file), null);
    }

    /** Loads the classes that {@link BuildTime} generated. */
    static ChicoryReady builtBefore() throws IOException, ReflectiveOperationException {
        WasmModule module;
        try (InputStream meta = Objects.requireNonNull(
                ChicoryWays.class.getResourceAsStream("/" + BUILT.replace('.', '/') + ".meta"))) {
            module = Parser.parse(meta);
        }
        Constructor<?> machine = Class.forName(BUILT + "Machine").getConstructor(Instance.class);
        return new ChicoryReady(module, instance -> {
            try {
                return (Machine) machine.newInstance(instance);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(machine + ": " + e.getMessage(), e);
            }
        });
    }
}
