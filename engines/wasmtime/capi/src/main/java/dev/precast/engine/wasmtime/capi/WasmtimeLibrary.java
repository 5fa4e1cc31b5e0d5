package dev.precast.engine.wasmtime.capi;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;

/**
 * A shared library with Wasmtime's C API. It stays loaded as long as the process runs, since it has threads of its own.
 *
 * <p>Thread safe. It is native code with the rights of this process: load only a file that nobody else can change.
 */
public final class WasmtimeLibrary {
    private static final Linker LINKER = Linker.nativeLinker();

    private final SymbolLookup symbols;
    private final Functions functions;

    private WasmtimeLibrary(SymbolLookup symbols) {
        this.symbols = symbols;
        this.functions = new Functions(this);
    }

    /**
     * Loads a library.
     *
     * @throws IllegalArgumentException if the file is not there, cannot be loaded on this machine, or lacks a function
     */
    public static WasmtimeLibrary load(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("Wasmtime's library: there is no file " + file);
        }
        SymbolLookup symbols;
        try {
            symbols = SymbolLookup.libraryLookup(file.toAbsolutePath(), Arena.global());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("Wasmtime's library: " + file + " cannot be loaded here", e);
        }
        return new WasmtimeLibrary(symbols);
    }

    /** The first number of its version, which is all that artifacts tell; the C API itself has no word for it. */
    public int majorVersion() {
        // A function for debuggers whose name Wasmtime ends with its version.
        return IntStream.range(1, 1000)
                .filter(major -> has("set_vmctx_memory_" + major + "_0_0"))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("Wasmtime's library: its version cannot be told"));
    }

    /** Whether it has a function of that name: versions differ in what can be configured. */
    boolean has(String name) {
        return symbols.find(name).isPresent();
    }

    MethodHandle function(String name, FunctionDescriptor type) {
        return LINKER.downcallHandle(
                symbols.find(name)
                        .orElseThrow(
                                () -> new IllegalArgumentException("Wasmtime's library: it has no function " + name)),
                type);
    }

    Functions functions() {
        return functions;
    }
}
