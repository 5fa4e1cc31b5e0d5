package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.runtime.CompiledModule;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ExternalType;
import dev.precast.attestation.RefusedException;
import dev.precast.engine.chicory.load.ChicoryLoader;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;

/** A way to run a module from an artifact. */
enum Way {
    /** With the settings of the pack. */
    DEFAULT,
    /** Each function is in a class of its own. */
    ONE_A_CLASS,
    /** All functions are interpreted but those with a loop that has parameters, which the interpreter gets wrong. */
    ALL_INTERPRETED,
    /** Every second function is interpreted: those with even indices, or those with odd ones. */
    EVERY_SECOND;

    private static final ChicoryLoader LOADER = new ChicoryLoader();

    /** @throws RejectedException if the compile side rejects the module */
    Artifact compile(byte[] wasm) throws RejectedException {
        ChicoryConfig config = new ChicoryConfig(
                this == ONE_A_CLASS ? 1 : ChicoryConfig.defaults().functionsPerClass(), true);
        return Artifact.compiled(wasm, config, interpreted(wasm));
    }

    /** Loads an artifact as a host does. */
    static CompiledModule load(Artifact artifact) throws IOException, RefusedException {
        return artifact.load(LOADER);
    }

    /** Parses a module for the interpreter. */
    static CompiledModule interpret(byte[] wasm) {
        return LOADER.interpret(wasm);
    }

    private Set<Integer> interpreted(byte[] wasm) {
        Set<Integer> functions = new TreeSet<>();
        if (this == ALL_INTERPRETED || this == EVERY_SECOND) {
            WasmModule module;
            ModuleFeatures features;
            try {
                module = Parser.parse(wasm);
                features = new ModuleFeatures(module);
            } catch (RuntimeException e) {
                // The compile side says what is wrong with the module.
                return Set.of();
            }
            int imported = module.importSection().count(ExternalType.FUNCTION);
            int first = this == EVERY_SECOND ? wasm.length % 2 : 0;
            for (int i = first; i < module.functionSection().functionCount(); i += this == EVERY_SECOND ? 2 : 1) {
                if (!features.has(imported + i, Advisory.Condition.LOOPS_WITH_PARAMETERS)) {
                    functions.add(imported + i);
                }
            }
        }
        return functions;
    }

    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
}
