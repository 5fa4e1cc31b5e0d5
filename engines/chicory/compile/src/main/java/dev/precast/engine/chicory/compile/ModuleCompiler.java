package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.internal.ClassCollector;
import com.dylibso.chicory.compiler.internal.Compiler;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import dev.precast.bundle.BundleWriter;
import dev.precast.engine.chicory.load.ChicoryFormat;
import dev.precast.module.WasmKind;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.objectweb.asm.MethodTooLargeException;

/** Compiles a module to a bundle. The same module and config give the same bytes on every run and JDK. */
final class ModuleCompiler {
    private static final String FUNCTION = "func_";

    private ModuleCompiler() {}

    /** @throws RejectedException if the module is invalid or unsupported, or hosts would refuse its classes */
    static BundleWriter compile(byte[] wasm, ChicoryConfig config) throws RejectedException {
        return compile(wasm, config, Set.of());
    }

    /**
     * Compiles a module, and interprets some functions in any case.
     *
     * @param wanted indices of functions, imported ones included in the count
     * @throws RejectedException if the module is invalid or unsupported, or hosts would refuse its classes
     */
    static BundleWriter compile(byte[] wasm, ChicoryConfig config, Set<Integer> wanted) throws RejectedException {
        WasmModule module = parse(wasm);
        ExportChecks.requireValid(module);
        TreeSet<Integer> interpreted = new TreeSet<>(wanted);
        try (ClassChecks checks = new ClassChecks()) {
            GeneratedClasses classes = generate(module, config, checks, interpreted);
            BundleWriter bundle = new BundleWriter();
            new ModuleWriter(wasm, module, interpreted).addTo(bundle);
            checks.await(classes.bytes());
            classes.bytes().forEach((name, bytes) -> bundle.add(ChicoryFormat.CLASS_PREFIX + name, bytes));
            return bundle;
        }
    }

    private static WasmModule parse(byte[] wasm) throws RejectedException {
        switch (WasmKind.of(wasm)) {
            case COMPONENT ->
                throw new RejectedException(
                        RejectedException.COMPONENT, "component: this engine compiles core modules only");
            case OTHER ->
                throw new RejectedException(RejectedException.NOT_WASM, "not a WebAssembly module of version 1");
            case MODULE -> {}
        }
        try {
            return Parser.parse(wasm);
        } catch (RuntimeException e) {
            throw new RejectedException(RejectedException.INVALID, e.toString(), e);
        }
    }

    private static GeneratedClasses generate(
            WasmModule module, ChicoryConfig config, ClassChecks checks, TreeSet<Integer> interpreted)
            throws RejectedException {
        try {
            if (config.interpretTooLarge()) {
                interpreted.addAll(TooLargeFunctions.find(module, config.functionsPerClass()));
            }
            while (true) {
                try {
                    return (GeneratedClasses) generate(
                            module, config.functionsPerClass(), interpreted, () -> new GeneratedClasses(checks));
                } catch (RuntimeException e) {
                    OptionalInt function = tooLarge(e);
                    if (function.isEmpty() || !config.interpretTooLarge() || !interpreted.add(function.getAsInt())) {
                        throw e;
                    }
                }
            }
        } catch (RuntimeException e) {
            // The compiler has no exception type for unsupported modules, so every failure counts as one.
            throw new RejectedException(RejectedException.UNSUPPORTED, e.toString(), e);
        }
    }

    /**
     * Runs the engine's compiler, which fails at the first function that is too large and not in {@code interpreted}.
     */
    static ClassCollector generate(
            WasmModule module,
            int functionsPerClass,
            TreeSet<Integer> interpreted,
            Supplier<ClassCollector> collector) {
        return Compiler.builder(module)
                .withClassName(ChicoryFormat.MAIN_CLASS.replace('/', '.'))
                .withMaxFunctionsPerClass(functionsPerClass)
                .withInterpreterFallback(InterpreterFallback.FAIL)
                .withInterpretedFunctions(interpreted)
                .withClassCollectorFactory(collector)
                .build()
                .compile()
                .collector();
    }

    /**
     * The index of the function that was too large for a JVM method; empty if the compiler failed for another reason.
     */
    static OptionalInt tooLarge(RuntimeException failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof MethodTooLargeException e && e.getMethodName().startsWith(FUNCTION)) {
                return OptionalInt.of(Integer.parseInt(e.getMethodName().substring(FUNCTION.length())));
            }
        }
        return OptionalInt.empty();
    }
}
