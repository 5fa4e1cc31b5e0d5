package dev.precast.testkit.corpus;

import com.dylibso.chicory.runtime.ByteArrayMemory;
import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportGlobal;
import com.dylibso.chicory.runtime.ImportMemory;
import com.dylibso.chicory.runtime.ImportTable;
import com.dylibso.chicory.runtime.ImportTag;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.runtime.TagInstance;
import com.dylibso.chicory.wasi.WasiPreview1;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.GlobalImport;
import com.dylibso.chicory.wasm.types.MemoryImport;
import com.dylibso.chicory.wasm.types.Table;
import com.dylibso.chicory.wasm.types.TableImport;
import com.dylibso.chicory.wasm.types.TagImport;
import com.dylibso.chicory.wasm.types.Value;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Imports that replace the JavaScript around a module. WASI functions are real; Emscripten's {@code invoke_…} functions
 * call the given function; other functions return zeros; memories, tables and globals are new. Every compared engine
 * gets the same imports, so that differences come from the engine.
 */
public final class ChicoryStubs {
    private ChicoryStubs() {}

    /**
     * The imports of one instance.
     *
     * @param copying imports, as {@code module.name}, that copy memory; their parameters are to, from, length
     * @param called receives each call of a stub as {@code module.name[arguments]}
     */
    @SuppressWarnings("deprecation") // Endive deprecates this constructor of globals; Chicory has no other
    public static ImportValues of(WasmModule module, WasiPreview1 wasi, Set<String> copying, Consumer<String> called) {
        var values = ImportValues.builder();
        var wasiFunctions = List.of(wasi.toHostFunctions());
        for (int i = 0; i < module.importSection().importCount(); i++) {
            switch (module.importSection().getImport(i)) {
                case FunctionImport f -> {
                    var real = wasiFunctions.stream()
                            .filter(w ->
                                    w.module().equals(f.module()) && w.name().equals(f.name()))
                            .findFirst();
                    var type = module.typeSection().getType(f.typeIndex());
                    values.addFunction(real.orElseGet(() ->
                            new HostFunction(f.module(), f.name(), type, (instance, args) -> {
                                String name = f.module() + "." + f.name();
                                called.accept(name + Arrays.toString(args));
                                if (copying.contains(name)) {
                                    instance.memory().copy((int) args[0], (int) args[1], (int) args[2]);
                                    return new long[type.returns().size()];
                                }
                                return f.name().startsWith("invoke_")
                                        ? invoke(instance, args)
                                        : new long[type.returns().size()];
                            })));
                }
                case MemoryImport m ->
                    values.addMemory(new ImportMemory(m.module(), m.name(), new ByteArrayMemory(m.limits())));
                case TableImport t ->
                    values.addTable(new ImportTable(
                            t.module(),
                            t.name(),
                            new TableInstance(new Table(t.entryType(), t.limits()), Value.REF_NULL_VALUE)));
                case GlobalImport g ->
                    values.addGlobal(new ImportGlobal(
                            g.module(), g.name(), new GlobalInstance(0, 0, g.type(), g.mutabilityType())));
                case TagImport t -> values.addTag(new ImportTag(t.module(), t.name(), new TagInstance(t.tagType())));
                default ->
                    throw new IllegalArgumentException(
                            "import: unknown kind: " + module.importSection().getImport(i));
            }
        }
        return values.build();
    }

    /** Calls a function of the table. The first argument is the index of the function, the rest are its arguments. */
    private static long[] invoke(Instance instance, long[] args) {
        int function = instance.table(0).requiredRef((int) args[0]);
        return instance.getMachine().call(function, Arrays.copyOfRange(args, 1, args.length));
    }
}
