package dev.precast.bench;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasi.WasiExitException;
import com.dylibso.chicory.wasi.WasiOptions;
import com.dylibso.chicory.wasi.WasiPreview1;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExternalType;
import dev.precast.testkit.corpus.ChicoryStubs;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The first call in a module: {@code _start} with the given arguments for a command, otherwise {@code _initialize},
 * otherwise the first exported function without parameters. A module without such an export is only instantiated.
 */
final class FirstCall {
    private static final String NONE = "(instantiate)";

    private final ChicoryReady ready;
    private final List<String> arguments;
    private final String name;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    private FirstCall(ChicoryReady ready, List<String> arguments, String name) {
        this.ready = ready;
        this.arguments = arguments;
        this.name = name;
    }

    static Called make(ChicoryReady ready, List<String> arguments) {
        FirstCall call = new FirstCall(ready, arguments, choose(ready.module()));
        String outcome = call.make();
        return new Called(call.name, outcome, call.printed.toByteArray());
    }

    private String make() {
        WasiOptions options = WasiOptions.builder()
                .withArguments(arguments)
                .withStdout(printed)
                .withStderr(printed)
                .build();
        try (WasiPreview1 wasi = WasiPreview1.builder().withOptions(options).build()) {
            return end(wasi);
        }
    }

    private String end(WasiPreview1 wasi) {
        try {
            Instance.Builder builder = Instance.builder(ready.module())
                    .withImportValues(ChicoryStubs.of(ready.module(), wasi, Set.of(), ignored -> {}))
                    .withStart(false);
            if (ready.machine() != null) {
                builder.withMachineFactory(ready.machine());
            }
            Instance instance = builder.build();
            if (!name.equals(NONE)) {
                instance.export(name).apply();
            }
            return "returned";
        } catch (WasiExitException e) {
            return "exit-" + e.exitCode();
        } catch (RuntimeException e) {
            // Stubs of imports return zeros, so the call may trap, in the same way in all modes.
            return e.getClass().getSimpleName();
        }
    }

    private static String choose(WasmModule module) {
        List<String> functions = new ArrayList<>();
        for (int i = 0; i < module.exportSection().exportCount(); i++) {
            Export export = module.exportSection().getExport(i);
            if (export.exportType() == ExternalType.FUNCTION && parameters(module, export.index()) == 0) {
                functions.add(export.name());
            }
        }
        for (String known : List.of("_start", "_initialize")) {
            if (functions.contains(known)) {
                return known;
            }
        }
        return functions.isEmpty() ? NONE : functions.get(0);
    }

    private static int parameters(WasmModule module, int function) {
        int imported = module.importSection().count(ExternalType.FUNCTION);
        return function < imported
                ? Integer.MAX_VALUE
                : module.functionSection()
                        .getFunctionType(function - imported, module.typeSection())
                        .params()
                        .size();
    }
}
