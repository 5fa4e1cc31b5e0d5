package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.internal.ClassCollector;
import com.dylibso.chicory.compiler.internal.Compiler;
import com.dylibso.chicory.wasm.InvalidException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import dev.precast.bundle.BundleWriter;
import dev.precast.engine.chicory.load.ChicoryFormat;
import dev.precast.module.WasmKind;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import org.objectweb.asm.MethodTooLargeException;

/** Compiles a module to a bundle. The same module and config give the same bytes on every run and JDK. */
final class ModuleCompiler {
    private static final String FUNCTION = "func_";

    /** With more interpreted functions, methods of the main class are too large for a JVM. */
    private static final int MAX_INTERPRETED = 2_000;

    /** In this order: the blocks of tail calls have no parameters. */
    private static final List<Function<WasmModule, BodyRewriter>> REWRITERS =
            List.of(BlockParameters::new, TailCallExits::new);

    private final WasmModule module;
    private final ModuleFeatures features;
    private final ChicoryConfig config;
    private final Advisories advisories;
    private final TreeSet<Integer> interpreted;

    private ModuleCompiler(
            WasmModule module,
            ModuleFeatures features,
            ChicoryConfig config,
            Advisories advisories,
            Set<Integer> wanted) {
        this.module = module;
        this.features = features;
        this.config = config;
        this.advisories = advisories;
        this.interpreted = new TreeSet<>(wanted);
    }

    /**
     * Compiles a module. Functions that the compiler gets wrong, or at which it fails, are interpreted.
     *
     * @param wanted indices of functions to interpret in any case, imported ones included in the count
     * @throws RejectedException if the module is invalid or unsupported, or hosts would refuse its classes
     */
    static BundleWriter compile(byte[] wasm, ChicoryConfig config, Advisories advisories, Set<Integer> wanted)
            throws RejectedException {
        WasmModule original = parse(wasm);
        ExportChecks.requireValid(original);
        TableChecks.requireValid(original);
        byte[] source = rewritten(wasm, original);
        WasmModule module = Arrays.equals(source, wasm) ? original : parse(source);
        ModuleCompiler compiler = new ModuleCompiler(module, features(module), config, advisories, wanted);
        Map<String, byte[]> classes = compiler.classes();
        BundleWriter bundle = new BundleWriter();
        new ModuleWriter(source, module, compiler.interpreted, new SplitFunctions(module, compiler.features.split()))
                .addTo(bundle);
        classes.forEach((name, bytes) -> bundle.add(ChicoryFormat.CLASS_PREFIX + name, bytes));
        return bundle;
    }

    /** The module without what the engine gets wrong and other instructions can do. */
    static byte[] rewritten(byte[] wasm, WasmModule module) throws RejectedException {
        byte[] source = wasm;
        WasmModule read = module;
        for (Function<WasmModule, BodyRewriter> rewriter : REWRITERS) {
            byte[] before = source;
            BodyRewriter bodies = rewriter.apply(read);
            Optional<byte[]> after = requireTypes(() -> bodies.rewrite(before));
            if (after.isPresent()) {
                source = after.get();
                read = parse(source);
            }
        }
        return source;
    }

    private static ModuleFeatures features(WasmModule module) throws RejectedException {
        return requireTypes(() -> new ModuleFeatures(module));
    }

    private static <T> T requireTypes(Supplier<T> reader) throws RejectedException {
        try {
            return reader.get();
        } catch (RuntimeException e) {
            // The engine's validator does not see all that is missing, such as the type of an import.
            throw new RejectedException(RejectedException.INVALID, e.toString(), e);
        }
    }

    private Map<String, byte[]> classes() throws RejectedException {
        try {
            return attempt();
        } catch (CompilerFailedException first) {
            if (!config.interpretTooLarge() || features.usesVectors()) {
                throw first;
            }
            List<Integer> suspects = features.functions().stream()
                    .filter(function -> !interpreted.contains(function))
                    .toList();
            interpreted.addAll(FailingFunctions.find(module, config.functionsPerClass(), suspects, interpreted));
            try {
                return attempt();
            } catch (CompilerFailedException second) {
                throw first;
            }
        }
    }

    private Map<String, byte[]> attempt() throws RejectedException {
        advisories.apply(features, interpreted);
        try (ClassChecks checks = new ClassChecks()) {
            GeneratedClasses classes;
            do {
                requireInterpretable();
                classes = generate(() -> new GeneratedClasses(checks));
            } while (advisories.apply(features, interpreted));
            checks.await(classes.bytes());
            return classes.bytes();
        }
    }

    private void requireInterpretable() throws RejectedException {
        if (!interpreted.isEmpty() && !config.interpretTooLarge()) {
            throw new RejectedException(
                    RejectedException.UNSUPPORTED,
                    "advisories: functions " + interpreted + " must be interpreted, which the config does not allow");
        }
        if (interpreted.size() > MAX_INTERPRETED) {
            throw new RejectedException(
                    RejectedException.UNSUPPORTED,
                    "functions that must be interpreted: at most " + MAX_INTERPRETED + ", found " + interpreted.size());
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

    private GeneratedClasses generate(Supplier<ClassCollector> collector) throws RejectedException {
        try {
            if (config.interpretTooLarge()) {
                interpreted.addAll(TooLargeFunctions.find(module, config.functionsPerClass(), interpreted));
            }
            while (true) {
                try {
                    return (GeneratedClasses) generate(module, config.functionsPerClass(), interpreted, collector);
                } catch (RuntimeException e) {
                    OptionalInt function = tooLarge(e);
                    if (function.isEmpty() || !config.interpretTooLarge() || !interpreted.add(function.getAsInt())) {
                        throw e;
                    }
                }
            }
        } catch (InvalidException e) {
            throw new RejectedException(RejectedException.INVALID, e.toString(), e);
        } catch (RuntimeException e) {
            // The compiler has no exception type for unsupported modules, so every other failure counts as one.
            throw new CompilerFailedException(RejectedException.UNSUPPORTED, e.toString(), e);
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
