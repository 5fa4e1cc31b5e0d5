package dev.precast.testkit.corpus;

import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasi.WasiExitException;
import com.dylibso.chicory.wasi.WasiOptions;
import com.dylibso.chicory.wasi.WasiPreview1;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;

/**
 * Assembles the WebAssembly text format with WABT's assembler, which runs as a module. Thread safe: each call uses a
 * new instance.
 */
public final class Wat {
    /** Length in characters; for longer texts it is faster to compile the assembler than to interpret it. */
    private static final int LONG_TEXT = 100_000;

    private static final WasmModule WAT2WASM = wat2wasm();

    private Wat() {}

    /**
     * The binary form of a module. Does not validate it, so that tests can create invalid modules.
     *
     * @throws IllegalArgumentException if the text does not parse; the message is the assembler's, with line and column
     */
    public static byte[] assemble(String text) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var options = WasiOptions.builder()
                .withArguments(List.of("wat2wasm", "--enable-all", "--no-check", "--output=-", "-"))
                .withStdin(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))
                .withStdout(out)
                .withStderr(err)
                .build();
        try (var wasi = WasiPreview1.builder().withOptions(options).build()) {
            var imports =
                    ImportValues.builder().addFunction(wasi.toHostFunctions()).build();
            var instance = Instance.builder(WAT2WASM).withImportValues(imports);
            if (text.length() >= LONG_TEXT) {
                instance.withMachineFactory(Compiled.MACHINE);
            }
            instance.build();
        } catch (WasiExitException e) {
            if (e.exitCode() != 0) {
                throw new IllegalArgumentException("WebAssembly text: " + err.toString(StandardCharsets.UTF_8));
            }
        }
        return out.toByteArray();
    }

    /** The compiled assembler, created on first use. */
    private static final class Compiled {
        static final Function<Instance, Machine> MACHINE = MachineFactoryCompiler.compile(WAT2WASM);
    }

    private static WasmModule wat2wasm() {
        try (var in = Wat.class.getResourceAsStream("/wat2wasm")) {
            if (in == null) {
                throw new IllegalStateException("wat2wasm: resource not found; add com.dylibso.chicory:wabt");
            }
            return Parser.parse(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
