package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.compiler.internal.ByteClassCollector;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.CodeSection;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionBody;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds the functions that are too large for a JVM method, before the whole module is compiled.
 *
 * <p>The engine's compiler starts over for each such function; with ten of them this costs more than compiling the
 * module once. So this class first compiles a copy of the module that has only the largest bodies. If it misses a
 * function, the compiler merely starts over once more.
 */
final class TooLargeFunctions {
    /**
     * A function whose body has more instructions than this is a suspect. The smallest known body with over 64 KiB of
     * JVM code has 16,448 instructions.
     */
    private static final int SUSPICIOUS_INSTRUCTIONS = 14_000;

    private static final FunctionBody UNREACHABLE = unreachable();

    private TooLargeFunctions() {}

    /** @param interpreted functions to leave out, because they are not compiled */
    static TreeSet<Integer> find(WasmModule module, int functionsPerClass, Set<Integer> interpreted) {
        TreeSet<Integer> suspects = new TreeSet<>();
        int imported = module.importSection().count(ExternalType.FUNCTION);
        CodeSection code = module.codeSection();
        for (int i = 0; i < code.functionBodyCount(); i++) {
            if (code.getFunctionBody(i).instructions().size() > SUSPICIOUS_INSTRUCTIONS
                    && !interpreted.contains(imported + i)) {
                suspects.add(imported + i);
            }
        }
        TreeSet<Integer> tooLarge = new TreeSet<>();
        while (!suspects.isEmpty()) {
            int lastGroup = suspects.last() / functionsPerClass;
            try {
                ModuleCompiler.generate(
                        only(module, suspects), functionsPerClass, tooLarge, () -> new UntilGroup(lastGroup));
                break;
            } catch (EnoughException e) {
                break;
            } catch (RuntimeException e) {
                OptionalInt function = ModuleCompiler.tooLarge(e);
                if (function.isEmpty()) {
                    // A failure of another kind. Compiling the whole module will report it.
                    break;
                }
                tooLarge.add(function.getAsInt());
                suspects.remove(function.getAsInt());
                // Earlier groups compiled without failure, so none of their functions is too large.
                suspects.headSet(function.getAsInt() / functionsPerClass * functionsPerClass)
                        .clear();
            }
        }
        return tooLarge;
    }

    /** A copy of the module with only the bodies of {@code suspects}. */
    static WasmModule only(WasmModule module, Set<Integer> suspects) {
        int imported = module.importSection().count(ExternalType.FUNCTION);
        CodeSection.Builder code = CodeSection.builder();
        for (int i = 0; i < module.codeSection().functionBodyCount(); i++) {
            code.addFunctionBody(
                    suspects.contains(imported + i) ? module.codeSection().getFunctionBody(i) : UNREACHABLE);
        }
        WasmModule.Builder builder = WasmModule.builder()
                .withValidation(false)
                .setTypeSection(module.typeSection())
                .setImportSection(module.importSection())
                .setFunctionSection(module.functionSection())
                .setTableSection(module.tableSection())
                .setGlobalSection(module.globalSection())
                .setElementSection(module.elementSection())
                .setCodeSection(code.build());
        module.memorySection().ifPresent(builder::setMemorySection);
        module.tagSection().ifPresent(builder::setTagSection);
        return builder.build();
    }

    private static FunctionBody unreachable() {
        byte[] module = {0, 'a', 's', 'm', 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 5, 1, 3, 0, 0x00, 0x0b};
        return Parser.parse(module).codeSection().getFunctionBody(0);
    }

    /** Stops the compiler after the last group (generated class) that contains a suspect. */
    private static final class UntilGroup extends ByteClassCollector {
        private static final String GROUP = "FuncGroup_";
        private final int last;

        UntilGroup(int last) {
            this.last = last;
        }

        @Override
        public void put(String className, byte[] bytes) {
            int group = className.indexOf(GROUP);
            if (group > 0 && Integer.parseInt(className.substring(group + GROUP.length())) >= last) {
                throw new EnoughException();
            }
        }
    }

    private static final class EnoughException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        EnoughException() {
            super(null, null, false, false);
        }
    }
}
